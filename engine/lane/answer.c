/* SPDX-License-Identifier: Apache-2.0 */
/* answer: decisions become signed bytes.  All signing happens here, before the archive row is written;
 * what is archived is what goes on the wire, and the relay never signs (EXACTLY_ONCE §4). */
#include "base/hex.h"
#include "lane/answer_priv.h"
#include "lane/lane_priv.h"

#include <string.h>

#define KEY_MAX 64 /* bytes of a record key we pass on */

/* Id of an output: derived from the engine's secret and the coordinates, so that the same input gives
 * the same id however often it is decided (EXACTLY_ONCE §7.1). */
void
kn_answer_guid(const kn_lane *lane, const kn_item *item, const char *purpose, int idx, char out[37])
{
    g_autofree char *text = g_strdup_printf("%s\n%d\n%" G_GINT64_FORMAT "\n%s\n%d",
                                            item->part->topic, item->record.part,
                                            item->record.offset, purpose, idx);
    uint8_t mac[KN_SM3_BYTES];

    kn_sm3_keyed(lane->sm3, text, strlen(text), mac);
    kn_hex_uuid(mac, out);
}

static char *
header_of(const kn_lane *lane, const kn_item *item, const kn_outgoing *o, int idx)
{
    g_autofree char *kid = g_strdup_printf("%s-%d-%" G_GINT64_FORMAT "-%d", item->part->topic,
                                           item->record.part, item->record.offset, idx);
    g_autofree char *trace = kn_item_header(item, "traceparent");
    json_t *header = json_pack("{ss ss ss ss ss}", "kid", kid, "guid", o->guid, "type", o->type,
                               "sender", lane->engine->config->id, "receiver",
                               o->receiver ? o->receiver : "");
    char *text, *copy;

    if (trace)
        (void)json_object_set_new(header, "traceparent", json_string(trace));
    if (o->ori_guid && *o->ori_guid)
        (void)json_object_set_new(header, "answers", json_string(o->ori_guid));
    text = json_dumps(header, JSON_COMPACT);
    json_decref(header);
    copy = g_strdup(text ? text : "{}");
    free(text); /* allow: jansson allocated it */
    return copy;
}

static kn_store_message *
new_row(const kn_item *item, int idx, int dest)
{
    kn_store_message *m = g_new0(kn_store_message, 1);

    m->day = item->day;
    m->topic = item->part->position.topic;
    m->part = item->part->position.part;
    m->off = item->record.offset;
    m->idx = idx;
    m->dest = dest;
    m->at_ms = item->time_ms;
    m->rules = item->part->position.rules;
    return m;
}

bool
kn_answer_add(kn_lane *lane, kn_item *item, const kn_outgoing *o, GError **err)
{
    int dest = kn_store_topic(lane->store, o->topic);
    const kn_bus_record *judged = kn_item_judged(item);
    kn_store_message *m;

    if (dest < 0)
        return kn_fail(err, KN_E_ENGINE_ERROR, "topic %s is not provisioned", o->topic);
    if ((int64_t)o->bytes->len + 4096 > lane->engine->config->max_message_bytes)
        return kn_fail(err, KN_E_OUTPUT_TOO_BIG, "%zu bytes for %s", o->bytes->len, o->topic);
    m = new_row(item, item->next_idx, dest);
    if (o->key && *o->key)
        m->key = g_bytes_new(o->key, strlen(o->key));
    else if (judged->key && judged->key_len <= KEY_MAX)
        m->key = g_bytes_new(judged->key, judged->key_len);
    m->header = header_of(lane, item, o, item->next_idx);
    m->payload = g_bytes_new(o->bytes->str, o->bytes->len);
    kn_sm3_of(lane->sm3, o->bytes->str, o->bytes->len, m->digest);
    item->next_idx++;
    g_ptr_array_add(item->outs, m);
    return true;
}

void
kn_answer_again(kn_lane *lane, kn_item *item, int dest, GBytes *key, const char *header,
                GBytes *receipt)
{
    kn_store_message *m = new_row(item, item->next_idx++, dest);
    json_t *object = header ? json_loads(header, 0, NULL) : NULL;
    g_autofree char *kid = g_strdup_printf("%s-%d-%" G_GINT64_FORMAT "-%d", item->part->topic,
                                           item->record.part, item->record.offset, m->idx);
    size_t len;
    const void *bytes = g_bytes_get_data(receipt, &len);

    /* Same bytes, same guid; only the record's own coordinates differ. */
    if (object) {
        char *text;

        (void)json_object_set_new(object, "kid", json_string(kid));
        text = json_dumps(object, JSON_COMPACT);
        m->header = g_strdup(text);
        free(text); /* allow: jansson allocated it */
        json_decref(object);
    }
    m->key = key ? g_bytes_ref(key) : NULL;
    m->payload = g_bytes_ref(receipt);
    kn_sm3_of(lane->sm3, bytes, len, m->digest);
    g_ptr_array_add(item->outs, m);
}

/* --- our signature ------------------------------------------------------------------------------------------ */

const kn_signer *
kn_answer_signer(const kn_lane *lane, const kn_partner *partner, GError **err)
{
    kn_alg alg = partner->receipt_algorithm != KN_ALG_NONE ? partner->receipt_algorithm
                                                           : KN_ALG_ECDSA_SHA256;
    const kn_signer *signer = lane->engine->signers[alg];

    if (!signer)
        (void)kn_fail(err, KN_E_ENGINE_ERROR, "no %s key to sign for %s", kn_alg_row_of(alg)->name,
                      partner->id);
    return signer;
}

bool
kn_answer_sign(kn_lane *lane, const kn_signer *signer, const kn_canonical *doc, GString *out,
               GError **err)
{
    char digest[64];

    return kn_xml_sign_canonical(lane->xml, signer, doc, out, digest, err);
}

/* --- onward and dead ------------------------------------------------------------------------------------- */

static bool
send_onward(kn_lane *lane, kn_item *item, const kn_onward *w, GError **err)
{
    const kn_partner *customs = kn_partners_find(item->set->partners,
                                                 lane->engine->config->customs_partner);
    kn_ns ns[] = { { w->prefix, w->ns }, { NULL, NULL } };
    char derived[37], when[32];
    const char *guid = w->guid ? w->guid : derived;
    g_autoptr(kn_canonical) doc = NULL;
    const kn_signer *signer = customs ? kn_answer_signer(lane, customs, err) : NULL;
    GString *bytes;
    bool ok;

    if (!signer)
        return customs ? false : kn_fail(err, KN_E_ENGINE_ERROR, "no partner entry for customs");
    kn_answer_guid(lane, item, "customs", item->next_idx, derived);
    kn_time_text(item->time_ms, KN_TIME_WIRE, when);
    kn_writer_root_guid(lane->writer, w->prefix, w->type, ns, guid, "1.0");
    kn_writer_start(lane->writer, w->prefix, "Head", NULL);
    kn_writer_text(lane->writer, w->prefix, "senderId", lane->engine->config->id);
    kn_writer_text(lane->writer, w->prefix, "receiverId", customs->id);
    kn_writer_text(lane->writer, w->prefix, "createTime", when);
    kn_writer_end(lane->writer);
    kn_write_json(lane->writer, w->prefix, w->body);
    bytes = g_string_sized_new(4096);
    ok = kn_writer_take(lane->writer, &doc, err) && kn_answer_sign(lane, signer, doc, bytes, err)
         && kn_answer_add(lane, item,
                          &(kn_outgoing){ .topic = lane->engine->config->customs_topic,
                                          .key = w->key,
                                          .guid = guid,
                                          .type = w->type,
                                          .receiver = customs->id,
                                          .bytes = bytes,
                                          .ori_guid = item->guid },
                          err);
    (void)g_string_free(bytes, TRUE);
    return ok;
}

/* A business receipt for somebody who is no partner any more is kept where a person finds it. */
static bool
send_notice(kn_lane *lane, kn_item *item, const kn_receipt *r, const kn_decision *d, GError **err)
{
    const kn_partner *to = r->partner ? kn_partners_find(item->set->partners, r->partner) : NULL;

    if (!to)
        return kn_answer_dead(lane, item, kn_error_row_of(KN_E_RECEIVER_UNKNOWN),
                              "business receipt for a partner without entry", err);
    return kn_answer_receipt(lane, item, to, r, d, err);
}

bool
kn_answer_others(kn_lane *lane, kn_item *item, const kn_decision *d, GError **err)
{
    int64_t mark = 0;
    bool ok = true;

    kn_lane_sampled(lane, KN_STAGE_COUNT, &mark);
    for (unsigned i = 0; i < d->onward->len && ok && d->code == KN_E_OK; i++)
        ok = send_onward(lane, item, g_ptr_array_index(d->onward, i), err);
    for (unsigned i = 0; i < d->notices->len && ok && d->code == KN_E_OK; i++)
        ok = send_notice(lane, item, g_ptr_array_index(d->notices, i), d, err);
    ok = ok && (d->code != KN_E_OK || kn_answer_forward(lane, item, err));
    kn_lane_sampled(lane, KN_STAGE_ANSWER, &mark);
    return ok;
}

bool
kn_answer_dead(kn_lane *lane, kn_item *item, const kn_error_row *row, const char *detail,
               GError **err)
{
    char digest[65], when[32], guid[37];
    json_t *object;
    g_autoptr(GString) bytes = NULL;
    char *text;

    kn_hex_encode(item->payload_digest, sizeof item->payload_digest, digest);
    kn_time_text(item->time_ms, KN_TIME_WIRE, when);
    kn_answer_guid(lane, item, "dead", item->next_idx, guid);
    /* Never the payload: it lies in the archive under these coordinates. */
    object = json_pack("{ss si sI ss ss ss ss* ss* ss ss sI ss}", "topic", item->part->topic,
                       "partition", item->record.part, "offset", (json_int_t)item->record.offset,
                       "error", row->name, "receiptCode", row->receipt, "text", row->text, "detail",
                       detail, "rule", item->why_rule, "guid", item->guid ? item->guid : "",
                       "sender", item->partner ? item->partner->id : "", "bytes",
                       (json_int_t)item->record.len, "sm3", digest);
    if (!object)
        return kn_fail(err, KN_E_ENGINE_ERROR, "dead letter not encodable");
    (void)json_object_set_new(object, "time", json_string(when));
    text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    bytes = g_string_new(text);
    free(text); /* allow: jansson allocated it */
    atomic_fetch_add(&lane->stats.dead, 1);
    kn_gauge_dead(lane, row->name);
    return kn_answer_add(lane, item,
                         &(kn_outgoing){ .topic = lane->engine->config->dead_topic,
                                         .key = item->owner,
                                         .guid = guid,
                                         .type = "DeadLetter",
                                         .bytes = bytes,
                                         .ori_guid = item->guid },
                         err);
}
