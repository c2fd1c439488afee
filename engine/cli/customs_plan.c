/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/customs.h"

#include "base/hex.h"

#include <kouan/error.h>
#include <string.h>

/* What may follow an approval (CODES §4.4). */
static const char *const lives[][5] = {
    { "40", "50", NULL },
    { "41", "42", "40", "50", NULL },
    { "43", "50", NULL },
    { "41", "43", "50", NULL },
};

static void
digest_of(const char *guid, const char *what, uint8_t out[32])
{
    g_autofree char *text = g_strconcat(guid, "\n", what, NULL);
    g_autofree char *hex = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

    (void)kn_hex_decode(hex, out, 32);
}

int
kn_customs_dice(const char *guid, const char *what)
{
    uint8_t digest[32] = { 0 };

    digest_of(guid, what, digest);
    return (digest[0] << 8 | digest[1]) % 100;
}

void
kn_customs_guid(const char *guid, unsigned step, char out[37])
{
    g_autofree char *what = g_strdup_printf("answer %u", step);
    uint8_t digest[32] = { 0 };

    digest_of(guid, what, digest);
    kn_hex_uuid(digest, out);
}

/* --- script ------------------------------------------------------------------------------------------- */

static bool
check_step(const char *file, const json_t *step, GError **err)
{
    const json_t *ack = json_object_get(step, "ack"), *code = json_object_get(step, "code");
    const json_t *delay = json_object_get(step, "delay_ms"), *text = json_object_get(step, "text");
    const char *result = json_string_value(ack);

    if (!json_is_object(step) || (ack == NULL) == (code == NULL))
        return kn_fail(err, KN_E_USAGE, "%s: a step is an object with either ack or code", file);
    if (ack && g_strcmp0(result, "accepted") != 0 && g_strcmp0(result, "refused") != 0)
        return kn_fail(err, KN_E_USAGE, "%s: ack is accepted or refused", file);
    if (code && !json_is_string(code))
        return kn_fail(err, KN_E_USAGE, "%s: code is a text", file);
    if ((delay && (!json_is_integer(delay) || json_integer_value(delay) < 0))
        || (text && !json_is_string(text)))
        return kn_fail(err, KN_E_USAGE, "%s: delay_ms is a number from 0, text a text", file);
    return true;
}

bool
kn_customs_script(const char *file, json_t **out, GError **err)
{
    json_error_t why;
    json_t *script = json_load_file(file, 0, &why);
    bool nested, ok;

    if (!script)
        return kn_fail(err, KN_E_IO, "%s:%d: %s", file, why.line, why.text);
    nested = json_is_array(json_array_get(script, 0));
    ok = json_array_size(script) > 0
         || kn_fail(err, KN_E_USAGE, "%s: an array of steps, or of such arrays", file);
    for (size_t i = 0; ok && i < json_array_size(script); i++) {
        const json_t *one = json_array_get(script, i);

        if (!nested) {
            ok = check_step(file, one, err);
            continue;
        }
        ok = json_is_array(one)
             || kn_fail(err, KN_E_USAGE, "%s: steps and arrays of steps mixed", file);
        for (size_t k = 0; ok && k < json_array_size(one); k++)
            ok = check_step(file, json_array_get(one, k), err);
    }
    if (!ok) {
        json_decref(script);
        return false;
    }
    *out = script;
    return true;
}

/* --- steps -------------------------------------------------------------------------------------------- */

static void
add(GArray *steps, kn_customs_step step)
{
    step.times = 1;
    g_array_append_val(steps, step);
}

static void
from_script(const kn_customs_plan *plan, const char *guid, GArray *steps)
{
    const json_t *list = plan->script;
    int64_t at = 0;

    if (json_is_array(json_array_get(list, 0)))
        list = json_array_get(list,
                              (size_t)kn_customs_dice(guid, "script") % json_array_size(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const json_t *delay = json_object_get(one, "delay_ms");

        at += delay ? json_integer_value(delay) : plan->delay_ms;
        add(steps, (kn_customs_step){ .ack = json_string_value(json_object_get(one, "ack")),
                                      .code = json_string_value(json_object_get(one, "code")),
                                      .text = json_string_value(json_object_get(one, "text")),
                                      .after_ms = at });
    }
}

static void
from_behaviour(const kn_customs_plan *plan, const char *guid, GArray *steps)
{
    int64_t at = plan->delay_ms;
    bool approve = strcmp(plan->behave, "approve") == 0;
    const char *const *life = lives[(size_t)kn_customs_dice(guid, "life") % G_N_ELEMENTS(lives)];

    if (strcmp(plan->behave, "refuse") == 0) {
        add(steps, (kn_customs_step){ .ack = "refused", .text = "内网拒绝接收", .after_ms = at });
        return;
    }
    add(steps, (kn_customs_step){ .ack = "accepted", .after_ms = at });
    at += plan->delay_ms;
    add(steps, (kn_customs_step){ .code = approve ? "10" : "20",
                                  .text = approve ? NULL : "单证不符，退单",
                                  .after_ms = at });
    for (size_t i = 0; approve && plan->life && life[i]; i++) {
        at += plan->delay_ms;
        add(steps, (kn_customs_step){ .code = life[i], .after_ms = at });
    }
}

/* The answer overtakes the acknowledgement. */
static void
swap_first(GArray *steps)
{
    kn_customs_step *s = (kn_customs_step *)(void *)steps->data;

    if (steps->len >= 2 && s[0].ack && !s[1].ack) {
        kn_customs_step ack = s[0];
        int64_t first = s[0].after_ms;

        s[0] = s[1];
        ack.after_ms = s[1].after_ms;
        s[0].after_ms = first;
        s[1] = ack;
    }
}

GArray *
kn_customs_steps(const kn_customs_plan *plan, const char *guid)
{
    GArray *steps = g_array_new(FALSE, TRUE, sizeof(kn_customs_step));

    if (plan->script)
        from_script(plan, guid, steps);
    else
        from_behaviour(plan, guid, steps);
    if (kn_customs_dice(guid, "early") < plan->early_percent)
        swap_first(steps);
    for (unsigned i = 0; i < steps->len; i++) {
        g_autofree char *what = g_strdup_printf("double %u", i);

        if (kn_customs_dice(guid, what) < plan->double_percent)
            g_array_index(steps, kn_customs_step, i).times = 2;
    }
    return steps;
}

bool
kn_customs_plan_check(const kn_customs_plan *plan, GError **err)
{
    static const char *const known[] = { "approve", "return", "refuse", "script", NULL };

    if (!g_strv_contains(known, plan->behave))
        return kn_fail(err, KN_E_USAGE, "--behave: approve, return, refuse or script");
    if ((strcmp(plan->behave, "script") == 0) != (plan->script != NULL))
        return kn_fail(err, KN_E_USAGE, "--behave script goes with --script FILE");
    if (plan->delay_ms < 0 || plan->double_percent < 0 || plan->double_percent > 100
        || plan->early_percent < 0 || plan->early_percent > 100)
        return kn_fail(err, KN_E_USAGE, "delays are from 0, percentages from 0 to 100");
    return true;
}
