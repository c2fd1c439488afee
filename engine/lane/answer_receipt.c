/* SPDX-License-Identifier: Apache-2.0 */
/* answer_receipt: receipts, technical and business. */
#include "lane/answer_priv.h"
#include "lane/lane_priv.h"

#include <string.h>

/* Arrays a kn_receipt_data points into; alive for one call. */
typedef struct receipt_parts {
    GArray *keys, *errors;
} receipt_parts;

static void
fill_parts(const kn_receipt *r, const kn_decision *d, receipt_parts *parts, kn_receipt_data *data)
{
    parts->keys = g_array_new(FALSE, FALSE, sizeof(kn_receipt_pair));
    parts->errors = g_array_new(FALSE, FALSE, sizeof(kn_receipt_error));
    for (unsigned i = 0; i < r->keys->len; i++) {
        const kn_pair *p = g_ptr_array_index(r->keys, i);
        kn_receipt_pair pair = { p->name, p->value };

        g_array_append_val(parts->keys, pair);
    }
    for (unsigned i = 0; r->reply && i < d->errors->len; i++) {
        const kn_field_error *e = g_ptr_array_index(d->errors, i);
        kn_receipt_error error = { e->code, e->path, e->rule, e->detail, e->warning };

        g_array_append_val(parts->errors, error);
    }
    data->keys = (kn_receipt_pair *)(void *)parts->keys->data;
    data->n_keys = parts->keys->len;
    data->errors = (kn_receipt_error *)(void *)parts->errors->data;
    data->n_errors = parts->errors->len;
}

/* EPORT §4: what is told of a message that has no status of its own. */
static int
status_of(const kn_receipt *r, const kn_decision *d)
{
    if (r->has_status)
        return r->status;
    if (r->reply && d->code != KN_E_OK)
        return -(int)g_ascii_strtoll(kn_decision_row(d)->receipt, NULL, 10);
    return r->state ? r->state->status : 0;
}

static void
fill_result(const kn_item *item, const kn_receipt *r, const kn_decision *d, kn_receipt_data *data)
{
    if (r->state) {
        data->state_code = r->state->code;
        data->state_name = r->state->name;
        data->state_label = r->state->label;
    }
    data->actions = (const char *const *)r->actions->pdata;
    data->n_actions = r->actions->len;
    data->card_no = r->card_no;
    data->card_facts_stated = r->card_stated;
    data->body = r->body;
    data->return_status = status_of(r, d);
    data->return_info = r->info;
    data->final = !r->reply || kn_decision_row(d)->outcome != KN_OUTCOME_QUARANTINE;
    if (!r->reply)
        return;
    data->code = d->code;
    data->own = d->own;
    data->rule = d->rule;
    data->field = d->field;
    data->detail = d->detail;
    if (item->sig_failed) {
        data->why = &item->sig;
        data->certificate_serial = item->sig_serial;
    }
    data->trap = item->trap;
}

bool
kn_answer_receipt(kn_lane *lane, kn_item *item, const kn_partner *to, const kn_receipt *r,
                  const kn_decision *d, GError **err)
{
    char guid[37], when[32];
    receipt_parts parts;
    kn_receipt_data data = { .guid = guid,
                             .business = !r->reply,
                             .sender_id = lane->engine->config->id,
                             .receiver_id = to->id,
                             .return_time = when };
    g_autoptr(kn_canonical) doc = NULL;
    const kn_signer *signer = kn_answer_signer(lane, to, err);
    GString *bytes;
    bool ok;

    if (!signer)
        return false;
    kn_answer_guid(lane, item, "receipt", item->next_idx, guid);
    kn_time_text(item->time_ms, KN_TIME_COMPACT, when);
    data.ori_guid = r->reply ? item->guid : r->ori_guid;
    data.ori_type = r->reply ? (*item->type ? item->type : NULL) : r->ori_type;
    fill_parts(r, d, &parts, &data);
    fill_result(item, r, d, &data);
    bytes = g_string_sized_new(4096);
    ok = kn_receipt_write(lane->writer, &data, &doc, err)
         && kn_answer_sign(lane, signer, doc, bytes, err) && kn_answer_encode(to, bytes, err)
         && (!(r->reply ? item->in_shell : r->in_shell)
             || kn_answer_wrap(lane, item, to, guid, "Receipt", &bytes, err))
         && kn_answer_add(lane, item,
                          &(kn_outgoing){ .topic = kn_trust_set_topic(item->set, to),
                                          .key = item->owner,
                                          .guid = guid,
                                          .type = "Receipt",
                                          .receiver = to->id,
                                          .bytes = bytes,
                                          .ori_guid = data.ori_guid },
                          err);
    g_array_unref(parts.keys);
    g_array_unref(parts.errors);
    (void)g_string_free(bytes, TRUE);
    return ok;
}

bool
kn_answer_reply(kn_lane *lane, kn_item *item, const kn_decision *d, GError **err)
{
    int64_t mark = 0;
    bool ok;

    kn_lane_sampled(lane, KN_STAGE_COUNT, &mark);
    ok = kn_answer_receipt(lane, item, item->partner, d->reply, d, err)
         && kn_answer_transport(lane, item, d, err);
    kn_lane_sampled(lane, KN_STAGE_ANSWER, &mark);
    return ok;
}
