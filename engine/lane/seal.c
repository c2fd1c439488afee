/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/seal.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/hex.h"

#include <kouan/error.h>
#include <string.h>

#define P "ke"
#define FLUSH_MS 10000

static void
derive_guid(const kn_engine *e, const kn_store_sealing *s, char guid[37])
{
    g_autoptr(kn_sm3) sm3 = kn_sm3_new(e->secret, sizeof e->secret);
    char previous[2 * KN_SM3_BYTES + 1];
    g_autofree char *text = NULL;
    uint8_t mac[KN_SM3_BYTES];

    kn_hex_encode(s->previous, KN_SM3_BYTES, previous);
    text = g_strdup_printf("%s\n%d\n%s", KN_SEAL_TYPE, s->number, previous);
    kn_sm3_keyed(sm3, text, strlen(text), mac);
    kn_hex_uuid(mac, guid);
}

static void
write_number(kn_writer *w, const char *name, int64_t value)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);

    kn_writer_text(w, P, name, text);
}

static void
write_digest(kn_writer *w, const char *name, const uint8_t digest[KN_SM3_BYTES])
{
    char hex[2 * KN_SM3_BYTES + 1];

    kn_hex_encode(digest, KN_SM3_BYTES, hex);
    kn_writer_text(w, P, name, hex);
}

static void
write_heads(kn_writer *w, const kn_store_sealing *s)
{
    for (unsigned i = 0; i < s->heads->len; i++) {
        const kn_store_head *h = &g_array_index(s->heads, kn_store_head, i);

        kn_writer_start(w, P, "Partition", NULL);
        kn_writer_text(w, P, "topic", h->topic);
        write_number(w, "partition", h->part);
        write_number(w, "offset", h->off);
        write_number(w, "history", h->seq);
        write_digest(w, "chain", h->chain);
        write_number(w, "trust", h->trust);
        kn_writer_end(w);
    }
    for (unsigned i = 0; i < s->sets->len; i++) {
        const kn_store_set *t = &g_array_index(s->sets, kn_store_set, i);

        kn_writer_start(w, P, "TrustSet", NULL);
        write_number(w, "version", t->version);
        write_digest(w, "digest", t->digest);
        kn_writer_end(w);
    }
}

bool
kn_seal_write(const kn_engine *e, const kn_store_sealing *s, int64_t now_ms, GString *out,
              GError **err)
{
    const kn_signer *signer = kn_engine_any_signer(e);
    g_autoptr(kn_writer) w = kn_writer_new();
    g_autoptr(kn_canonical) doc = NULL;
    const kn_ns ns[] = { { P, KN_ENGINE_NS }, { NULL, NULL } };
    char when[32], guid[37];
    kn_xml *xml;
    bool ok;

    if (!signer)
        return kn_fail(err, KN_E_CONFIG, "[sign]: no key to sign heads of the chain with");
    derive_guid(e, s, guid);
    kn_time_text(now_ms, KN_TIME_WIRE, when);
    kn_writer_root_guid(w, P, KN_SEAL_TYPE, ns, guid, "1.0");
    kn_writer_start(w, P, "Head", NULL);
    kn_writer_text(w, P, "senderId", e->config->id);
    kn_writer_text(w, P, "createTime", when);
    kn_writer_end(w);
    write_number(w, "number", s->number);
    if (s->number > 1)
        write_digest(w, "previous", s->previous);
    write_heads(w, s);
    if (!kn_writer_take(w, &doc, err))
        return false;
    xml = kn_xml_new(NULL, e->schemas);
    ok = kn_xml_sign_canonical(xml, signer, doc, out, NULL, err);
    kn_xml_free(xml);
    return ok;
}

static bool
keep(const kn_engine *e, kn_store *store, const kn_store_sealing *s, GError **err)
{
    g_autoptr(GString) document = g_string_new(NULL);
    g_autoptr(kn_sm3) sm3 = kn_sm3_new(e->secret, sizeof e->secret);
    int64_t now_ms = kn_clock_wall_ms();
    uint8_t digest[KN_SM3_BYTES];

    if (!kn_seal_write(e, s, now_ms, document, err)) {
        kn_store_rollback(store);
        return false;
    }
    kn_sm3_of(sm3, document->str, document->len, digest);
    return kn_store_seal_add(store, s, now_ms, document->str, document->len, digest, err);
}

bool
kn_seal_make(const kn_engine *e, kn_store *store, int64_t least_ms, int *number, GError **err)
{
    g_auto(kn_store_sealing) s = { 0 };

    *number = 0;
    if (!kn_store_seal_begin(store, &s, err))
        return false;
    if (!s.moved || (s.since_ms > 0 && kn_clock_wall_ms() - s.since_ms < least_ms)) {
        kn_store_rollback(store);
        return true;
    }
    if (!keep(e, store, &s, err))
        return false;
    *number = s.number;
    return true;
}

static bool
append(const kn_engine *e, kn_producer *producer, const kn_store_seal *seal, GError **err)
{
    g_autofree char *number = g_strdup_printf("%d", seal->number);
    json_t *headers = json_pack("{ss ss ss}", "type", KN_SEAL_TYPE, "sender", e->config->id,
                                "number", number);
    size_t len;
    const void *bytes = g_bytes_get_data(seal->document, &len);
    bool ok = kn_producer_send(producer,
                               &(kn_bus_send){ .topic = e->config->evidence_topic,
                                               .placed = true,
                                               .bytes = bytes,
                                               .len = len,
                                               .headers = headers },
                               err)
              && kn_producer_flush(producer, FLUSH_MS, err);

    json_decref(headers);
    return ok;
}

static void
seal_free(void *seal)
{
    kn_store_seal_free(seal);
}

bool
kn_seal_publish(const kn_engine *e, kn_store *store, kn_producer *producer, GError **err)
{
    g_autoptr(GPtrArray) seals = g_ptr_array_new_with_free_func(seal_free);

    if (!kn_store_seals(store, 1, INT32_MAX, KN_SEAL_UNPUBLISHED, seals, err))
        return false;
    for (unsigned i = 0; i < seals->len; i++) {
        const kn_store_seal *seal = g_ptr_array_index(seals, i);

        if (!append(e, producer, seal, err) || !kn_store_seal_published(store, seal->number, err))
            return false;
    }
    return true;
}
