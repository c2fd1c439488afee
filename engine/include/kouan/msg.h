/* SPDX-License-Identifier: Apache-2.0 */
/* Message: one business message, parsed once, proven, checked; what a handler decides about.
 * The tree is the very tree whose digest was verified, Signature detached.
 *
 * ownership  everything returned is borrowed and lives as long as the message
 * threads    a message belongs to one lane
 */
#ifndef KOUAN_MSG_H
#define KOUAN_MSG_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct kn_msg kn_msg;
typedef struct kn_node kn_node; /* an element of the message */

/* Facts about who speaks: from certificates and partner entries, never from business fields
 * (unless .stated: the portal's entry has may_state_card_facts).  DESIGN §5; EPORT §3. */
typedef struct kn_card {
    const char *number;       /* 13 characters; "" when unknown */
    const char *holder_class; /* "legal" 法人卡, "operator" 操作员卡, "" unknown */
    const char *uscc;         /* 统一社会信用代码 or "" */
    const char *orgcode;      /* 组织机构代码 or "" */
    const char *customs10[2]; /* 海关十位编码 or "" */
    const char *enterprise;   /* enterprise name or "" */
    const char *serial;       /* certificate serial, hex; "" when stated by the portal */
    bool signed_;             /* the card's key signed this business message */
    bool stated;              /* some fact was stated by the portal instead of the certificate */
} kn_card;

const char *kn_msg_type(const kn_msg *msg); /* root's local name */
const char *kn_msg_ns(const kn_msg *msg);   /* root's namespace URI or "" */
const char *kn_msg_guid(const kn_msg *msg); /* 36 characters, upper case */
const char *kn_msg_partner(
    const kn_msg *msg); /* id of the proven partner: portal, enterprise, customs */
const char *kn_msg_digest(const kn_msg *msg);  /* base64 DigestValue of the business message */
bool kn_msg_in_shell(const kn_msg *msg);       /* came inside a DxpMsg */
const kn_card *kn_msg_card(const kn_msg *msg); /* never NULL; members "" where unknown */

/* Reading by fixed path from the root, '/' between local names; never "find any element named".
 * kn_msg_text: white space trimmed; NULL = element absent, "" = present and empty. */
kn_node *kn_msg_node(const kn_msg *msg, const char *path); /* first match, or NULL; "" = the root */
const char *kn_msg_text(const kn_msg *msg, const char *path);
const char *kn_node_text(const kn_msg *msg, kn_node *parent, const char *path);
/* Next child element of parent with this local name after prev (NULL = first). */
kn_node *kn_node_next(kn_node *parent, const char *name, kn_node *prev);

#endif
