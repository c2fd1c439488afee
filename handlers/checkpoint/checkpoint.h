/* SPDX-License-Identifier: Apache-2.0 */
/* The checkpoint handler's own header: its words, its options, and one verb per file. */
#ifndef KOUAN_HANDLER_CHECKPOINT_H
#define KOUAN_HANDLER_CHECKPOINT_H

#include <kouan/handler.h>

#define CK_KIND "checkpoint"
#define CK_NS "urn:kouan:checkpoint:1"
#define CK_ROWS_MAX 9999    /* CK-B00: N..4 */
#define CK_RECEIPTS_MAX 200 /* customs receipts kept in one document */
#define CK_CARD_LEN 13

enum ck_op {
    CK_STAGE = 1,
    CK_DECLARE,
    CK_DELETE,
    CK_VIEW,
    CK_RECEIPTS,
    CK_ACK,
    CK_CUSTOMS,
    CK_CHANGE_STAGE,
    CK_CHANGE_DECLARE,
    CK_CANCEL
};

/* CK-S03: what the running declaration is about, as the body's "pendingOp" and customs have it. */
enum ck_pending { CK_PENDING_NEW, CK_PENDING_CHANGE, CK_PENDING_CANCEL };

enum ck_state {
    CK_UNSAVED,
    CK_STAGED,
    CK_DECLARED,
    CK_SENT,
    CK_SEND_FAILED,
    CK_APPROVED,
    CK_REJECTED,
    CK_CONCLUDED,
    CK_LOCKED,
    CK_UNLOCKED,
    CK_MANUALLY_CONCLUDED,
    CK_LEFT_PORT,
    CK_CANCELLED,
    CK_REMOVED,
    CK_STATES
};

enum ck_event {
    CK_ON_STAGE,
    CK_ON_DECLARE,
    CK_ON_DELETE,
    CK_ON_CHANGE,
    CK_ON_CHANGE_DECLARE,
    CK_ON_CANCEL,
    CK_ON_ACK,
    CK_ON_ACK_REFUSED,
    CK_ON_ACK_IMPLIED,
    CK_ON_10,
    CK_ON_20,
    CK_ON_40,
    CK_ON_41,
    CK_ON_42,
    CK_ON_43,
    CK_ON_50,
    CK_ON_NOTICE,
    CK_ON_DUPLICATE,
    CK_ON_EARLIER,
    CK_ON_RETRY,
    CK_ON_SILENCE,
    CK_ON_OVERDUE
};

enum ck_effect {
    CK_NO_EFFECT,
    CK_OUT_OF_SEQUENCE,
    CK_NEW_VERSION, /* what was asked for is in force */
    CK_OLD_VERSION  /* it is not: what was in force before stays */
};

enum ck_check_level { CK_CHECK_OFF, CK_CHECK_WARN, CK_CHECK_STRICT };

typedef struct ck_conf {
    int64_t min_body_rows;
    int empty_second_container; /* 0 required, 1 optional */
    int voyage_air;             /* 0 required, 1 optional */
    char **transport_modes;
    bool allow_duplicate_object;
    bool declare_unsaved;
    int plate_check;      /* enum ck_check_level */
    int container_check;  /* enum ck_check_level */
    int unbound_operator; /* 0 stage_only, 1 reject */
    char **actions;       /* "S06=VIEW+EDIT": replaces that state's line of the table */
    char **notice_codes;  /* customs codes that are only recorded (CK-S02) */
    int fullwidth;        /* 0 reject, 1 convert */
    int grey;             /* 0 ignore, 1 reject */
    int64_t retry, retry_first_s, retry_last_s; /* MS-40 */
    int64_t customs_timeout_hours;              /* CK-T31; 0 = never */
} ck_conf;

/* The tables. */
extern const kn_machine kn_checkpoint_machine;
extern const kn_field kn_checkpoint_header[];
extern const kn_field kn_checkpoint_row[];
extern const kn_handler kn_handler_checkpoint;

/* --- who speaks (checkpoint_who.c) ---------------------------------------------------------------- */

typedef struct ck_who {
    const char *operator_name; /* CK-H08: card number, or user name of the signed head */
    const char *card;          /* 13 characters, or NULL: unbound */
} ck_who;

/* false: refused already (CM-02, CM-31, CK-03, CK-04). */
bool kn_checkpoint_who(kn_context *ctx, const kn_msg *msg, kn_decision *out, ck_who *who);

/* --- which document (checkpoint_number.c) ---------------------------------------------------------- */

/* GN-01, GN-02 from one serial.  false: overflow (GN-07).  card NULL = thirteen zeros. */
bool kn_checkpoint_numbers(int64_t serial, int64_t time_ms, const char *card, char data_no[19],
                           char trip_no[33]);
/* Record key for what a message names; NULL numbers are not given.
 * Both NULL: KN_E_FIELD_MISSING; nonsense or contradiction: KN_E_NO_DOCUMENT. */
kn_error kn_checkpoint_key(const char *data_no, const char *trip_no, char key[19]);
/* Same for element "part" of the message ("Declare"): reads part/dataCenterNo and part/tripNo. */
kn_error kn_checkpoint_key_of(const kn_msg *msg, const char *part, char key[19]);
/* The enterprise's own document, or NULL after a refusal or while pending (CK-05, MS-07 keys).
 * trip_no NULL = not given; else it must be the stored one. */
const kn_record *kn_checkpoint_own(kn_context *ctx, kn_ask *ask, kn_decision *out, const char *key,
                                   const char *trip_no, const char *field);

/* --- what it says (checkpoint_rules.c) --------------------------------------------------------------- */

/* Header and rows, from a message's Declaration or (node NULL) from a stored body; all errors at once.
 * declaring: body rows are needed.  Accepted values go into values (rows under "Rows"). */
void kn_checkpoint_check(kn_context *ctx, const kn_msg *msg, kn_node *node, const json_t *stored,
                         bool declaring, json_t *values, GPtrArray *errors);
/* Replaces the declared values of a body. */
void kn_checkpoint_put_values(json_t *body, const json_t *values);
void kn_checkpoint_drop_values(json_t *body);
/* The declared values of a body, newly made. */
json_t *kn_checkpoint_values(const json_t *body);
/* Element Declaration: numbers and operator, then declared values in row order. New reference. */
json_t *kn_checkpoint_declaration(const kn_record *record);

/* --- 变更 and 删单 (checkpoint_change.c) ---------------------------------------------------------------- */

enum ck_pending kn_checkpoint_pending(const kn_record *record);
/* Begins one: what is in force now is kept beside what is asked for. */
void kn_checkpoint_pend(kn_record *record, enum ck_pending op);
/* Ends it, as the row's effect says; nothing for rows without one of these effects. */
void kn_checkpoint_end_pending(kn_record *record, const kn_transition *row);
/* Element Declaration of the version in force while another is asked for; NULL = there is none.  New reference. */
json_t *kn_checkpoint_in_force(const kn_record *record);

/* --- answers (checkpoint_receipt.c) ------------------------------------------------------------------- */

bool kn_checkpoint_allows(const ck_conf *conf, const kn_record *record, const char *action);
bool kn_checkpoint_actions_check(const ck_conf *conf, GError **err);
const char *kn_checkpoint_header_label(const kn_state *state);
/* Technical receipt: keys, state, allowed actions; info NULL = the state's label. */
void kn_checkpoint_reply(kn_context *ctx, kn_decision *out, const kn_record *record,
                         const char *info);
/* Business receipt to whoever declared; steals body (may be NULL). */
void kn_checkpoint_notify(kn_context *ctx, kn_decision *out, const kn_record *record,
                          const char *info, json_t *body);
/* T32: this event has no row in the present state. */
kn_step kn_checkpoint_wrong_state(kn_context *ctx, kn_decision *out, const kn_record *record,
                                  kn_error code);

/* --- what the operations share (checkpoint_edit.c) ------------------------------------------------------ */

bool kn_checkpoint_confirmed(const kn_msg *msg, const char *path);
/* Has the machine a way for this event, and is the action allowed? */
bool kn_checkpoint_may(kn_context *ctx, const kn_record *seen, int event, const char *action);
/* Checks the message's Declaration and puts it into a record, by this event; NULL after a refusal.  seen NULL: a new
 * document. */
kn_record *kn_checkpoint_put(kn_context *ctx, const kn_msg *msg, kn_decision *out,
                             const kn_record *seen, const ck_who *who, bool declaring, int event);
/* A stored document goes out as it stands, checked again with today's tables; NULL after a refusal. */
kn_record *kn_checkpoint_take_stored(kn_context *ctx, kn_decision *out, const kn_record *seen,
                                     const ck_who *who, const char *rule);
/* Fires the event, sends to customs, replies. */
kn_step kn_checkpoint_go_out(kn_context *ctx, const kn_msg *msg, kn_decision *out,
                             kn_record *record, const ck_who *who, int event);

/* --- operations ---------------------------------------------------------------------------------------- */

kn_step kn_checkpoint_stage(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);
kn_step kn_checkpoint_declare(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);
kn_step kn_checkpoint_delete(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);
kn_step kn_checkpoint_change_stage(kn_context *ctx, const kn_msg *msg, kn_ask *ask,
                                   kn_decision *out);
kn_step kn_checkpoint_change_declare(kn_context *ctx, const kn_msg *msg, kn_ask *ask,
                                     kn_decision *out);
kn_step kn_checkpoint_cancel(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);
kn_step kn_checkpoint_view(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);
kn_step kn_checkpoint_receipts(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);
kn_step kn_checkpoint_ack(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);
kn_step kn_checkpoint_customs(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);

/* --- what time brings (checkpoint_time.c) --------------------------------------------------------------- */

/* After it was fired into 申报: when to send again (MS-40). */
void kn_checkpoint_await_ack(kn_context *ctx, kn_record *record);
/* After it was fired into 发往内网成功: when customs is overdue (CK-T31). */
void kn_checkpoint_await_customs(kn_context *ctx, kn_record *record);
kn_step kn_checkpoint_timer(kn_context *ctx, const kn_record *seen, const char *name, kn_ask *ask,
                            kn_decision *out);

/* The message that was sent last, as it was, once more (DESIGN §8.7). */
void kn_checkpoint_send_again(kn_decision *out, const kn_record *record);
/* Writes the message to customs and remembers it in the body as "sent" (DESIGN §8.7). */
void kn_checkpoint_send(kn_context *ctx, kn_decision *out, kn_record *record);

#endif
