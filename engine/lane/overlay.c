/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/overlay.h"

#include <string.h>

struct kn_overlay {
    GHashTable *slots; /* kn_slot by itself */
    GPtrArray *order;  /* the same slots in order of first use: never walk the table */
};

static unsigned
slot_hash(const void *p)
{
    const kn_slot *s = p;

    return g_str_hash(s->kind) * 31 + g_str_hash(s->key);
}

static int
slot_equal(const void *a, const void *b)
{
    const kn_slot *x = a, *y = b;

    return strcmp(x->kind, y->kind) == 0 && strcmp(x->key, y->key) == 0;
}

static void
slot_free(void *p)
{
    kn_slot *s = p;

    g_free(s->kind);
    g_free(s->key);
    kn_record_free(s->record);
    g_free(s);
}

kn_overlay *
kn_overlay_new(void)
{
    kn_overlay *o = g_new0(kn_overlay, 1);

    o->slots = g_hash_table_new(slot_hash, slot_equal);
    o->order = g_ptr_array_new_with_free_func(slot_free);
    return o;
}

void
kn_overlay_free(kn_overlay *o)
{
    if (!o)
        return;
    g_hash_table_unref(o->slots);
    g_ptr_array_unref(o->order);
    g_free(o);
}

static kn_slot *
find(const kn_overlay *o, const char *kind, const char *key)
{
    kn_slot probe = { .kind = (char *)(uintptr_t)kind, .key = (char *)(uintptr_t)key };

    return g_hash_table_lookup(o->slots, &probe);
}

static kn_slot *
find_or_make(kn_overlay *o, const char *kind, const char *key)
{
    kn_slot *s = find(o, kind, key);

    if (s)
        return s;
    s = g_new0(kn_slot, 1);
    s->kind = g_strdup(kind);
    s->key = g_strdup(key);
    s->topic = s->part = -1;
    g_ptr_array_add(o->order, s);
    (void)g_hash_table_add(o->slots, s);
    return s;
}

const kn_record *
kn_overlay_lookup(void *overlay, const char *kind, const char *key, bool *known)
{
    kn_slot *s = find_or_make(overlay, kind, key);

    *known = s->known;
    return s->known ? s->record : NULL;
}

GArray *
kn_overlay_wanted(const kn_overlay *o)
{
    GArray *wanted = g_array_new(FALSE, FALSE, sizeof(kn_store_key));

    for (unsigned i = 0; i < o->order->len; i++) {
        const kn_slot *s = g_ptr_array_index(o->order, i);
        kn_store_key key = { s->kind, s->key };

        if (!s->known)
            g_array_append_val(wanted, key);
    }
    return wanted;
}

void
kn_overlay_loaded(kn_overlay *o, GPtrArray *records)
{
    for (unsigned i = 0; i < records->len; i++) {
        kn_store_record *r = g_ptr_array_index(records, i);
        kn_slot *s = find(o, r->record->kind, r->record->key);

        if (!s || s->known)
            continue;
        s->record = g_steal_pointer(&r->record);
        s->topic = r->topic;
        s->part = r->part;
        s->off = r->off;
    }
    for (unsigned i = 0; i < o->order->len; i++)
        ((kn_slot *)g_ptr_array_index(o->order, i))->known = true;
}

void
kn_overlay_put(kn_overlay *o, kn_record *record, int topic, int part, int64_t off)
{
    kn_slot *s = find_or_make(o, record->kind, record->key);

    kn_record_free(s->record);
    s->record = record;
    s->known = s->dirty = true;
    s->topic = topic;
    s->part = part;
    s->off = off;
}

const kn_slot *
kn_overlay_slot(const kn_overlay *o, const char *kind, const char *key)
{
    return find(o, kind, key);
}

void
kn_overlay_writes(const kn_overlay *o, GArray *out)
{
    for (unsigned i = 0; i < o->order->len; i++) {
        const kn_slot *s = g_ptr_array_index(o->order, i);
        kn_store_write write = {
            .record = s->record, .topic = s->topic, .part = s->part, .off = s->off
        };

        write.due_ms = s->record ? kn_timer_due(s->record) : 0;

        if (s->dirty)
            g_array_append_val(out, write);
    }
}
