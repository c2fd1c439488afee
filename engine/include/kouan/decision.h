/* SPDX-License-Identifier: Apache-2.0 */
/* Decision: everything a handler wants to happen.  Nothing happens until the engine settles it.
 *
 * ownership  strings are copied, json_t arguments are stolen
 * threads    one lane
 */
#ifndef KOUAN_DECISION_H
#define KOUAN_DECISION_H

#include <kouan/error.h>
#include <kouan/field.h>
#include <kouan/machine.h>

typedef struct kn_decision kn_decision;
typedef struct kn_receipt kn_receipt;

typedef enum kn_step {
    KN_WAIT, /* records are pending: enter again */
    KN_DONE, /* decided: effects or a refusal are in the decision */
} kn_step;

/* --- records ------------------------------------------------------------------------------- */

/* A writable record: a copy of what the batch sees, or a fresh one (version 0, owner and state as
 * given).  Owned by the decision.  Written with expected version = version seen. */
kn_record *kn_decision_record(kn_decision *out, const kn_record *seen, const char *kind,
                              const char *key, const char *owner);
/* Finds the machine's row, moves the record's state, notes the history line (event, actor, row id).
 * NULL: no such row; nothing changed, the caller refuses with the state named. */
const kn_transition *kn_fire(kn_decision *out, const kn_machine *machine, kn_record *record,
                             int event, const void *guard_arg, const char *actor);

/* --- the one result ------------------------------------------------------------------------- */

/* Refuses: drops all effects collected so far, keeps field errors.  Returns KN_DONE.
 * field  path, may be NULL;  rule  requirement id, may be NULL
 * detail bounded text added to the receipt (<= 300 characters), NULL = none; printf-like */
kn_step kn_refuse(kn_decision *out, kn_error code, const char *field, const char *rule,
                  const char *detail, ...) G_GNUC_PRINTF(5, 6);
/* The same with a reason of the handler's own: a row of its descriptor's .refusals. */
kn_step kn_refuse_own(kn_decision *out, const kn_error_row *reason, const char *field,
                      const char *rule, const char *detail, ...) G_GNUC_PRINTF(5, 6);
/* Collected field errors; kn_refuse(FIELDS_WRONG) sends them all. Owned by the decision. */
GPtrArray *kn_decision_errors(kn_decision *out);
/* At least one of them is no mere warning. */
bool kn_decision_wrong(const kn_decision *out);
/* An alarm to raise when this decision is settled; also with a refusal.  sentence: a literal. */
void kn_decision_alarm(kn_decision *out, const char *sentence, const char *kind, const char *key);

/* --- receipts and messages ------------------------------------------------------------------ */

/* The technical receipt of this very message; exactly one, made on first use.  A refusal replaces
 * its result but keeps the keys given so far. */
kn_receipt *kn_reply(kn_decision *out);
/* A business receipt to a partner (the portal or enterprise that owns the document).
 * ori_guid, ori_type: the message that this receipt belongs to, as the record kept them. */
kn_receipt *kn_notify(kn_decision *out, const char *partner, bool in_shell, const char *ori_guid,
                      const char *ori_type);

void kn_receipt_key(kn_receipt *receipt, const char *name, const char *value); /* business keys */
void kn_receipt_state(kn_receipt *receipt, const kn_state *state);
void kn_receipt_status(kn_receipt *receipt, int return_status,
                       const char *info); /* EPORT §4 scale */
void kn_receipt_action(kn_receipt *receipt, const char *action);
void kn_receipt_card_no(kn_receipt *receipt, const char *card_no, bool stated);
/* Attached data, written as elements below <Body>: objects nest, arrays repeat. Steals body. */
void kn_receipt_body(kn_receipt *receipt, json_t *body);

/* An onward message to the customs intranet: root element in namespace ns (prefix as given), guid is
 * derived by the engine unless given (sending again: same guid), body as for kn_receipt_body.
 * key: home key, echoed by customs. */
void kn_send_customs(kn_decision *out, const char *type, const char *ns, const char *prefix,
                     const char *guid, const char *key, json_t *body);

#endif
