/* SPDX-License-Identifier: Apache-2.0 */
/* kouan dictionary: what the archive packs payloads with. */
#include "base/clock.h"
#include "cli/cli.h"
#include "lane/engine.h"
#include "store/dictionary.h"
#include "store/trace.h"

#include <kouan/handler.h>
#include <stdio.h>
#include <string.h>

static json_int_t
number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static int
per_cent(json_int_t part, json_int_t whole)
{
    return whole > 0 ? (int)(part * 100 / whole) : 0;
}

/* --- list ------------------------------------------------------------------------------------------ */

static bool
list(const char *conninfo, json_t **out, GError **err)
{
    g_autoptr(kn_trace) trace = NULL;

    return kn_trace_open(conninfo, &trace, err) && kn_trace_dictionaries(trace, out, err);
}

static void
print_list(const json_t *rows)
{
    size_t i;
    json_t *d;

    json_array_foreach (rows, i, d) {
        char when[32];

        kn_time_text(number(d, "at"), KN_TIME_STAMP, when);
        (void)printf("%5" JSON_INTEGER_FORMAT "  %s  %-24s %6" JSON_INTEGER_FORMAT
                     " bytes of %" JSON_INTEGER_FORMAT
                     " messages; others need %d%% of what they needed\n",
                     number(d, "id"), when, json_string_value(json_object_get(d, "type")),
                     number(d, "bytes"), number(d, "samples"),
                     per_cent(number(d, "after"), number(d, "before")));
    }
}

/* --- train ----------------------------------------------------------------------------------------- */

static bool
train(kn_store *store, const kn_store_training *how, json_t **out, GError **err)
{
    g_autoptr(GPtrArray) report = NULL;

    if (!kn_store_dictionary_train(store, how, &report, err))
        return false;
    *out = json_array();
    for (unsigned i = 0; i < report->len; i++) {
        const kn_store_trained *t = report->pdata[i];

        (void)json_array_append_new(
            *out, json_pack("{ss si si ss* sI sI sI}", "type", t->type, "samples", t->samples, "id",
                            t->id, "why", t->why, "raw", (json_int_t)t->raw, "before",
                            (json_int_t)t->before, "after", (json_int_t)t->after));
    }
    return true;
}

static void
print_trained(const json_t *rows)
{
    size_t i;
    json_t *t;

    if (json_array_size(rows) == 0)
        (void)printf("no messages in the archive\n");
    json_array_foreach (rows, i, t) {
        const char *why = json_string_value(json_object_get(t, "why"));

        (void)printf("%-24s %6" JSON_INTEGER_FORMAT " messages  ",
                     json_string_value(json_object_get(t, "type")), number(t, "samples"));
        if (number(t, "before") > 0)
            (void)printf("packed to %d%% before, %d%% now  ",
                         per_cent(number(t, "before"), number(t, "raw")),
                         per_cent(number(t, "after"), number(t, "raw")));
        if (why)
            (void)printf("not made: %s\n", why);
        else
            (void)printf("dictionary %" JSON_INTEGER_FORMAT "\n", number(t, "id"));
    }
}

/* --- drop ------------------------------------------------------------------------------------------ */

static bool
drop(kn_store *store, const char *word, json_t **out, GError **err)
{
    int64_t id;

    if (!g_ascii_string_to_signed(word, 10, 1, INT16_MAX, &id, NULL))
        return kn_fail(err, KN_E_USAGE, "“%s” is no number of a dictionary", word);
    if (!kn_store_dictionary_drop(store, (int)id, err))
        return false;
    *out = json_pack("{si}", "dropped", (int)id);
    return true;
}

static void
print_dropped(const json_t *out)
{
    (void)printf("dropped: %" JSON_INTEGER_FORMAT "\n", number(out, "dropped"));
}

/* --------------------------------------------------------------------------------------------------- */

static bool
run(const char *config, char **words, const kn_store_training *how, json_t **out,
    void (**print)(const json_t *), GError **err)
{
    g_autoptr(kn_config) c = NULL;
    g_autoptr(kn_store) store = NULL;

    if (!kn_config_load(config, &c, NULL, err))
        return false;
    if (strcmp(words[1], "list") == 0 && !words[2]) {
        *print = print_list;
        return list(c->conninfo, out, err);
    }
    if (!kn_engine_vault(c, err) || !kn_store_open(c->conninfo, &store, err))
        return false;
    if (strcmp(words[1], "train") == 0 && !words[2]) {
        *print = print_trained;
        return train(store, how, out, err);
    }
    if (strcmp(words[1], "drop") == 0 && words[2]) {
        *print = print_dropped;
        return drop(store, words[2], out, err);
    }
    return kn_fail(err, KN_E_USAGE, "train, list or drop NUMBER");
}

int
kn_cli_dictionary(int argc, char **argv)
{
    const char *config;
    int depth = 5000, kbytes = 64, gain = 10;
    bool json;
    const GOptionEntry entries[] = {
        { "depth", 0, 0, G_OPTION_ARG_INT, &depth,
          "train: newest offsets of each partition to look at (5000)", "N" },
        { "kbytes", 0, 0, G_OPTION_ARG_INT, &kbytes, "train: size of a dictionary (64)", "N" },
        { "gain", 0, 0, G_OPTION_ARG_INT, &gain,
          "train: per cent it must save on other messages (10)", "N" },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "train|list|drop NUMBER",
        .what =
            "train: one for each type of message of which the archive has enough, kept only when "
            "it "
            "gains; lanes use it\n"
            "from their next start or day on. It is a piece of real messages: protect it as you do "
            "the archive.\n"
            "list: those there are. drop: one that a newer one has replaced and no message names.",
        .entries = entries,
        .config = &config,
        .json = &json,
        .least = 1,
        .most = 2,
    };
    g_autoptr(GError) err = NULL;
    void (*print)(const json_t *) = NULL;
    json_t *out = NULL;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (depth < 1 || kbytes < 1 || kbytes > 1024 || gain < 0 || gain > 99) {
        (void)fprintf(stderr, "kouan dictionary: a number is out of range\n");
        return KN_EXIT_USAGE;
    }
    const kn_store_training how = {
        .depth = depth, .bytes = (size_t)kbytes << 10, .per_type = 4000, .least_gain = gain
    };

    if (!run(config, argv, &how, &out, &print, &err)) {
        json_decref(out);
        return kn_cli_fail("dictionary", err);
    }
    if (json || !print) {
        kn_cli_print_json(out);
    } else {
        print(out);
        json_decref(out);
    }
    return KN_EXIT_OK;
}
