/* SPDX-License-Identifier: Apache-2.0 */
/* The two weighings. */
#include "weighbridge.h"

#include <string.h>

#define COUNTER "wb"
#define SERIAL_MAX 9999999999 /* ten digits of a ticket's number */

/* Reads one group of fields; false: refused already, with everything that is wrong. */
static bool
read_fields(kn_context *ctx, const kn_msg *msg, kn_decision *out, const kn_field *rows,
            const char *group, json_t *values)
{
    kn_field_scope scope = { .codes = kn_context_codes(ctx), .conf = kn_context_conf(ctx) };

    if (*kn_context_owner(ctx) == '\0') {
        (void)kn_refuse(out, KN_E_ENTERPRISE_UNKNOWN, NULL, "WB-R01", NULL);
        return false;
    }
    kn_fields_check(rows, msg, kn_msg_node(msg, group), group, &scope, values,
                    kn_decision_errors(out));
    if (!kn_decision_wrong(out))
        return true;
    (void)kn_refuse(out, KN_E_FIELDS_WRONG, NULL, "WB-R02", NULL);
    return false;
}

static const char *
text_of(const json_t *values, const char *name)
{
    return json_string_value(json_object_get(values, name));
}

static int64_t
grams_of(const json_t *values, const char *name)
{
    int64_t grams = 0;

    (void)kn_decimal_read(text_of(values, name), WB_SCALE, &grams);
    return grams;
}

static void
reply(kn_decision *out, const kn_record *ticket)
{
    const kn_state *state = kn_machine_state(&wb_machine, ticket->state);
    kn_receipt *receipt = kn_reply(out);

    kn_receipt_key(receipt, "ticketNo", ticket->key);
    kn_receipt_state(receipt, state);
    kn_receipt_status(receipt, state->status, state->label);
    kn_receipt_body(receipt, json_pack("{s:{s:s,s:s*,s:s*}}", "Weights", "gross",
                                       kn_record_text(ticket, "gross"), "tare",
                                       kn_record_text(ticket, "tare"), "net",
                                       kn_record_text(ticket, "net")));
}

static void
stamp(kn_context *ctx, kn_record *ticket, const char *name)
{
    char time[32];

    kn_time_text(kn_context_time(ctx), KN_TIME_WIRE, time);
    kn_record_set_text(ticket, name, time);
}

/* --- 重车 ------------------------------------------------------------------------------------------- */

/* WB + day + ten digits; NULL after a refusal. */
static kn_record *
new_ticket(kn_context *ctx, kn_decision *out)
{
    int64_t serial = kn_context_serial(ctx, COUNTER);
    char date[32], number[32];

    if (serial > SERIAL_MAX) {
        (void)kn_refuse(out, KN_E_SERIAL_OVERFLOW, NULL, "WB-R03", NULL);
        return NULL;
    }
    kn_time_text(kn_context_time(ctx), KN_TIME_COMPACT, date);
    (void)g_snprintf(number, sizeof number, "WB%.8s%010" G_GINT64_FORMAT, date, serial);
    return kn_decision_record(out, NULL, WB_KIND, number, kn_context_owner(ctx));
}

kn_step
wb_gross(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    json_t *values = json_object();
    kn_record *ticket = NULL;

    (void)ask; /* a new ticket looks at no record */
    if (read_fields(ctx, msg, out, wb_gross_fields, "Gross", values))
        ticket = new_ticket(ctx, out);
    if (ticket) {
        (void)json_object_update(ticket->body, values);
        stamp(ctx, ticket, "grossTime");
        (void)kn_fire(out, &wb_machine, ticket, WB_ON_GROSS, NULL, kn_msg_partner(msg));
        reply(out, ticket);
    }
    json_decref(values);
    return KN_DONE;
}

/* --- 空车 ------------------------------------------------------------------------------------------- */

/* The ticket the message names, or NULL after a refusal. */
static const kn_record *
own(kn_context *ctx, kn_decision *out, const kn_record *seen)
{
    if (seen && strcmp(seen->owner, kn_context_owner(ctx)) == 0) {
        kn_receipt_key(kn_reply(out), "ticketNo", seen->key);
        return seen;
    }
    (void)kn_refuse(out, KN_E_NO_DOCUMENT, "Tare/ticketNo", "WB-R04", NULL);
    return NULL;
}

/* What may be wrong between the two weighings; true: refused. */
static bool
contradicts(kn_decision *out, const kn_record *seen, const json_t *values)
{
    int64_t gross = grams_of(seen->body, "gross"), tare = grams_of(values, "tare");

    if (strcmp(text_of(values, "plate"), text_of(seen->body, "plate")) != 0)
        (void)kn_refuse_own(out, &wb_refusals[WB_OTHER_VEHICLE], "Tare/plate", "WB-R05", "重车：%s",
                            text_of(seen->body, "plate"));
    else if (tare > gross)
        (void)kn_refuse_own(out, &wb_refusals[WB_TARE_NOT_LESS], "Tare/tare", "WB-R06", "重车：%s",
                            text_of(seen->body, "gross"));
    else if (tare == gross) {
        kn_decision_alarm(out, "a weighbridge gives the same reading twice", WB_KIND, seen->key);
        (void)kn_refuse_own(out, &wb_refusals[WB_SCALE_STUCK], "Tare/tare", "WB-R07", NULL);
    } else
        return false;
    return true;
}

static kn_step
close_ticket(kn_context *ctx, const kn_msg *msg, kn_decision *out, const kn_record *seen,
             const json_t *values)
{
    const wb_conf *conf = kn_context_conf(ctx);
    const kn_state *state = kn_machine_state(&wb_machine, seen->state);
    wb_weighed w = { .net = grams_of(seen->body, "gross") - grams_of(values, "tare"),
                     .declared = grams_of(seen->body, "declaredNet"),
                     .tolerance = conf->tolerance_kg * 1000 };
    kn_record *ticket = kn_decision_record(out, seen, WB_KIND, seen->key, seen->owner);
    char net[32];

    if (!kn_fire(out, &wb_machine, ticket, WB_ON_TARE, &w, kn_msg_partner(msg)))
        return kn_refuse(out, KN_E_WRONG_STATE, NULL, "WB-R08", "当前状态：%s（%s）", state->label,
                         state->code);
    kn_decimal_text(w.net, WB_SCALE, net);
    kn_record_set_text(ticket, "tare", text_of(values, "tare"));
    kn_record_set_text(ticket, "net", net);
    stamp(ctx, ticket, "tareTime");
    reply(out, ticket);
    return KN_DONE;
}

kn_step
wb_tare(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    json_t *values = json_object();
    kn_step step = KN_DONE;

    if (read_fields(ctx, msg, out, wb_tare_fields, "Tare", values)) {
        const kn_record *seen = kn_ask_record(ask, WB_KIND, text_of(values, "ticketNo"));

        if (kn_ask_pending(ask))
            step = KN_WAIT;
        else if (own(ctx, out, seen) && !contradicts(out, seen, values))
            step = close_ticket(ctx, msg, out, seen, values);
    }
    json_decref(values);
    return step;
}
