/* SPDX-License-Identifier: Apache-2.0 */
/* Our receipt document, rcp:Receipt in urn:kouan:receipt:1 (schemas/xsd/receipt.xsd).
 * A plain struct in, a canonical document out; the lane fills the struct.
 * source   EPORT §4, MS-05, MS-07, MS-08, XML_SECURITY §10
 */
#ifndef KOUAN_XML_RECEIPT_H
#define KOUAN_XML_RECEIPT_H

#include "xml/trap.h"
#include "xml/verify.h"
#include "xml/write.h"

#include <kouan/error.h>

#define KN_RECEIPT_NS "urn:kouan:receipt:1"
#define KN_RECEIPT_INFO_MAX 300 /* characters of returnInfo and of a detail; longer is cut */

typedef struct kn_receipt_pair {
    const char *name; /* an element name */
    const char *value;
} kn_receipt_pair;

typedef struct kn_receipt_error {
    kn_error code; /* gives receipt code, name and text */
    const char *path;
    const char *rule;
    const char *detail;
    bool warning;
} kn_receipt_error;

/* Everything is borrowed for the call.  Strings may be NULL or "" where marked ?: left out. */
typedef struct kn_receipt_data {
    const char *guid;        /* 36 characters */
    bool business;           /* receiptKind: business, otherwise technical */
    const char *ori_guid;    /* ? unreadable message: none */
    const char *ori_type;    /* "Unknown" when NULL */
    const char *sender_id;   /* the engine's id */
    const char *receiver_id; /* partner, ? */
    bool final;
    const kn_receipt_pair *keys; /* n_keys */
    size_t n_keys;
    int return_status;
    const char *return_time;        /* yyyyMMddHHmmssfff */
    const char *return_info;        /* NULL: the error's Chinese text */
    kn_error code;                  /* KN_E_OK or why it was refused: resultCode, errorName */
    const kn_error_row *own;        /* ? a handler's own reason, told instead of the code */
    const char *rule;               /* ? */
    const char *field;              /* ? */
    const char *detail;             /* ? */
    const kn_receipt_error *errors; /* n_errors */
    size_t n_errors;
    const kn_why *why;              /* ? a signature failed: finding */
    const char *certificate_serial; /* ? belongs to the finding */
    const kn_trap *trap;            /* ? the mistake that was made; named in returnInfo, too */
    const char *state_code;         /* ? State is written when given */
    const char *state_name;
    const char *state_label;
    const char *const *actions; /* n_actions */
    size_t n_actions;
    const char *card_no; /* ? */
    bool card_facts_stated;
    const json_t *body; /* ? object: elements below Body */
} kn_receipt_data;

/* false: KN_E_ENGINE_ERROR (a key or body member is no element name). */
bool kn_receipt_write(kn_writer *writer, const kn_receipt_data *data, kn_canonical **out,
                      GError **err);

#endif
