/* SPDX-License-Identifier: Apache-2.0 */
/* What time brings: sending again to the intranet that stays silent (MS-40), customs that is overdue (CK-T31).
 * TO ADD ONE: 1. a name and its row in timers  2. its event and row in checkpoint_machine.c  3. a case */
#include "checkpoint.h"

#include <string.h>

#define ACK "acknowledgement"
#define ANSWER "customs answer"

/* The wait before the n-th sending again: first, then three times as long each time, up to last. */
static int64_t
wait_ms(const ck_conf *conf, int64_t n)
{
    int64_t seconds = conf->retry_first_s;

    for (int64_t i = 0; i < n && seconds < conf->retry_last_s; i++)
        seconds *= 3;
    return MIN(seconds, conf->retry_last_s) * 1000;
}

static int64_t
sendings(const kn_record *record)
{
    return json_integer_value(json_object_get(json_object_get(record->body, "sent"), "again"));
}

void
kn_checkpoint_await_ack(kn_context *ctx, kn_record *record)
{
    const ck_conf *conf = kn_context_conf(ctx);

    if (conf->retry > 0)
        kn_timer_set(record, ACK, kn_context_time(ctx) + wait_ms(conf, sendings(record)));
}

void
kn_checkpoint_await_customs(kn_context *ctx, kn_record *record)
{
    const ck_conf *conf = kn_context_conf(ctx);

    if (conf->customs_timeout_hours > 0)
        kn_timer_set(record, ANSWER,
                     kn_context_time(ctx) + conf->customs_timeout_hours * 3600 * 1000);
}

/* No acknowledgement in time: the same message again, as often as is set; then 发往内网失败. */
static kn_step
no_ack(kn_context *ctx, kn_decision *out, kn_record *record)
{
    const ck_conf *conf = kn_context_conf(ctx);
    int64_t again = sendings(record) + 1;

    if (again > conf->retry) {
        if (!kn_fire(out, &kn_checkpoint_machine, record, CK_ON_SILENCE, NULL, NULL))
            return KN_DONE;
        kn_decision_alarm(out, "the intranet does not acknowledge", CK_KIND, record->key);
        kn_checkpoint_notify(ctx, out, record, NULL, NULL);
        return KN_DONE;
    }
    if (!kn_fire(out, &kn_checkpoint_machine, record, CK_ON_RETRY, NULL, NULL))
        return KN_DONE;
    (void)json_object_set_new(json_object_get(record->body, "sent"), "again", json_integer(again));
    kn_checkpoint_send_again(out, record);
    kn_checkpoint_await_ack(ctx, record);
    return KN_DONE;
}

/* Neither approved nor returned in time: nothing fails by itself (CK-T31). */
static kn_step
no_answer(kn_context *ctx, kn_decision *out, kn_record *record)
{
    (void)ctx;
    if (!kn_fire(out, &kn_checkpoint_machine, record, CK_ON_OVERDUE, NULL, NULL))
        return KN_DONE;
    (void)json_object_set_new(record->body, "overdue", json_true());
    kn_decision_alarm(out, "customs answer is overdue", CK_KIND, record->key);
    return KN_DONE;
}

static const struct {
    const char *name;
    kn_step (*rung)(kn_context *ctx, kn_decision *out, kn_record *record);
} timers[] = {
    { ACK, no_ack },
    { ANSWER, no_answer },
};

kn_step
kn_checkpoint_timer(kn_context *ctx, const kn_record *seen, const char *name, kn_ask *ask,
                    kn_decision *out)
{
    kn_record *record = kn_decision_record(out, seen, CK_KIND, seen->key, seen->owner);

    (void)ask;
    for (size_t i = 0; i < G_N_ELEMENTS(timers); i++)
        if (strcmp(timers[i].name, name) == 0)
            return timers[i].rung(ctx, out, record);
    return KN_DONE; /* a name nobody set: the engine parks it */
}
