/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's side of <kouan/msg.h>: makes a message out of a proven tree. */
#ifndef KOUAN_XML_MSG_H
#define KOUAN_XML_MSG_H

#include <kouan/msg.h>
#include <libxml/tree.h>

typedef struct kn_msg_facts {
    const char *partner;
    const char *digest; /* base64 DigestValue of the business message */
    bool in_shell;
    kn_card card; /* NULL members count as "" */
} kn_msg_facts;

/* doc    the verified tree, Signature detached; taken on success, the caller's on failure
 * facts  copied
 * NULL:  KN_E_MSG_UNKNOWN_ROOT (no root), KN_E_FIELD_MISSING / _FIELD_FORMAT (the root's guid is
 *        absent, or not 36 upper-case characters) */
kn_msg *kn_msg_new(xmlDoc *doc, const kn_msg_facts *facts, GError **err);
void kn_msg_free(kn_msg *msg);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_msg, kn_msg_free)

/* The tree, borrowed. */
xmlDoc *kn_msg_doc(const kn_msg *msg);

#endif
