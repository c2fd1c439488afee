/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated customs intranet: what it answers to one message.  Nothing is random: the message's
 * guid decides, so that a run can be repeated and a restart answers the same.
 *
 * threads  the plan is read-only after loading
 */
#ifndef KOUAN_CLI_CUSTOMS_H
#define KOUAN_CLI_CUSTOMS_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct kn_customs_step {
    const char *ack;  /* "accepted", "refused"; NULL: it is an answer with a code */
    const char *code; /* "10" */
    const char *text; /* may be NULL */
    int64_t after_ms; /* since the request */
    int times;        /* 2: sent doubled */
} kn_customs_step;

typedef struct kn_customs_plan {
    const char *behave; /* "approve", "return", "refuse", "script" */
    json_t *script;     /* with "script": array of steps, or array of such arrays */
    bool life;          /* follow-up codes after an approval */
    int64_t delay_ms;   /* between steps */
    int double_percent, early_percent;
} kn_customs_plan;

/* Reads a script: steps {"ack": …} or {"code": …}, each with "text" and "delay_ms" if wanted.
 * false: KN_E_USAGE or KN_E_IO naming file and step. */
bool kn_customs_script(const char *file, json_t **out, GError **err);
bool kn_customs_plan_check(const kn_customs_plan *plan, GError **err);
/* Steps for a message, by time; GArray of kn_customs_step, texts borrowed from the plan. */
GArray *kn_customs_steps(const kn_customs_plan *plan, const char *guid);
/* 0..99, decided by guid and what it is for. */
int kn_customs_dice(const char *guid, const char *what);
/* Guid of the step's message. */
void kn_customs_guid(const char *guid, unsigned step, char out[37]);

#endif
