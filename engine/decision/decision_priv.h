/* SPDX-License-Identifier: Apache-2.0 */
/* The insides of decision, receipt, ask and context: what the lane and the case runner build and
 * read.  Handlers see only <kouan/decision.h>, <kouan/ask.h>, <kouan/handler.h>.
 *
 * One message:  kn_context_new once a lane;  for each message: fill the public members of the
 * context, kn_context_enter, kn_ask_enter, kn_decision_reset, handler->decide.  KN_WAIT: load
 * ask->wanted for the whole batch, enter again (same four calls).  KN_DONE: read the decision.
 *
 * ownership  a decision owns all it points to; reset or free drops it.  Take what shall live longer
 *            with g_ptr_array_steal_index or g_steal_pointer on the member.
 * threads    one lane
 */
#ifndef KOUAN_DECISION_PRIV_H
#define KOUAN_DECISION_PRIV_H

#include <kouan/handler.h>

/* --- context ---------------------------------------------------------------------------------- */

typedef struct kn_draw {
    char *counter;
    int64_t count; /* serials drawn since kn_context_enter */
} kn_draw;

struct kn_context {
    /* filled by the lane; borrowed, alive during the decision */
    int64_t time_ms; /* Kafka time of the record, never going back (position.clock) */
    const void *conf;
    const kn_codes *codes;
    int op;
    const char *owner; /* home key, "" = unknown */
    const char *topic; /* coordinates: what kn_context_derive binds to */
    int partition;
    int64_t offset;
    const uint8_t *secret; /* engine's secret for derived values */
    size_t secret_len;
    GHashTable
        *counters; /* char * -> int64_t *: serials used so far; read only here; may be NULL */
    int slot;      /* 1..1000, residue of this partition */
    /* filled here */
    GPtrArray *draws; /* kn_draw, in order of first use; add to the counters when the message was
                       * not refused (a refused one need not leave a gap) */
};

kn_context *kn_context_new(void);
void kn_context_free(kn_context *ctx);
void kn_context_enter(kn_context *ctx); /* forgets draws; before each entry of decide */
int64_t kn_context_drawn(const kn_context *ctx, const char *counter);

/* --- ask -------------------------------------------------------------------------------------- */

/* What the batch sees of a record.  *known false: not loaded yet (result ignored).  *known true with
 * NULL: it does not exist.  The record stays alive until the decision was settled. */
typedef const kn_record *(*kn_lookup)(void *arg, const char *kind, const char *key, bool *known);

typedef struct kn_asked {
    char *kind;
    char *key;
    bool known;  /* the lookup knew it */
    int version; /* version seen; 0 = absent or unknown: the "reads" of the archive row */
} kn_asked;

struct kn_ask {
    kn_lookup lookup;
    void *arg;
    GPtrArray *asked; /* kn_asked, each (kind, key) once, in order of first asking */
    bool pending;     /* at least one of asked is unknown */
};

kn_ask *kn_ask_new(kn_lookup lookup, void *arg);
void kn_ask_free(kn_ask *ask);
void kn_ask_enter(kn_ask *ask); /* forgets what was asked; before each entry of decide */

/* --- decision --------------------------------------------------------------------------------- */

typedef struct kn_history {
    char *event; /* "CK.STAGE" */
    char *row;   /* "CK-T01" */
    char *from;  /* state code; NULL for a new record */
    char *to;
    char *actor; /* card number, user name or partner; may be NULL */
    int version; /* version of the record after this step */
} kn_history;

/* One record to write.  record->version is already the version after all steps, that is
 * expected + history->len; history (kind, key, version) is unique.  A record taken from
 * kn_decision_record but never fired has no history: kn_decision_finish drops it if its body is as
 * seen, and calls it ENGINE_ERROR otherwise (a change without a row is a bug). */
typedef struct kn_write {
    kn_record *record;
    int expected;       /* version seen; 0 = must not exist */
    GPtrArray *history; /* kn_history, in order */
    json_t *seen;       /* body as seen; for kn_decision_finish */
} kn_write;

typedef struct kn_pair {
    char *name;
    char *value;
} kn_pair;

struct kn_receipt {
    /* where to */
    bool reply;     /* technical receipt of this message; else a business receipt */
    char *partner;  /* notify: receiver; NULL in a reply (the message's own partner) */
    bool in_shell;  /* notify: shell wanted; a reply follows its message */
    char *ori_guid; /* notify: the message it belongs to; NULL in a reply */
    char *ori_type;
    /* what */
    GPtrArray *keys;       /* kn_pair, in order given */
    const kn_state *state; /* or NULL */
    bool has_status;
    int status;         /* E-port scale; if !has_status: 0 = accepted, or the refusal's code */
    char *info;         /* text of the status; NULL = text of the result */
    GPtrArray *actions; /* char *, in order given */
    char *card_no;      /* or NULL */
    bool card_stated;
    json_t *body; /* or NULL */
};

typedef struct kn_onward {
    char *type, *ns, *prefix; /* root element */
    char *guid;               /* NULL = derive from the coordinates */
    char *key;                /* home key */
    json_t *body;             /* children of the root after the Head that the writer adds */
} kn_onward;

typedef struct kn_alarm_note {
    const char *sentence; /* literal */
    char *kind;
    char *key;
} kn_alarm_note;

struct kn_decision {
    /* the one result: code KN_E_OK = accepted */
    kn_error code;
    const kn_error_row *own; /* the handler's own reason; then code is HANDLER_REFUSED */
    char *field;             /* path or NULL */
    char *rule;              /* requirement id or NULL */
    char *detail;            /* <= KN_DETAIL_MAX code points, or NULL */
    GPtrArray *errors;       /* kn_field_error; with code KN_E_OK only warnings */
    /* effects: empty when refused */
    GPtrArray *writes;  /* kn_write */
    kn_receipt *reply;  /* NULL until kn_reply or kn_refuse; kn_decision_finish makes it */
    GPtrArray *notices; /* kn_receipt, reply == false */
    GPtrArray *onward;  /* kn_onward, to customs */
    GPtrArray *alarms;  /* kn_alarm_note: logged when settled; kept by a refusal */
};

#define KN_DETAIL_MAX 300

kn_decision *kn_decision_new(void);
void kn_decision_reset(kn_decision *out); /* as new; before each entry of decide */
void kn_decision_free(kn_decision *out);
/* The writes (GPtrArray of kn_write) are the caller's; the decision has none any more. */
GPtrArray *kn_decision_take_writes(kn_decision *out);
/* After KN_DONE: makes the reply if the handler made none, drops records never fired.
 * false: KN_E_ENGINE_ERROR, a record was changed without a machine row. */
bool kn_decision_finish(kn_decision *out, GError **err);
/* What is told of the result: the handler's own row, or the code's.  Never NULL. */
const kn_error_row *kn_decision_row(const kn_decision *out);
/* All of it as JSON; equal decisions give equal bytes when dumped with JSON_SORT_KEYS.  New reference. */
json_t *kn_decision_json(const kn_decision *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_context, kn_context_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_ask, kn_ask_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_decision, kn_decision_free)

#endif
