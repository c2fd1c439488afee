/* SPDX-License-Identifier: Apache-2.0 */
#include "decision/decision_priv.h"

#include <string.h>

static void
asked_free(void *item)
{
    kn_asked *asked = item;

    g_free(asked->kind);
    g_free(asked->key);
    g_free(asked);
}

kn_ask *
kn_ask_new(kn_lookup lookup, void *arg)
{
    kn_ask *ask = g_new0(kn_ask, 1);

    ask->lookup = lookup;
    ask->arg = arg;
    ask->asked = g_ptr_array_new_with_free_func(asked_free);
    return ask;
}

void
kn_ask_free(kn_ask *ask)
{
    if (!ask)
        return;
    g_ptr_array_unref(ask->asked);
    g_free(ask);
}

void
kn_ask_enter(kn_ask *ask)
{
    g_ptr_array_set_size(ask->asked, 0);
    ask->pending = false;
}

static kn_asked *
remember(kn_ask *ask, const char *kind, const char *key)
{
    kn_asked *asked;

    for (unsigned i = 0; i < ask->asked->len; i++) {
        asked = ask->asked->pdata[i];
        if (strcmp(asked->kind, kind) == 0 && strcmp(asked->key, key) == 0)
            return asked;
    }
    asked = g_new0(kn_asked, 1);
    asked->kind = g_strdup(kind);
    asked->key = g_strdup(key);
    g_ptr_array_add(ask->asked, asked);
    return asked;
}

const kn_record *
kn_ask_record(kn_ask *ask, const char *kind, const char *key)
{
    kn_asked *asked = remember(ask, kind, key);
    bool known = false;
    const kn_record *record = ask->lookup(ask->arg, kind, key, &known);

    asked->known = known;
    asked->version = known && record ? record->version : 0;
    if (!known)
        ask->pending = true;
    return known ? record : NULL;
}

bool
kn_ask_pending(const kn_ask *ask)
{
    return ask->pending;
}
