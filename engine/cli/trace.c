/* SPDX-License-Identifier: Apache-2.0 */
/* kouan trace: what happened to a message or document. */
#include "store/trace.h"

#include "cli/cli.h"
#include "cli/life.h"
#include "cli/roster.h"
#include "lane/engine.h"

#include <stdio.h>

/* Each document found, with every message that changed it, beside the messages found. */
static bool
gather(kn_trace *trace, const json_t *found, json_t *documents, json_t *places, GError **err)
{
    const json_t *list = json_object_get(found, "documents");

    (void)json_array_extend(places, json_object_get(found, "places"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        json_t *document = NULL;

        if (!kn_trace_document(trace, json_string_value(json_object_get(one, "kind")),
                               json_string_value(json_object_get(one, "key")), &document, err))
            return false;
        (void)json_array_append(documents, json_object_get(document, "record"));
        (void)json_array_extend(places, json_object_get(document, "places"));
        json_decref(document);
    }
    return true;
}

/* How many of the places have no message any more: their days were dropped. */
static json_int_t
count_dropped(const json_t *places, const json_t *life)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < json_array_size(places); i++) {
        const json_t *p = json_array_get(places, i);

        (void)g_hash_table_add(seen,
                               g_strdup_printf("%s/%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
                                               json_string_value(json_object_get(p, "topic")),
                                               json_integer_value(json_object_get(p, "part")),
                                               json_integer_value(json_object_get(p, "off"))));
    }
    return (json_int_t)g_hash_table_size(seen) - (json_int_t)json_array_size(life);
}

static bool
collect(kn_trace *trace, const kn_engine *engine, const char *what, json_t **out, GError **err)
{
    json_t *partners = kn_roster_partners(engine), *kinds = kn_roster_kinds(), *found = NULL,
           *life = NULL;
    json_t *documents = json_array(), *places = json_array();
    bool ok = kn_trace_find(trace, what, partners, kinds, &found, err)
              && gather(trace, found, documents, places, err)
              && kn_trace_places(trace, places, &life, err);

    if (ok)
        *out = json_pack("{ss sO so sI}", "what", what, "documents", documents, "life", life,
                         "dropped", count_dropped(places, life));
    json_decref(found);
    json_decref(partners);
    json_decref(kinds);
    json_decref(documents);
    json_decref(places);
    return ok;
}

static bool
run(const char *config, const char *what, json_t **out, GError **err)
{
    g_autoptr(kn_engine) engine = NULL;
    g_autoptr(kn_trace) trace = NULL;

    return kn_engine_load(config, false, &engine, err)
           && kn_trace_open(engine->config->conninfo, &trace, err)
           && collect(trace, engine, what, out, err);
}

int
kn_cli_trace(int argc, char **argv)
{
    const char *config;
    bool json;
    const kn_cli_syntax syntax = {
        .words = "GUID|NUMBER",
        .what = "The life line of a message (guid) or document (its key or trip number): what came "
                "when, from\n"
                "whom, which states it changed, what was sent. Nothing is written.",
        .config = &config,
        .json = &json,
        .least = 1,
        .most = 1,
    };
    g_autoptr(GError) err = NULL;
    json_t *trace = NULL;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (!run(config, argv[1], &trace, &err))
        return kn_cli_fail("trace", err);
    if (json) {
        kn_cli_print_json(trace);
    } else {
        g_autofree char *text = kn_life_text(trace);

        (void)fputs(text, stdout);
        json_decref(trace);
    }
    return KN_EXIT_OK;
}
