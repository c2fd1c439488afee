/* SPDX-License-Identifier: Apache-2.0 */
/* Handler: pure function (context, message, records asked for) -> decision, and its tables.
 * No clock, random, SQL, socket, locale or changing static in a handler: the same answer however
 * often it is entered, so recovery, audit, shadow replay and fuzzing are one code.
 *
 * TO ADD ONE: see handlers/README.md
 */
#ifndef KOUAN_HANDLER_H
#define KOUAN_HANDLER_H

#include <kouan/ask.h>
#include <kouan/codes.h>
#include <kouan/decision.h>
#include <kouan/field.h>
#include <kouan/machine.h>
#include <kouan/msg.h>
#include <kouan/option.h>

/* What a handler was compiled against.  Raise the first number when a struct, an enum or the meaning of
 * a call in <kouan/...> changes; the last digits count the rows of error.def, since a row in the middle
 * moves the numbers of those behind it.  Never reorder rows without raising the first number. */
#define KN_HANDLER_ABI (3000 + KN_E_COUNT)

/* Before the descriptor of a handler that may be built as a shared object: the one symbol it shows. */
#define KN_HANDLER_PUBLIC __attribute__((visibility("default")))

typedef struct kn_context kn_context;

/* Who may send a document type. */
enum { KN_BY_PARTNER = 1, KN_BY_CUSTOMS = 2, KN_BY_INTERNAL = 4 };

typedef struct kn_doctype {
    const char *root; /* local name of the root; NULL ends the table */
    const char *ns;
    const char *operation; /* "CK.STAGE" */
    const char *xsd;       /* file below schemas/xsd */
    int op;                /* the handler's own number */
    unsigned senders;      /* KN_BY_* */
    bool card_required;    /* the business message must carry a card's signature (SC-05) */
} kn_doctype;

typedef struct kn_fieldset {
    const char *title;
    const kn_field *rows; /* NULL ends the table */
} kn_fieldset;

typedef struct kn_handler {
    int abi;
    const char *name;
    const kn_doctype *doctypes;
    const kn_machine *machine;
    const kn_fieldset *fieldsets; /* for documentation; checking is the handler's call */
    const kn_option *options;     /* group [handler.<name>] */
    /* Refusals of its own, for kn_refuse_own; ended by name == NULL, may be NULL.  Names in capitals,
     * not one of error.def and not another handler's; receipt codes 5000 to 9999; outcome REFUSE or
     * QUARANTINE. */
    const kn_error_row *refusals;
    size_t conf_size;
    /* Start-time check of the loaded conf against code tables; may be NULL. */
    bool (*check)(const void *conf, const kn_codes *codes, GError **err);
    kn_step (*decide)(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);
    /* The time of a record's timer has come (kouan/record.h); NULL: sets none.  seen: the record as it is, without
     * that timer; kn_context_owner is its owner's, there is no message.  It must kn_fire the record; refusing, or
     * doing nothing, is a mistake and parks the timer's message. */
    kn_step (*timer)(kn_context *ctx, const kn_record *seen, const char *name, kn_ask *ask,
                     kn_decision *out);
} kn_handler;

/* --- what the context answers ---------------------------------------------------------------- */

int64_t kn_context_time(const kn_context *ctx); /* the record's Kafka time: ms since 1970, UTC */
const void *kn_context_conf(const kn_context *ctx);
const kn_codes *kn_context_codes(const kn_context *ctx);
int kn_context_op(const kn_context *ctx); /* op of the doctype */
/* Home key: organisation code of the proven enterprise; "" when none is known. */
const char *kn_context_owner(const kn_context *ctx);
/* Next serial of a counter of this partition: (n - 1) * 1000 + slot, n from 1.  Entering again after
 * KN_WAIT gives the same value.  Counters are separate by name. */
int64_t kn_context_serial(kn_context *ctx, const char *counter);
/* 32 bytes derived from the engine's secret and the record's coordinates (EXACTLY_ONCE §7.1). */
void kn_context_derive(const kn_context *ctx, const char *purpose, uint8_t out[32]);
/* The same as a message id (GN-05): upper-case UUID, 36 characters; out needs 37 bytes. */
void kn_context_uuid(const kn_context *ctx, const char *purpose, char out[37]);

/* Times at fixed +08:00 (GN-08): fmt is one of the three below; out needs 32 bytes. */
typedef enum kn_time_form {
    KN_TIME_WIRE,    /* 2026-11-22T10:00:00+08:00 */
    KN_TIME_DATE,    /* 2026-11-22 */
    KN_TIME_COMPACT, /* 20261122100000123: yyyyMMddHHmmssfff */
    KN_TIME_STAMP,   /* 2026-11-22 10:00:00 */
} kn_time_form;
void kn_time_text(int64_t ms, kn_time_form form, char out[32]);
/* Parses KN_TIME_WIRE (any zone offset, optional fraction, or no zone = +08:00) into ms UTC. */
bool kn_time_parse(const char *text, int64_t *ms_out);

#endif
