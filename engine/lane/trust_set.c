/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/trust_set.h"

#include "lane/config.h"

#include <kouan/error.h>

kn_trust_set *
kn_trust_set_ref(kn_trust_set *set)
{
    atomic_fetch_add(&set->refs, 1);
    return set;
}

void
kn_trust_set_unref(kn_trust_set *set)
{
    if (!set || atomic_fetch_sub(&set->refs, 1) != 1)
        return;
    if (set->topics)
        g_hash_table_unref(set->topics);
    kn_partners_free(set->partners);
    kn_codes_free(set->codes);
    g_free(set);
}

static void
name_topics(kn_trust_set *set, const char *prefix)
{
    set->topics = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (size_t i = 0; i < kn_partners_count(set->partners); i++) {
        const kn_partner *p = kn_partners_at(set->partners, i);

        (void)g_hash_table_insert(set->topics, g_strdup(p->id),
                                  *p->receipt_topic ? g_strdup(p->receipt_topic)
                                                    : g_strconcat(prefix, ".out.", p->id, NULL));
    }
}

bool
kn_trust_set_load(const kn_config *config, GKeyFile *key_file, const char *file_name,
                  kn_trust_set **out, GError **err)
{
    g_autofree char *codes = kn_config_path(config, config->codes);
    g_autofree char *partners = kn_config_path(config, config->partners);
    g_autoptr(kn_trust_set) set = g_new0(kn_trust_set, 1);

    atomic_store(&set->refs, 1);
    if (!kn_codes_load(codes, &set->codes, err)
        || !kn_partners_load(partners, config->folder, &set->partners, err)
        || !kn_partners_card_rules(set->partners, key_file, file_name, err))
        return false;
    name_topics(set, config->prefix);
    if (!kn_partners_find(set->partners, config->customs_partner))
        return kn_fail(err, KN_E_CONFIG, "%s: [kafka] customs_partner: no partner entry “%s”",
                       file_name, config->customs_partner);
    *out = g_steal_pointer(&set);
    return true;
}

const char *
kn_trust_set_topic(const kn_trust_set *set, const kn_partner *partner)
{
    return g_hash_table_lookup(set->topics, partner->id);
}
