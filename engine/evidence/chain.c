/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/chain.h"

#include "evidence/drop.h"
#include "evidence/heads.h"
#include "store/entry.h"
#include "xml/open.h"

#include <kouan/error.h>
#include <string.h>

typedef struct check {
    kn_store *store;
    kn_sm3 *sm3;
    GString *text;
    GArray *kept; /* kn_store_head: of this partition, by offset */
    unsigned next_kept;
    unsigned found; /* findings of this partition */
    bool payloads;
    const kn_drops *drops;
    kn_chain_report *report;
} check;

void
kn_chain_report_clear(kn_chain_report *report)
{
    g_clear_pointer(&report->wrong, g_ptr_array_unref);
}

G_GNUC_PRINTF(4, 5)
static void
wrong(check *c, const kn_store_head *at, int64_t off, const char *format, ...)
{
    va_list args;
    g_autofree char *what = NULL;

    if (++c->found > KN_CHAIN_WRONG_MAX)
        return;
    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(c->report->wrong, g_strdup_printf("%s/%d offset %" G_GINT64_FORMAT ": %s",
                                                      at->topic, at->part, off, what));
}

static void
check_payloads(check *c, const kn_store_head *at, const kn_entry *entry)
{
    for (unsigned i = 0; i < entry->messages->len; i++) {
        const kn_store_message *m = g_ptr_array_index(entry->messages, i);
        uint8_t digest[KN_SM3_BYTES];
        size_t len;
        const void *bytes = m->payload ? g_bytes_get_data(m->payload, &len) : NULL;

        if (!m->payload)
            continue; /* erased: its digest still stands for it */
        kn_sm3_of(c->sm3, bytes ? bytes : "", len, digest);
        if (memcmp(digest, m->digest, sizeof digest) != 0)
            wrong(c, at, entry->off, "payload of row %d is not the one of its digest", m->idx);
    }
}

/* Heads kept below off: each must be where the chain is now, if it is of this very offset. */
static void
check_kept(check *c, const kn_store_head *at, int64_t off)
{
    for (; c->next_kept < c->kept->len; c->next_kept++) {
        const kn_store_head *kept = &g_array_index(c->kept, kn_store_head, c->next_kept);

        if (kept->off > off)
            return;
        c->report->heads++;
        if (kept->off >= at->off && memcmp(kept->chain, at->chain, sizeof at->chain) != 0)
            wrong(c, at, kept->off, "the head kept there is not the one its rows make");
        else if (kept->off >= at->off && kept->seq != at->seq)
            wrong(c, at, kept->off, "history number %" G_GINT64_FORMAT " was reached there",
                  kept->seq);
    }
}

/* at moves behind the entry.  After a finding the walk goes on from what is stored, so that each change is
 * told by itself. */
static void
check_entry(check *c, kn_store_head *at, const kn_entry *entry)
{
    const kn_store_message *in = g_ptr_array_index(entry->messages, 0);
    uint8_t digest[KN_SM3_BYTES];

    check_kept(c, at, entry->off);
    c->report->messages++;
    c->report->rows += entry->messages->len + entry->history->len;
    if (c->payloads)
        check_payloads(c, at, entry);
    at->seq += entry->history->len;
    at->off = entry->off + 1;
    if (!entry->chained) {
        wrong(c, at, entry->off, "the message has no head");
        return;
    }
    kn_entry_text(entry, c->store, c->text);
    kn_sm3_of(c->sm3, c->text->str, c->text->len, digest);
    kn_chain_link(c->sm3, at->chain, digest, at->chain);
    if (memcmp(at->chain, in->chain, sizeof at->chain) != 0)
        wrong(c, at, entry->off,
              "its rows, or what lies before them, are not those that were settled");
    memcpy(at->chain, in->chain, sizeof at->chain);
}

/* What is kept begins where the last dropped day left the chain; where none was dropped, at its very beginning. */
static void
check_start(check *c, const kn_store_head *at)
{
    static const uint8_t nothing[KN_SM3_BYTES];
    const kn_drop_part *last = kn_drops_last(c->drops, at->topic, at->part);

    if (last
        && (at->off < last->last + 1 || memcmp(at->chain, last->after, sizeof at->chain) != 0
            || at->seq != last->history))
        wrong(c, at, at->off, "what is kept does not follow what was dropped");
    if (!last && memcmp(at->chain, nothing, sizeof nothing) != 0 && c->report->before == 0)
        wrong(c, at, at->off, "messages below are gone, and no dropped day names them");
}

/* Rows that never had a head lie below the first one that is kept. */
static void
check_before(check *c, const kn_store_head *at, int64_t before)
{
    const kn_store_head *first = c->kept->len > 0 ? &g_array_index(c->kept, kn_store_head, 0)
                                                  : NULL;

    c->report->before += before;
    if (before > 0 && (!first || first->off < at->off))
        wrong(c, at, at->off, "%" G_GINT64_FORMAT " messages below have lost their heads", before);
    while (c->next_kept < c->kept->len
           && g_array_index(c->kept, kn_store_head, c->next_kept).off < at->off)
        c->next_kept++;
}

static bool
check_partition(check *c, const kn_store_head *position, GError **err)
{
    kn_store_head at;
    int64_t before;
    g_auto(kn_entry_walk) walk = { 0 };

    c->found = c->next_kept = 0;
    g_array_set_size(c->kept, 0);
    if (!kn_store_heads_kept(c->store, position->topic_id, position->part, c->kept, err)
        || !kn_store_chain_start(c->store, position->topic_id, position->part, &at, &before, err))
        return false;
    check_before(c, &at, before);
    check_start(c, &at);
    kn_entry_walk_init(&walk, c->store, &at, INT64_MAX, c->payloads);
    for (;;) {
        g_autoptr(kn_entry) entry = NULL;
        g_autoptr(GError) why = NULL;

        if (!kn_entry_walk_next(&walk, &entry, &why)) {
            if (kn_error_code(why) != KN_E_STORE_WRONG) {
                g_propagate_error(err, g_steal_pointer(&why));
                return false;
            }
            wrong(c, &at, at.off, "%s", why->message);
            return true;
        }
        if (!entry)
            break;
        check_entry(c, &at, entry);
    }
    check_kept(c, &at, INT64_MAX);
    if (at.off != position->off || at.seq != position->seq
        || memcmp(at.chain, position->chain, sizeof at.chain) != 0)
        wrong(c, &at, position->off, "the rows do not lead to the head of the position");
    if (c->found > KN_CHAIN_WRONG_MAX)
        g_ptr_array_add(c->report->wrong, g_strdup_printf("%s/%d: and %u more", at.topic, at.part,
                                                          c->found - KN_CHAIN_WRONG_MAX));
    return true;
}

bool
kn_chain_follow(kn_sm3 *sm3, GString *text, const kn_store *store, const kn_entry *entry,
                uint8_t chain[KN_SM3_BYTES], GError **err)
{
    const kn_store_message *in = g_ptr_array_index(entry->messages, 0);
    uint8_t digest[KN_SM3_BYTES];
    bool ok = entry->chained;

    for (unsigned i = 0; ok && i < entry->messages->len; i++) {
        const kn_store_message *m = g_ptr_array_index(entry->messages, i);
        size_t len = 0;
        const void *bytes = m->payload ? g_bytes_get_data(m->payload, &len) : NULL;

        if (!m->payload)
            continue;
        kn_sm3_of(sm3, bytes ? bytes : "", len, digest);
        ok = memcmp(digest, m->digest, sizeof digest) == 0;
    }
    kn_entry_text(entry, store, text);
    kn_sm3_of(sm3, text->str, text->len, digest);
    kn_chain_link(sm3, chain, digest, chain);
    return (ok && memcmp(chain, in->chain, KN_SM3_BYTES) == 0)
           || kn_fail(err, KN_E_EVIDENCE,
                      "%s/%d offset %" G_GINT64_FORMAT
                      " is not as it was settled: see kouan evidence chain",
                      kn_store_topic_name(store, in->topic), in->part, entry->off);
}

/* --- seals ----------------------------------------------------------------------------------------- */

static void
seal_free(void *seal)
{
    kn_store_seal_free(seal);
}

G_GNUC_PRINTF(3, 4) static void wrong_seal(check *c, int number, const char *format, ...)
{
    va_list args;
    g_autofree char *what = NULL;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(c->report->wrong, g_strdup_printf("seal %d: %s", number, what));
}

/* Every head a seal names is kept as it is named. */
static bool
check_named(check *c, const kn_heads *heads, GError **err)
{
    for (unsigned i = 0; i < heads->rows->len; i++) {
        const kn_heads_row *row = &g_array_index(heads->rows, kn_heads_row, i);
        int topic = kn_store_topic(c->store, row->topic);
        kn_store_head kept = { 0 };

        if (topic >= 0 && !kn_store_head_before(c->store, topic, row->part, row->off, &kept, err))
            return false;
        if (topic < 0 || kept.off != row->off || kept.seq != row->seq
            || memcmp(kept.chain, row->chain, sizeof kept.chain) != 0)
            wrong_seal(c, heads->number, "the head of %s/%d it names is not kept", row->topic,
                       row->part);
    }
    return true;
}

static bool
check_seal(check *c, kn_xml *xml, const kn_store_seal *seal, uint8_t previous[KN_SM3_BYTES],
           GError **err)
{
    g_auto(kn_heads) heads = { 0 };
    g_autoptr(GError) why = NULL;
    uint8_t digest[KN_SM3_BYTES];
    size_t len;
    const void *bytes = g_bytes_get_data(seal->document, &len);

    c->report->seals++;
    kn_sm3_of(c->sm3, bytes, len, digest);
    if (memcmp(digest, seal->digest, sizeof digest) != 0)
        wrong_seal(c, seal->number, "its document is not the one of its digest");
    if (!kn_heads_read(xml, bytes, len, &heads, &why)) {
        wrong_seal(c, seal->number, "%s", why->message);
        memcpy(previous, digest, sizeof digest);
        return true;
    }
    if (heads.number != seal->number
        || (seal->number > 1
            && (!heads.has_previous || memcmp(heads.previous, previous, sizeof digest) != 0)))
        wrong_seal(c, seal->number, "it does not follow the one before");
    memcpy(previous, digest, sizeof digest);
    return check_named(c, &heads, err);
}

static bool
check_seals(check *c, GError **err)
{
    uint8_t previous[KN_SM3_BYTES] = { 0 };
    kn_xml *xml = kn_signed_xml_new();
    bool ok = true;
    int next = 1;

    for (unsigned n = 1; ok && n > 0;) {
        g_autoptr(GPtrArray) seals = g_ptr_array_new_with_free_func(seal_free);

        ok = kn_store_seals(c->store, next, INT32_MAX, KN_SEAL_ALL, seals, err);
        n = seals->len;
        for (unsigned i = 0; i < n && ok; i++, next++) {
            const kn_store_seal *seal = g_ptr_array_index(seals, i);

            if (seal->number != next)
                wrong_seal(c, next, "it is missing");
            next = seal->number;
            ok = check_seal(c, xml, seal, previous, err);
        }
    }
    kn_xml_free(xml);
    return ok;
}

bool
kn_chain_check(kn_store *store, bool payloads, kn_chain_report *out, GError **err)
{
    g_autoptr(GArray) positions = g_array_new(FALSE, TRUE, sizeof(kn_store_head));
    g_autoptr(kn_drops) drops = NULL;
    check c = { .store = store, .payloads = payloads, .report = out };
    bool ok;

    *out = (kn_chain_report){ .wrong = g_ptr_array_new_with_free_func(g_free) };
    c.sm3 = kn_sm3_new((const uint8_t *)"", 0);
    c.text = g_string_new(NULL);
    c.kept = g_array_new(FALSE, TRUE, sizeof(kn_store_head));
    ok = kn_drops_open(store, out->wrong, &drops, err) && kn_store_heads(store, positions, err);
    c.drops = drops;
    out->dropped = ok ? (int)kn_drops_count(drops) : 0;
    for (unsigned i = 0; i < positions->len && ok; i++)
        ok = check_partition(&c, &g_array_index(positions, kn_store_head, i), err);
    ok = ok && check_seals(&c, err);
    kn_sm3_free(c.sm3);
    (void)g_string_free(c.text, TRUE);
    g_array_unref(c.kept);
    return ok;
}
