/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of answers share: answer.c (rows, onward, dead letters), answer_receipt.c and
 * answer_shell.c.  false: KN_E_ENGINE_ERROR (a key, a topic), KN_E_OUTPUT_TOO_BIG. */
#ifndef KOUAN_LANE_ANSWER_PRIV_H
#define KOUAN_LANE_ANSWER_PRIV_H

#include "lane/lane_priv.h"

/* Borrowed for the call. */
typedef struct kn_outgoing {
    const char *topic; /* destination */
    const char *key;   /* home key; "" or NULL: the incoming record's, so that order is kept */
    const char *guid, *type, *receiver;
    GString *bytes;
    const char *ori_guid;
} kn_outgoing;

/* Id of an output: derived from the engine's secret and the coordinates, so that the same input gives
 * the same id however often it is decided (EXACTLY_ONCE §7.1). */
void kn_answer_guid(const kn_lane *lane, const kn_item *item, const char *purpose, int idx,
                    char out[37]);
/* One more row among the item's outputs. */
bool kn_answer_add(kn_lane *lane, kn_item *item, const kn_outgoing *o, GError **err);
/* The engine's key for what this partner gets; NULL with err. */
const kn_signer *kn_answer_signer(const kn_lane *lane, const kn_partner *partner, GError **err);
bool kn_answer_sign(kn_lane *lane, const kn_signer *signer, const kn_canonical *doc, GString *out,
                    GError **err);

bool kn_answer_receipt(kn_lane *lane, kn_item *item, const kn_partner *to, const kn_receipt *r,
                       const kn_decision *d, GError **err);

/* Receipt in a shell of our own, when the request came in one; *bytes is replaced. */
bool kn_answer_wrap(kn_lane *lane, const kn_item *item, const kn_partner *partner, const char *guid,
                    const char *type, GString **bytes, GError **err);
/* The partner's charset: a document in GB18030 has its declaration, its signature is good as ever, since what is
 * signed is the canonical form. */
bool kn_answer_encode(const kn_partner *partner, GString *bytes, GError **err);
/* A DxpRep beside the receipt, where the partner's entry asks for one (EPORT §4). */
bool kn_answer_transport(kn_lane *lane, kn_item *item, const kn_decision *d, GError **err);
/* The accepted message to each other receiver of its shell, one shell of ours for each. */
bool kn_answer_forward(kn_lane *lane, kn_item *item, GError **err);

#endif
