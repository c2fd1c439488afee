/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of dropped days, read and held against each other. */
#include "base/hex.h"
#include "evidence/drop.h"
#include "evidence/signed.h"

#include <string.h>

static bool
number_of(const xmlNode *parent, const char *name, int64_t max, int64_t *out)
{
    return g_ascii_string_to_signed(kn_signed_text(parent, name), 10, 0, max, out, NULL);
}

static bool
read_part(const xmlNode *n, kn_drop *out)
{
    kn_drop_part p = { 0 };
    int64_t part, seal;

    if (!number_of(n, "partition", INT32_MAX, &part) || !number_of(n, "first", INT64_MAX, &p.first)
        || !number_of(n, "last", INT64_MAX, &p.last)
        || !number_of(n, "messages", INT64_MAX, &p.messages)
        || !number_of(n, "history", INT64_MAX, &p.history)
        || !number_of(n, "seal", INT32_MAX, &seal)
        || !kn_hex_decode(kn_signed_text(n, "before"), p.before, KN_SM3_BYTES)
        || !kn_hex_decode(kn_signed_text(n, "after"), p.after, KN_SM3_BYTES))
        return false;
    p.part = (int)part;
    p.seal = (int)seal;
    p.topic = g_strdup(kn_signed_text(n, "topic"));
    g_array_append_val(out->parts, p);
    return true;
}

static bool
read_all(const xmlDoc *doc, kn_drop *out)
{
    const xmlNode *root = xmlDocGetRootElement(doc);

    if (!kn_drop_day_parse(kn_signed_text(root, "day"), &out->day))
        return false;
    out->by = g_strdup(kn_signed_text(root, "by"));
    out->reason = g_strdup(kn_signed_text(root, "reason"));
    out->time = g_strdup(kn_signed_text(kn_signed_next(root->children, "Head"), "createTime"));
    for (const xmlNode *n = kn_signed_next(root->children, "Partition"); n;
         n = kn_signed_next(n->next, "Partition"))
        if (!read_part(n, out))
            return false;
    for (const xmlNode *n = kn_signed_next(root->children, "File"); n;
         n = kn_signed_next(n->next, "File")) {
        kn_drop_file f = { g_strdup(kn_signed_text(n, "name")),
                           g_strdup(kn_signed_text(n, "sm3")) };

        g_array_append_val(out->files, f);
    }
    return true;
}

bool
kn_drop_read(kn_xml *xml, const char *bytes, size_t len, kn_drop *out, GError **err)
{
    g_auto(kn_signed) s = { 0 };

    if (!kn_signed_open(xml, KN_DROP_TYPE, bytes, len, &s, err))
        return false;
    kn_drop_init(out, 0);
    if (read_all(s.doc, out))
        return true;
    kn_drop_clear(out);
    return kn_fail(err, KN_E_EVIDENCE, "a value of the dropped day cannot be read");
}

/* --- all of them ---------------------------------------------------------------------------------------- */

struct kn_drops {
    GPtrArray *all; /* kn_drop *, the oldest first */
};

static void
drop_free(void *data)
{
    kn_drop_clear(data);
    g_free(data);
}

void
kn_drops_free(kn_drops *drops)
{
    if (!drops)
        return;
    g_ptr_array_unref(drops->all);
    g_free(drops);
}

unsigned
kn_drops_count(const kn_drops *drops)
{
    return drops->all->len;
}

const kn_drop *
kn_drops_of(const kn_drops *drops, const char *topic, int part, int64_t off)
{
    for (unsigned i = 0; i < drops->all->len; i++) {
        const kn_drop *d = g_ptr_array_index(drops->all, i);

        for (unsigned k = 0; k < d->parts->len; k++) {
            const kn_drop_part *p = &g_array_index(d->parts, kn_drop_part, k);

            if (p->part == part && strcmp(p->topic, topic) == 0 && off >= p->first
                && off <= p->last)
                return d;
        }
    }
    return NULL;
}

const kn_drop_part *
kn_drops_last(const kn_drops *drops, const char *topic, int part)
{
    for (unsigned i = drops->all->len; i-- > 0;) {
        const kn_drop *d = g_ptr_array_index(drops->all, i);

        for (unsigned k = 0; k < d->parts->len; k++) {
            const kn_drop_part *p = &g_array_index(d->parts, kn_drop_part, k);

            if (p->part == part && strcmp(p->topic, topic) == 0)
                return p;
        }
    }
    return NULL;
}

/* Each day begins where the one before left the chain; without one, nothing lies before. */
static void
check_follows(const kn_drops *drops, const kn_drop *drop, const char *day, GPtrArray *wrong)
{
    static const uint8_t nothing[KN_SM3_BYTES];

    for (unsigned i = 0; i < drop->parts->len; i++) {
        const kn_drop_part *p = &g_array_index(drop->parts, kn_drop_part, i),
                           *before = kn_drops_last(drops, p->topic, p->part);
        const uint8_t *want = before ? before->after : nothing;

        if (memcmp(p->before, want, sizeof p->before) != 0 || (before && before->last >= p->first))
            g_ptr_array_add(wrong, g_strdup_printf("dropped day %s: %s/%d does not follow what was "
                                                   "dropped before",
                                                   day, p->topic, p->part));
    }
}

static void
add(kn_drops *drops, kn_xml *xml, kn_sm3 *sm3, const kn_store_dropped *row, GPtrArray *wrong)
{
    kn_drop *drop = g_new0(kn_drop, 1);
    g_autoptr(GError) why = NULL;
    uint8_t digest[KN_SM3_BYTES];
    size_t len;
    const char *bytes = g_bytes_get_data(row->document, &len);
    char day[11];

    kn_drop_day_text(row->day, day);
    kn_sm3_of(sm3, bytes, len, digest);
    if (memcmp(digest, row->digest, sizeof digest) != 0)
        g_ptr_array_add(wrong, g_strdup_printf("dropped day %s: its document is not the one of its "
                                               "digest",
                                               day));
    if (!kn_drop_read(xml, bytes, len, drop, &why)) {
        g_ptr_array_add(wrong, g_strdup_printf("dropped day %s: %s", day, why->message));
        g_free(drop);
        return;
    }
    if (drop->day != row->day)
        g_ptr_array_add(wrong,
                        g_strdup_printf("dropped day %s: its document is about another", day));
    check_follows(drops, drop, day, wrong);
    g_ptr_array_add(drops->all, drop);
}

bool
kn_drops_open(kn_store *store, GPtrArray *wrong, kn_drops **out, GError **err)
{
    g_autoptr(kn_drops) drops = g_new0(kn_drops, 1);
    g_autoptr(GPtrArray) list = kn_store_dropped_array();
    kn_xml *xml;
    kn_sm3 *sm3;

    drops->all = g_ptr_array_new_with_free_func(drop_free);
    if (!kn_store_dropped_list(store, list, err))
        return false;
    xml = kn_signed_xml_new();
    sm3 = kn_sm3_new((const uint8_t *)"", 0);
    for (unsigned i = 0; i < list->len; i++)
        add(drops, xml, sm3, g_ptr_array_index(list, i), wrong);
    kn_xml_free(xml);
    kn_sm3_free(sm3);
    *out = g_steal_pointer(&drops);
    return true;
}
