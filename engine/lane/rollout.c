/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/rollout.h"

#include "base/clock.h"
#include "base/fault.h"
#include "lane/switch.h"
#include "trust/crl.h"

#include <kouan/error.h>
#include <string.h>

#define RACES_MAX 5
#define FLUSH_MS 10000

static void
check_topics(const kn_store *store, const kn_trust_set *set, GPtrArray *mistakes)
{
    for (size_t i = 0; i < kn_partners_count(set->partners); i++) {
        const kn_partner *p = kn_partners_at(set->partners, i);
        const char *topic = kn_trust_set_topic(set, p);

        if (kn_store_topic(store, topic) < 0)
            g_ptr_array_add(mistakes,
                            g_strdup_printf("%s: [receipt] topic: %s is not there: run kouan "
                                            "provision first",
                                            p->file, topic));
    }
}

/* May this set follow the one in force? */
static bool
may_follow(const kn_engine *e, kn_store *store, const kn_trust_set *set, int after, GError **err)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(kn_trust_set) now = NULL;

    if (!kn_store_load_topics(store, err))
        return false;
    check_topics(store, set, mistakes);
    if (after > 0 && !kn_trust_book_get(e->book, store, after, NULL, &now, err))
        return false;
    if (now)
        kn_crl_compare(now->partners, set->partners, mistakes);
    if (mistakes->len == 0)
        return true;
    g_ptr_array_add(mistakes, NULL);
    g_autofree char *all = g_strjoinv("\n", (char **)mistakes->pdata);

    return kn_fail(err, KN_E_CONFIG, "%s", all);
}

/* One try; KN_E_STORE_RETRY when another process was quicker. */
static bool
find_version(const kn_engine *e, kn_store *store, kn_trust_set *set, bool asked,
             const char *made_by, kn_rollout_found *found, kn_store_trust *newest, GError **err)
{
    int known = 0;

    if (!kn_store_trust_newest(store, newest, err)
        || !kn_store_trust_known(store, set->digest, &known, err))
        return false;
    if (newest->version > 0 && memcmp(newest->digest, set->digest, sizeof set->digest) == 0) {
        *found = KN_ROLLOUT_SAME;
        set->version = newest->version;
        return true;
    }
    if (known > 0 && !asked) {
        *found = KN_ROLLOUT_OLD;
        return true;
    }
    if (!may_follow(e, store, set, newest->version, err)
        || !kn_store_trust_add(store, set->digest, set->bundle, made_by, newest->version,
                               &set->version, err))
        return false;
    (void)kn_fault("switch.made");
    newest->version = set->version;
    memcpy(newest->digest, set->digest, sizeof newest->digest);
    *found = KN_ROLLOUT_MADE;
    return true;
}

bool
kn_rollout_version(const kn_engine *e, kn_store *store, kn_trust_set *set, bool asked,
                   const char *made_by, kn_rollout_found *found, kn_store_trust *newest,
                   GError **err)
{
    for (int tries = 0;; tries++) {
        g_autoptr(GError) why = NULL;

        if (find_version(e, store, set, asked, made_by, found, newest, &why))
            return true;
        if (kn_error_code(why) != KN_E_STORE_RETRY || tries >= RACES_MAX) {
            g_propagate_error(err, g_steal_pointer(&why));
            return false;
        }
    }
}

GArray *
kn_rollout_all(const kn_engine *e)
{
    GArray *parts = g_array_new(FALSE, TRUE, sizeof(kn_store_behind));

    for (size_t i = 0; e->config->in_topics[i]; i++)
        for (int64_t n = 0; n < e->config->partitions; n++) {
            kn_store_behind b = { .topic = e->config->in_topics[i], .part = (int)n };

            g_array_append_val(parts, b);
        }
    return parts;
}

bool
kn_rollout_announce(const kn_engine *e, kn_producer *producer, const kn_store_trust *newest,
                    const GArray *parts, GError **err)
{
    g_autoptr(GString) bytes = g_string_new(NULL);
    char guid[37];
    json_t *headers;
    bool ok = true;

    if (parts->len == 0)
        return true;
    if (!kn_switch_write(e, newest->version, newest->digest, kn_clock_wall_ms(), guid, bytes, err))
        return false;
    headers = json_pack("{ss ss}", "type", KN_SWITCH_TYPE, "guid", guid);
    for (unsigned i = 0; i < parts->len && ok; i++) {
        const kn_store_behind *b = &g_array_index(parts, kn_store_behind, i);

        if (i > 0 && i == parts->len / 2 && kn_fault_armed("switch.half")) {
            ok = kn_producer_flush(producer, FLUSH_MS, err);
            (void)kn_fault("switch.half");
        }
        ok = ok
             && kn_producer_send(producer,
                                 &(kn_bus_send){ .topic = b->topic,
                                                 .placed = true,
                                                 .part = b->part,
                                                 .bytes = bytes->str,
                                                 .len = bytes->len,
                                                 .headers = headers },
                                 err);
    }
    json_decref(headers);
    ok = ok && kn_producer_flush(producer, FLUSH_MS, err);
    (void)kn_fault("switch.sent");
    return ok;
}
