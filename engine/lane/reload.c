/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/reload.h"

#include "lane/trust_check.h"

#include <assert.h>
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

void
kn_reload_judge(const kn_engine *e, const kn_trust_set *set, bool with_keys, GPtrArray *mistakes,
                GPtrArray *hints)
{
    kn_trust_world world = kn_trust_world_of(e, with_keys);

    assert(set);
    judge_codes(e, set->codes, mistakes);
    kn_trust_check(&world, set, mistakes, hints);
    g_free((void *)(uintptr_t)world.doctypes);
}

bool
kn_reload_read(const kn_engine *e, kn_trust_set **out, GError **err)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GKeyFile) key_file = g_key_file_new();
    g_autoptr(kn_trust_set) set = NULL;

    /* Only its card rules count: nothing else of it may change while lanes run, modules least of all. */
    if (kn_config_open(e->file, key_file, mistakes, NULL))
        set = kn_trust_set_collect(e->config, key_file, e->file, mistakes);
    if (mistakes->len == 0)
        kn_reload_judge(e, set, true, mistakes, NULL);
    if (mistakes->len > 0) {
        g_ptr_array_add(mistakes, NULL);
        g_autofree char *all = g_strjoinv("\n", (char **)mistakes->pdata);

        return kn_fail(err, KN_E_CONFIG, "%s", all);
    }
    *out = g_steal_pointer(&set);
    return true;
}
