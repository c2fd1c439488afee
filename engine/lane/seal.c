/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/seal.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/hex.h"
#include "lane/own.h"

#include <kouan/error.h>
#include <string.h>

#define FLUSH_MS 10000

static void
write_heads(kn_writer *w, const kn_store_sealing *s)
{
    for (unsigned i = 0; i < s->heads->len; i++) {
        const kn_store_head *h = &g_array_index(s->heads, kn_store_head, i);

        kn_writer_start(w, KN_OWN_PREFIX, "Partition", NULL);
        kn_writer_text(w, KN_OWN_PREFIX, "topic", h->topic);
        kn_own_put_number(w, "partition", h->part);
        kn_own_put_number(w, "offset", h->off);
        kn_own_put_number(w, "history", h->seq);
        kn_own_put_digest(w, "chain", h->chain);
        kn_own_put_number(w, "trust", h->trust);
        kn_writer_end(w);
    }
    for (unsigned i = 0; i < s->sets->len; i++) {
        const kn_store_set *t = &g_array_index(s->sets, kn_store_set, i);

        kn_writer_start(w, KN_OWN_PREFIX, "TrustSet", NULL);
        kn_own_put_number(w, "version", t->version);
        kn_own_put_digest(w, "digest", t->digest);
        kn_writer_end(w);
    }
}

bool
kn_seal_write(const kn_engine *e, const kn_store_sealing *s, int64_t now_ms, GString *out,
              GError **err)
{
    g_autoptr(kn_writer) w = kn_writer_new();
    char previous[2 * KN_SM3_BYTES + 1], guid[37];
    g_autofree char *words = NULL;

    kn_hex_encode(s->previous, KN_SM3_BYTES, previous);
    words = g_strdup_printf("%d\n%s", s->number, previous);
    kn_own_guid(e, KN_SEAL_TYPE, words, guid);
    kn_own_begin(w, e, KN_SEAL_TYPE, guid, now_ms);
    kn_own_put_number(w, "number", s->number);
    if (s->number > 1)
        kn_own_put_digest(w, "previous", s->previous);
    write_heads(w, s);
    return kn_own_finish(w, e, KN_SEAL_TYPE, out, err);
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
