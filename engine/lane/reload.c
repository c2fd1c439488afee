/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/reload.h"

#include <kouan/error.h>
#include <string.h>

/* Takes err apart into lines. */
static void
note(GPtrArray *mistakes, GError **err)
{
    g_auto(GStrv) lines = g_strsplit((*err)->message, "\n", -1);

    for (size_t i = 0; lines[i]; i++)
        if (*lines[i])
            g_ptr_array_add(mistakes, g_strdup(lines[i]));
    g_clear_error(err);
}

static void
judge_codes(const kn_engine *e, const kn_codes *codes, GPtrArray *mistakes)
{
    g_autoptr(GError) why = NULL;

    if (!kn_handlers_check(codes, &why))
        note(mistakes, &why);
    for (unsigned i = 0; i < e->handler_confs->len; i++) {
        const kn_handler *h = kn_handlers[i];

        if (!h->check || h->check(g_ptr_array_index(e->handler_confs, i), codes, &why))
            continue;
        g_prefix_error(&why, "%s: [handler.%s]: ", e->file, h->name);
        note(mistakes, &why);
    }
}

static void
judge_keys(const kn_engine *e, const kn_partners *partners, GPtrArray *mistakes)
{
    for (size_t i = 0; i < kn_partners_count(partners); i++) {
        const kn_partner *p = kn_partners_at(partners, i);
        kn_alg alg = p->receipt_algorithm != KN_ALG_NONE ? p->receipt_algorithm
                                                         : KN_ALG_ECDSA_SHA256;

        if (p->active && !e->signers[alg])
            g_ptr_array_add(mistakes,
                            g_strdup_printf("%s: [receipt] algorithm: the engine has no %s key "
                                            "([sign])",
                                            p->file, kn_alg_row_of(alg)->name));
    }
}

void
kn_reload_judge(const kn_engine *e, const kn_trust_set *set, GPtrArray *mistakes)
{
    judge_codes(e, set->codes, mistakes);
    judge_keys(e, set->partners, mistakes);
}

bool
kn_reload_read(const kn_engine *e, kn_trust_set **out, GError **err)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(kn_config) config = NULL;
    g_autoptr(GKeyFile) key_file = NULL;
    g_autoptr(kn_trust_set) set = NULL;

    if (!kn_config_load(e->file, &config, &key_file, err))
        return false;
    set = kn_trust_set_collect(e->config, key_file, e->file, mistakes);
    if (set)
        kn_reload_judge(e, set, mistakes);
    if (mistakes->len > 0) {
        g_ptr_array_add(mistakes, NULL);
        g_autofree char *all = g_strjoinv("\n", (char **)mistakes->pdata);

        return kn_fail(err, KN_E_CONFIG, "%s", all);
    }
    *out = g_steal_pointer(&set);
    return true;
}
