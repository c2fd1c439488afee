/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal-node shell dxp:DxpMsg, alone or in a transport-node shell dxp:DxpMsgSv, and the answer to either,
 * dxp:DxpRep.
 * source   EPORT §1, CODES §9.1, schemas/xsd/dxp-terminal.xsd
 */
#ifndef KOUAN_XML_DXP_H
#define KOUAN_XML_DXP_H

#include "xml/write.h"

#include <libxml/tree.h>

#define KN_DXP_NS "http://www.chinaport.gov.cn/dxp"
#define KN_DXP_RECEIVERS_MAX 5
#define KN_DXP_KEYS_MAX 5

typedef struct kn_dxp {
    char *cop_msg_id;                      /* 1..255 */
    char *sender;                          /* SenderId, 1..16 */
    char *receivers[KN_DXP_RECEIVERS_MAX]; /* ReceiverId, 1..16 each */
    size_t n_receivers;                    /* 1..5 */
    char *create_time;                     /* CreatTime as sent, trimmed */
    char *msg_type;                        /* up to 30 */
    GByteArray *data;                      /* the business message, decoded */
    char *file_name;                       /* AddInfo, NULL when absent, as all below */
    char *ic_card;                         /* up to 13 */
    char *key_names[KN_DXP_KEYS_MAX];
    char *key_values[KN_DXP_KEYS_MAX];
    size_t n_keys;
    char *text_encode; /* IsText/@Encode, up to 50; charset of Data where it is text */
    char *rec_map_id;
} kn_dxp;

void kn_dxp_clear(kn_dxp *dxp);

/* This element of KN_DXP_NS?  node may be NULL. */
bool kn_dxp_element(const xmlNode *node, const char *local);
/* The DxpMsg element: the root, or what the root DxpMsgSv holds; NULL: it is no shell. */
const xmlNode *kn_dxp_msg(const xmlDoc *doc);
bool kn_dxp_is(const xmlDoc *doc);
/* It is a DxpMsgSv. */
bool kn_dxp_is_sv(const xmlDoc *doc);
/* Reads the verified tree by fixed path.  out must be empty.
 * false: KN_E_SHELL_BAD (element missing or out of order, no base64, empty Data); out untouched. */
bool kn_dxp_open(const xmlDoc *doc, kn_dxp *out, GError **err);
/* TransInfo alone, of a tree nobody has proven: to be told back, never to be acted on.  false: it is not one that
 * may be told back (an element missing, out of order, or of a length it cannot have). */
bool kn_dxp_head(const xmlNode *msg, kn_dxp *out);
/* A shell around given bytes, in canonical form, to be signed by kn_xml_sign_canonical.
 * dxp->data is ignored; the payload is bytes[len].  false: KN_E_SHELL_BAD (member out of range). */
bool kn_dxp_write(kn_writer *writer, const kn_dxp *dxp, const char *bytes, size_t len,
                  kn_canonical **out, GError **err);

/* The answer to a shell (EPORT §4).  Everything borrowed. */
typedef struct kn_dxp_rep {
    const char *receiver;    /* whose shell it was */
    const char *code, *info; /* four digits; info up to 300 characters or NULL */
    const char *date;        /* YYYY-MM-DD */
    const kn_dxp *head;      /* TransInfo of the shell; more than one receiver: a result for each */
} kn_dxp_rep;
/* In canonical form, to be signed.  false: KN_E_SHELL_BAD. */
bool kn_dxp_write_rep(kn_writer *writer, const kn_dxp_rep *rep, kn_canonical **out, GError **err);

#endif
