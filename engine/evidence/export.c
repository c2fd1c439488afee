/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/export_priv.h"

#include "base/hex.h"
#include "evidence/chain.h"
#include "evidence/drop.h"

#include <kouan/error.h>
#include <string.h>

typedef struct place {
    int topic, part;
    int64_t off;
} place;

static int
by_place(const void *left, const void *right)
{
    const place *x = left, *y = right;

    if (x->topic != y->topic)
        return x->topic < y->topic ? -1 : 1;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    return (x->off > y->off) - (x->off < y->off);
}

/* --- where it happened ----------------------------------------------------------------------------- */

static bool
add_places(const kn_store *store, const json_t *list, GArray *places, GError **err)
{
    size_t i;
    json_t *p;

    json_array_foreach (list, i, p) {
        place at = { .topic = kn_store_topic(store, json_string_value(json_object_get(p, "topic"))),
                     .part = (int)json_integer_value(json_object_get(p, "part")),
                     .off = json_integer_value(json_object_get(p, "off")) };

        if (at.topic < 0)
            return kn_fail(err, KN_E_STORE_WRONG, "a message names a topic that is not there");
        g_array_append_val(places, at);
    }
    return true;
}

static void
sort_places(GArray *places)
{
    g_array_sort(places, by_place);
    for (unsigned i = places->len; i-- > 1;)
        if (by_place(&g_array_index(places, place, i), &g_array_index(places, place, i - 1)) == 0)
            (void)g_array_remove_index(places, i);
}

/* --- proofs ---------------------------------------------------------------------------------------- */

static void
add_proof(kn_export_file *f, const kn_store_head *to, const GString *lines)
{
    g_autofree char *name = g_strdup_printf("chain/%d-%d-%" G_GINT64_FORMAT ".proof", to->topic_id,
                                            to->part, to->off);

    kn_export_member(f, name, lines->str, lines->len);
}

/* What is kept must lead from head to head, or it is no evidence. */
static bool
link_entry(kn_export_file *f, kn_store_head *at, const kn_entry *entry, GString *lines,
           GError **err)
{
    char hex[2 * KN_SM3_BYTES + 1];
    uint8_t digest[KN_SM3_BYTES];

    if (!kn_chain_follow(f->sm3, f->entry, f->plan->store, entry, at->chain, err))
        return false;
    kn_sm3_of(f->sm3, f->entry->str, f->entry->len, digest);
    kn_hex_encode(digest, sizeof digest, hex);
    g_string_append_printf(lines, "%" G_GINT64_FORMAT " %s\n", entry->off, hex);
    return true;
}

static void
head_line(GString *lines, const char *word, const kn_store_head *head, int seal)
{
    char hex[2 * KN_SM3_BYTES + 1];

    kn_hex_encode(head->chain, KN_SM3_BYTES, hex);
    g_string_append_printf(lines, "%s %" G_GINT64_FORMAT " %s", word, head->off, hex);
    if (seal > 0)
        g_string_append_printf(lines, " seal %d", seal);
    (void)g_string_append_c(lines, '\n');
}

static bool
is_place(const kn_store_head *at, int64_t off, const GArray *places, unsigned from)
{
    for (unsigned i = from; i < places->len; i++) {
        const place *p = &g_array_index(places, place, i);

        if (p->topic != at->topic_id || p->part != at->part || p->off > off)
            return false;
        if (p->off == off)
            return true;
    }
    return false;
}

/* All rows from the head at to the sealed one; those that are asked for become members. */
static bool
walk_proof(kn_export_file *f, kn_store_head at, const kn_store_head *to, int seal,
           const GArray *places, unsigned first, GError **err)
{
    g_autoptr(GString) lines = g_string_new("kouan proof 1\n");
    g_auto(kn_entry_walk) walk = { 0 };

    g_string_append_printf(lines, "topic %s\npartition %d\n", to->topic, to->part);
    head_line(lines, "from", &at, 0);
    kn_entry_walk_init(&walk, f->plan->store, &at, to->off, true);
    for (;;) {
        g_autoptr(kn_entry) entry = NULL;

        if (!kn_entry_walk_next(&walk, &entry, err))
            return false;
        if (!entry)
            break;
        if (!link_entry(f, &at, entry, lines, err)
            || (is_place(&at, entry->off, places, first) && !kn_export_message(f, entry, err)))
            return false;
    }
    if (memcmp(at.chain, to->chain, sizeof at.chain) != 0)
        return kn_fail(err, KN_E_EVIDENCE, "%s/%d: the rows do not lead to seal %d", to->topic,
                       to->part, seal);
    head_line(lines, "to", to, seal);
    add_proof(f, to, lines);
    (void)g_hash_table_add(f->seals, GINT_TO_POINTER(seal));
    return true;
}

/* One proof for all places up to the next sealed head behind the first of them. */
static bool
prove_from(kn_export_file *f, const GArray *places, unsigned *i, GError **err)
{
    const place *p = &g_array_index(places, place, *i);
    unsigned first = *i, n = f->n;
    kn_store_head from = { 0 }, to = { 0 };
    int seal = 0;

    if (!kn_store_head_before(f->plan->store, p->topic, p->part, p->off, &from, err)
        || !kn_store_head_sealed(f->plan->store, p->topic, p->part, p->off, &to, &seal, err))
        return false;
    if (seal == 0)
        return kn_fail(err, KN_E_EVIDENCE,
                       "%s/%d offset %" G_GINT64_FORMAT
                       " is not under a seal yet: run kouan evidence seal",
                       kn_store_topic_name(f->plan->store, p->topic), p->part, p->off);
    for (; *i < places->len; (*i)++) {
        const place *next = &g_array_index(places, place, *i);

        if (next->topic != p->topic || next->part != p->part || next->off >= to.off)
            break;
    }
    if (!walk_proof(f, from, &to, seal, places, first, err))
        return false;
    return f->n - n == *i - first
           || kn_fail(err, KN_E_EVIDENCE, "%s/%d: %u of %u messages are no longer in the archive",
                      to.topic, to.part, *i - first - (f->n - n), *i - first);
}

/* --- the file -------------------------------------------------------------------------------------- */

static int
by_number(const void *left, const void *right)
{
    int x = GPOINTER_TO_INT(*(void *const *)left), y = GPOINTER_TO_INT(*(void *const *)right);

    return (x > y) - (x < y);
}

static bool
each_number(kn_export_file *f, GHashTable *numbers,
            bool (*add)(kn_export_file *f, int number, GError **err), GError **err)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    GHashTableIter iter;
    void *key;

    g_hash_table_iter_init(&iter, numbers);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_ptr_array_add(list, key);
    g_ptr_array_sort(list, by_number);
    for (unsigned i = 0; i < list->len; i++)
        if (!add(f, GPOINTER_TO_INT(g_ptr_array_index(list, i)), err))
            return false;
    return true;
}

static void
add_record(kn_export_file *f, const json_t *record)
{
    char *text = json_dumps(record, JSON_INDENT(2) | JSON_SORT_KEYS);

    if (text)
        kn_export_member(f, "document.json", text, strlen(text));
    free(text); /* allow: jansson allocated it */
}

/* What was dropped cannot be shown any more: say when, and where it was exported to. */
static bool
all_there(const kn_export_plan *plan, const GArray *places, GError **err)
{
    g_autoptr(GPtrArray) wrong = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(kn_drops) drops = NULL;

    if (!kn_drops_open(plan->store, wrong, &drops, err))
        return false;
    for (unsigned i = 0; i < places->len; i++) {
        const place *p = &g_array_index(places, place, i);
        const char *topic = kn_store_topic_name(plan->store, p->topic);
        const kn_drop *drop = kn_drops_of(drops, topic, p->part, p->off);
        char day[11];

        if (!drop)
            continue;
        kn_drop_day_text(drop->day, day);
        return kn_fail(err, KN_E_EVIDENCE,
                       "%s/%d offset %" G_GINT64_FORMAT
                       " lay in day %s, which %s dropped; its messages are in %u files below %s of "
                       "[archive] export_dir",
                       topic, p->part, p->off, day, drop->by, drop->files->len, day);
    }
    return true;
}

static bool
fill(kn_export_file *f, const char *kind, const char *key, const json_t *record, GArray *places,
     GError **err)
{
    unsigned i = 0;

    kn_export_member(f, "README.txt", kn_export_readme, strlen(kn_export_readme));
    if (record)
        add_record(f, record);
    sort_places(places);
    while (i < places->len)
        if (!prove_from(f, places, &i, err))
            return false;
    return each_number(f, f->seals, kn_export_seal, err)
           && each_number(f, f->trusts, kn_export_trust, err) && kn_export_close(f, kind, key, err);
}

static bool
make(const kn_export_plan *plan, const char *kind, const char *key, const json_t *record,
     GArray *places, GString *out, GError **err)
{
    kn_export_file f;
    size_t before = out->len;
    bool ok;

    if (!all_there(plan, places, err))
        return false;
    kn_export_file_init(&f, plan, out);
    ok = fill(&f, kind, key, record, places, err);
    if (ok && out->len - before > KN_EVIDENCE_MAX)
        ok = kn_fail(err, KN_E_OUTPUT_TOO_BIG, "more than %zu bytes", KN_EVIDENCE_MAX);
    kn_export_file_clear(&f);
    if (!ok)
        (void)g_string_truncate(out, before);
    return ok;
}

bool
kn_export_document(const kn_export_plan *plan, const char *kind, const char *key, GString *out,
                   GError **err)
{
    g_autoptr(GArray) places = g_array_new(FALSE, TRUE, sizeof(place));
    json_t *found = NULL;
    bool ok = kn_trace_document(plan->trace, kind, key, &found, err)
              && add_places(plan->store, json_object_get(found, "places"), places, err)
              && make(plan, kind, key, json_object_get(found, "record"), places, out, err);

    json_decref(found);
    return ok;
}

bool
kn_export_messages(const kn_export_plan *plan, int topic, int part, const int64_t *offs, unsigned n,
                   GString *out, GError **err)
{
    g_autoptr(GArray) places = g_array_new(FALSE, TRUE, sizeof(place));
    g_autofree char *name = g_strdup_printf("%s/%d %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT,
                                            kn_store_topic_name(plan->store, topic), part, offs[0],
                                            offs[n - 1]);

    for (unsigned i = 0; i < n; i++) {
        place at = { .topic = topic, .part = part, .off = offs[i] };

        g_array_append_val(places, at);
    }
    return make(plan, "messages", name, NULL, places, out, err);
}

bool
kn_export(const kn_export_plan *plan, const char *what, GString *out, GError **err)
{
    g_autoptr(GArray) places = g_array_new(FALSE, TRUE, sizeof(place));
    json_t *found = NULL;
    const json_t *first;
    bool ok = kn_trace_find(plan->trace, what, plan->partners, plan->kinds, &found, err);

    first = json_array_get(json_object_get(found, "documents"), 0);
    if (ok && first)
        ok = kn_export_document(plan, json_string_value(json_object_get(first, "kind")),
                                json_string_value(json_object_get(first, "key")), out, err);
    else if (ok)
        ok = add_places(plan->store, json_object_get(found, "places"), places, err)
             && make(plan, "message", what, NULL, places, out, err);
    json_decref(found);
    return ok;
}
