/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/trust_set.h"

#include "lane/config.h"
#include "machine/codes_read.h"
#include "registry/module.h"

#include <assert.h>
#include <kouan/error.h>
#include <sys/stat.h>

/* The card rules stand in the engine's own file; the bundle gets their groups alone. */
#define AREA_ENGINE "engine"
#define CARD_FILE "card.ini"

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
    if (set->hints)
        g_ptr_array_unref(set->hints);
    if (set->bundle)
        g_bytes_unref(set->bundle);
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

        if (!p->id || !p->receipt_topic)
            continue; /* an entry with mistakes */
        (void)g_hash_table_insert(set->topics, g_strdup(p->id),
                                  *p->receipt_topic ? g_strdup(p->receipt_topic)
                                                    : g_strconcat(prefix, ".out.", p->id, NULL));
    }
}

static void
put_card_rules(kn_files *files, GKeyFile *key_file)
{
    g_autoptr(GKeyFile) rules = g_key_file_new();
    g_autofree char *all = key_file ? g_key_file_to_data(key_file, NULL, NULL) : NULL;
    g_autofree char *text = NULL;
    size_t len;

    if (all && g_key_file_load_from_data(rules, all, (size_t)-1, G_KEY_FILE_NONE, NULL)) {
        g_auto(GStrv) groups = g_key_file_get_groups(rules, NULL);

        for (size_t i = 0; groups[i]; i++)
            if (!g_str_has_prefix(groups[i], "card."))
                (void)g_key_file_remove_group(rules, groups[i], NULL);
    }
    text = g_key_file_to_data(rules, &len, NULL);
    kn_files_put(files, AREA_ENGINE, CARD_FILE, text, len);
}

static bool
read_card_rules(kn_trust_set *set, kn_files *files, const char *file_name, GError **err)
{
    g_autoptr(GKeyFile) rules = g_key_file_new();
    const char *text;
    size_t len;

    if (!kn_files_read(files, AREA_ENGINE, CARD_FILE, &text, &len, err))
        return false;
    if (len > 0 && !g_key_file_load_from_data(rules, text, len, G_KEY_FILE_NONE, NULL))
        return kn_fail(err, KN_E_CONFIG, "%s: [card.oids] cannot be read again", file_name);
    return kn_partners_card_rules(set->partners, rules, file_name, err);
}

static void
digest_of(kn_trust_set *set)
{
    g_autoptr(kn_sm3) sm3 = kn_sm3_new((const uint8_t *)"", 0);
    size_t len;
    const void *bytes = g_bytes_get_data(set->bundle, &len);

    assert(sm3); /* kn_xml_setup has proven it is there */
    kn_sm3_of(sm3, bytes, len, set->digest);
}

/* Area of the code lists a handler from outside brings; NULL: it brings none. */
static char *
codes_area(const kn_handler *handler)
{
    const kn_module *module = kn_module_of(handler);

    return module && module->codes ? g_strconcat(KN_AREA_CODES ".", handler->name, NULL) : NULL;
}

/* Of whatever files gives, disk or bundle. */
static kn_trust_set *
make(const kn_config *config, kn_files *files, const char *file_name, GPtrArray *mistakes)
{
    g_autoptr(kn_trust_set) set = g_new0(kn_trust_set, 1);
    g_autoptr(GError) why = NULL;

    atomic_store(&set->refs, 1);
    set->codes = kn_codes_new();
    kn_codes_read(files, KN_AREA_CODES, set->codes, mistakes);
    for (size_t h = 0; kn_handlers[h]; h++) {
        g_autofree char *area = codes_area(kn_handlers[h]);

        if (area)
            kn_codes_read(files, area, set->codes, mistakes);
    }
    set->partners = kn_partners_read(files, mistakes);
    if (!read_card_rules(set, files, file_name, &why))
        g_ptr_array_add(mistakes, g_strdup(why->message));
    name_topics(set, config->prefix);
    set->bundle = kn_files_pack(files);
    digest_of(set);
    return g_steal_pointer(&set);
}

static bool
fail_with(GPtrArray *mistakes, GError **err)
{
    g_autofree char *all = NULL;

    g_ptr_array_add(mistakes, NULL);
    all = g_strjoinv("\n", (char **)mistakes->pdata);
    return kn_fail(err, KN_E_CONFIG, "%s", all);
}

/* Files beside those that are read, and folders that anybody may write to. */
static void
look_around(kn_trust_set *set, const kn_files *files)
{
    static const struct {
        const char *area, *suffix;
    } areas[] = { { KN_AREA_PARTNERS, ".ini" }, { KN_AREA_CODES, ".csv" } };
    struct stat st;

    set->hints = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < G_N_ELEMENTS(areas); i++) {
        g_auto(GStrv) names = kn_files_overlooked(files, areas[i].area, areas[i].suffix);
        g_autofree char *folder = kn_files_path(files, areas[i].area, ".");

        for (size_t k = 0; names[k]; k++)
            g_ptr_array_add(set->hints,
                            g_strdup_printf("%s: is not read, its name does not end in %s",
                                            names[k], areas[i].suffix));
        if (stat(folder, &st) == 0 && (st.st_mode & S_IWOTH))
            g_ptr_array_add(set->hints, g_strdup_printf("%s: anybody may write there", folder));
    }
}

kn_trust_set *
kn_trust_set_collect(const kn_config *config, GKeyFile *key_file, const char *file_name,
                     GPtrArray *mistakes)
{
    g_autofree char *codes = kn_config_path(config, config->codes);
    g_autofree char *partners = kn_config_path(config, config->partners);
    g_autoptr(kn_files) files = kn_files_new();
    kn_trust_set *set;

    kn_files_folder(files, KN_AREA_CODES, codes);
    for (size_t h = 0; kn_handlers[h]; h++) {
        g_autofree char *area = codes_area(kn_handlers[h]);

        if (area)
            kn_files_folder(files, area, kn_module_of(kn_handlers[h])->codes);
    }
    kn_files_folder(files, KN_AREA_PARTNERS, partners);
    kn_files_folder(files, KN_AREA_PEM, config->folder);
    put_card_rules(files, key_file);
    set = make(config, files, file_name, mistakes);
    look_around(set, files);
    return set;
}

bool
kn_trust_set_load(const kn_config *config, GKeyFile *key_file, const char *file_name,
                  kn_trust_set **out, GError **err)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(kn_trust_set) set = kn_trust_set_collect(config, key_file, file_name, mistakes);

    if (mistakes->len > 0)
        return fail_with(mistakes, err);
    *out = g_steal_pointer(&set);
    return true;
}

bool
kn_trust_set_unpack(const kn_config *config, GBytes *bundle, kn_trust_set **out, GError **err)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(kn_files) files = NULL;
    g_autoptr(kn_trust_set) set = NULL;

    if (!kn_files_unpack(bundle, &files, err))
        return false;
    set = make(config, files, "bundle", mistakes);
    if (mistakes->len > 0)
        return fail_with(mistakes, err);
    *out = g_steal_pointer(&set);
    return true;
}

const char *
kn_trust_set_topic(const kn_trust_set *set, const kn_partner *partner)
{
    return g_hash_table_lookup(set->topics, partner->id);
}
