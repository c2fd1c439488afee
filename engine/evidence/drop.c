/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/drop.h"

#include "base/clock.h"
#include "base/hex.h"
#include "evidence/chain.h"
#include "evidence/signed.h"
#include "lane/own.h"
#include "store/entry.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS 86400000LL
#define PG_EPOCH_DAYS 10957

static void
part_clear(void *part)
{
    g_free(((kn_drop_part *)part)->topic);
}

static void
file_clear(void *file)
{
    g_free(((kn_drop_file *)file)->name);
    g_free(((kn_drop_file *)file)->sm3);
}

void
kn_drop_init(kn_drop *drop, int32_t day)
{
    *drop = (kn_drop){ .day = day };
    drop->parts = g_array_new(FALSE, TRUE, sizeof(kn_drop_part));
    g_array_set_clear_func(drop->parts, part_clear);
    drop->files = g_array_new(FALSE, TRUE, sizeof(kn_drop_file));
    g_array_set_clear_func(drop->files, file_clear);
}

void
kn_drop_clear(kn_drop *drop)
{
    g_free(drop->by);
    g_free(drop->reason);
    g_free(drop->time);
    g_clear_pointer(&drop->parts, g_array_unref);
    g_clear_pointer(&drop->files, g_array_unref);
}

void
kn_drop_day_text(int32_t day, char out[11])
{
    kn_date d;

    kn_clock_civil((day + (int64_t)PG_EPOCH_DAYS) * DAY_MS, 0, &d);
    (void)g_snprintf(out, 11, "%04u-%02u-%02u", (unsigned)d.year % 10000, (unsigned)d.month % 100,
                     (unsigned)d.day % 100);
}

bool
kn_drop_day_parse(const char *text, int32_t *day)
{
    g_auto(GStrv) words = g_strsplit(text, "-", -1);
    kn_date d = { 0 };
    int64_t y, m, n, ms;

    if (strlen(text) != 10 || g_strv_length(words) != 3
        || !g_ascii_string_to_signed(words[0], 10, 2000, 9999, &y, NULL)
        || !g_ascii_string_to_signed(words[1], 10, 1, 12, &m, NULL)
        || !g_ascii_string_to_signed(words[2], 10, 1, 31, &n, NULL))
        return false;
    d.year = (int)y;
    d.month = (int)m;
    d.day = (int)n;
    if (!kn_clock_from_civil(&d, 0, &ms))
        return false;
    *day = (int32_t)(ms / DAY_MS - PG_EPOCH_DAYS);
    return true;
}

/* --- may it go? --------------------------------------------------------------------------------------- */

typedef struct look {
    kn_store *store;
    kn_sm3 *sm3;
    GString *text;
} look;

/* From the nearest head that is kept, through the day, to the head that a seal names. */
static bool
follow(look *l, const kn_store_span *span, kn_store_head at, const kn_store_head *to,
       kn_drop_part *part, GError **err)
{
    g_auto(kn_entry_walk) walk = { 0 };
    int64_t n = 0;

    memcpy(part->before, at.chain, sizeof part->before);
    kn_entry_walk_init(&walk, l->store, &at, to->off, true);
    for (;;) {
        g_autoptr(kn_entry) entry = NULL;

        if (!kn_entry_walk_next(&walk, &entry, err))
            return false;
        if (!entry)
            break;
        if (entry->off == span->first)
            memcpy(part->before, at.chain, sizeof part->before);
        if (!kn_chain_follow(l->sm3, l->text, l->store, entry, at.chain, err))
            return false;
        at.seq += entry->history->len;
        n += entry->off >= span->first && entry->off <= span->last;
        if (entry->off == span->last) {
            memcpy(part->after, at.chain, sizeof part->after);
            part->history = at.seq;
        }
    }
    if (n != span->messages || memcmp(at.chain, to->chain, sizeof at.chain) != 0)
        return kn_fail(err, KN_E_EVIDENCE,
                       "%s/%d: the rows do not lead to seal %d: see kouan evidence chain",
                       span->topic, span->part, part->seal);
    return true;
}

static bool
prepare_part(look *l, const kn_store_span *span, kn_drop *drop, GError **err)
{
    kn_drop_part part = {
        .part = span->part, .first = span->first, .last = span->last, .messages = span->messages
    };
    kn_store_head from = { 0 }, to = { 0 };

    if (!kn_store_head_before(l->store, span->topic_id, span->part, span->first, &from, err)
        || !kn_store_head_sealed(l->store, span->topic_id, span->part, span->last, &to, &part.seal,
                                 err))
        return false;
    if (part.seal == 0)
        return kn_fail(err, KN_E_EVIDENCE,
                       "%s/%d offset %" G_GINT64_FORMAT
                       " is not under a seal yet: run kouan evidence seal",
                       span->topic, span->part, span->last);
    if (!follow(l, span, from, &to, &part, err))
        return false;
    part.topic = g_strdup(span->topic);
    g_array_append_val(drop->parts, part);
    return true;
}

bool
kn_drop_prepare(kn_store *store, kn_drop *drop, GError **err)
{
    g_autoptr(GArray) spans = g_array_new(FALSE, TRUE, sizeof(kn_store_span));
    g_autoptr(GString) text = g_string_new(NULL);
    look l = { .store = store, .text = text };
    bool ok = kn_store_day_spans(store, drop->day, spans, err);

    l.sm3 = kn_sm3_new((const uint8_t *)"", 0);
    for (unsigned i = 0; ok && i < spans->len; i++)
        ok = prepare_part(&l, &g_array_index(spans, kn_store_span, i), drop, err);
    kn_sm3_free(l.sm3);
    return ok;
}

/* --- the document -------------------------------------------------------------------------------------- */

static void
write_part(kn_writer *w, const kn_drop_part *p)
{
    kn_writer_start(w, KN_OWN_PREFIX, "Partition", NULL);
    kn_writer_text(w, KN_OWN_PREFIX, "topic", p->topic);
    kn_own_put_number(w, "partition", p->part);
    kn_own_put_number(w, "first", p->first);
    kn_own_put_number(w, "last", p->last);
    kn_own_put_number(w, "messages", p->messages);
    kn_own_put_number(w, "history", p->history);
    kn_own_put_digest(w, "before", p->before);
    kn_own_put_digest(w, "after", p->after);
    kn_own_put_number(w, "seal", p->seal);
    kn_writer_end(w);
}

static bool
write_document(const kn_engine *e, const kn_drop *drop, int64_t now_ms, GString *out, GError **err)
{
    g_autoptr(kn_writer) w = kn_writer_new();
    char day[11], guid[37];

    kn_drop_day_text(drop->day, day);
    kn_own_guid(e, KN_DROP_TYPE, day, guid);
    kn_own_begin(w, e, KN_DROP_TYPE, guid, now_ms);
    kn_writer_text(w, KN_OWN_PREFIX, "day", day);
    kn_writer_text(w, KN_OWN_PREFIX, "by", drop->by);
    kn_writer_text(w, KN_OWN_PREFIX, "reason", drop->reason);
    for (unsigned i = 0; i < drop->parts->len; i++)
        write_part(w, &g_array_index(drop->parts, kn_drop_part, i));
    for (unsigned i = 0; i < drop->files->len; i++) {
        const kn_drop_file *f = &g_array_index(drop->files, kn_drop_file, i);

        kn_writer_start(w, KN_OWN_PREFIX, "File", NULL);
        kn_writer_text(w, KN_OWN_PREFIX, "name", f->name);
        kn_writer_text(w, KN_OWN_PREFIX, "sm3", f->sm3);
        kn_writer_end(w);
    }
    return kn_own_finish(w, e, KN_DROP_TYPE, out, err);
}

bool
kn_drop_commit(const kn_engine *e, kn_store *store, const kn_drop *drop, int64_t now_ms,
               GError **err)
{
    g_autoptr(GString) document = g_string_new(NULL);
    g_autoptr(GArray) heads = g_array_new(FALSE, TRUE, sizeof(kn_store_head));
    kn_sm3 *sm3;
    uint8_t digest[KN_SM3_BYTES];

    if (!write_document(e, drop, now_ms, document, err))
        return false;
    for (unsigned i = 0; i < drop->parts->len; i++) {
        const kn_drop_part *p = &g_array_index(drop->parts, kn_drop_part, i);
        kn_store_head h = { .topic_id = kn_store_topic(store, p->topic),
                            .part = p->part,
                            .off = p->last + 1,
                            .seq = p->history };

        memcpy(h.chain, p->after, sizeof h.chain);
        g_array_append_val(heads, h);
    }
    sm3 = kn_sm3_new((const uint8_t *)"", 0);
    kn_sm3_of(sm3, document->str, document->len, digest);
    kn_sm3_free(sm3);
    return kn_store_day_drop(store, drop->day, heads, now_ms, document->str, document->len, digest,
                             err);
}
