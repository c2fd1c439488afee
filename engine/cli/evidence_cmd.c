/* SPDX-License-Identifier: Apache-2.0 */
/* kouan evidence: the hash chain and its signed heads; what a document's life can be proved with. */
#include "cli/cli.h"
#include "evidence/chain.h"
#include "evidence/signed.h"
#include "lane/seal.h"

#include <stdio.h>
#include <string.h>

typedef struct request {
    const char *config;
    char **words; /* behind the sub-command */
    int quick;
    void (*print)(const json_t *);
} request;

static json_int_t
number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* --- seal ------------------------------------------------------------------------------------------ */

static bool
publish(const kn_engine *engine, kn_store *store, GError **err)
{
    kn_producer *producer = NULL;
    bool ok;

    if (!kn_producer_new(&engine->bus, NULL, &producer, err))
        return false;
    ok = kn_seal_publish(engine, store, producer, err);
    kn_producer_free(producer);
    return ok;
}

static void
print_seal(const json_t *out)
{
    if (number(out, "number") > 0)
        (void)printf("seal %" JSON_INTEGER_FORMAT " made and published\n", number(out, "number"));
    else
        (void)printf("nothing has moved since the last seal\n");
}

static bool
seal(request *r, json_t **out, GError **err)
{
    g_autoptr(kn_engine) engine = NULL;
    g_autoptr(kn_store) store = NULL;
    int made = 0;

    r->print = print_seal;
    if (!kn_engine_load(r->config, true, &engine, err)
        || !kn_store_open(engine->config->conninfo, &store, err)
        || !kn_seal_make(engine, store, 0, &made, err) || !publish(engine, store, err))
        return false;
    *out = json_pack("{si}", "number", made);
    return true;
}

/* --- chain ----------------------------------------------------------------------------------------- */

static void
print_chain(const json_t *out)
{
    (void)printf("%" JSON_INTEGER_FORMAT " messages, %" JSON_INTEGER_FORMAT
                 " rows, %" JSON_INTEGER_FORMAT " heads, %" JSON_INTEGER_FORMAT " seals: %s\n",
                 number(out, "messages"), number(out, "rows"), number(out, "heads"),
                 number(out, "seals"),
                 json_array_size(json_object_get(out, "wrong")) ? "not as settled" : "as settled");
    if (number(out, "before") > 0)
        (void)printf("%" JSON_INTEGER_FORMAT
                     " older messages were settled before heads were kept for each\n",
                     number(out, "before"));
}

static bool
chain(request *r, json_t **out, GError **err)
{
    g_autoptr(kn_config) config = NULL;
    g_autoptr(kn_store) store = NULL;
    g_auto(kn_chain_report) report = { 0 };
    json_t *wrong;

    r->print = print_chain;
    if (!kn_signed_setup(err) || !kn_config_load(r->config, &config, NULL, err)
        || !kn_store_open(config->conninfo, &store, err)
        || !kn_chain_check(store, !r->quick, &report, err))
        return false;
    wrong = json_array();
    for (unsigned i = 0; i < report.wrong->len; i++)
        (void)json_array_append_new(wrong, json_string(g_ptr_array_index(report.wrong, i)));
    *out = json_pack("{sI sI sI si si so}", "messages", (json_int_t)report.messages, "rows",
                     (json_int_t)report.rows, "before", (json_int_t)report.before, "heads",
                     report.heads, "seals", report.seals, "wrong", wrong);
    return true;
}

/* --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    int words; /* behind it */
    bool (*run)(request *r, json_t **out, GError **err);
} ways[] = {
    { "seal", 0, seal },
    { "chain", 0, chain },
};

static bool
run(request *r, int n, char **words, json_t **out, GError **err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
        if (strcmp(words[0], ways[i].word) == 0 && ways[i].words == n - 1) {
            r->words = words + 1;
            return ways[i].run(r, out, err);
        }
    return kn_fail(err, KN_E_USAGE, "“%s” is no way to call it; see --help", words[0]);
}

/* What does not hold goes to stderr, a line each, and makes the exit code. */
static int
report(const request *r, json_t *out, bool json)
{
    const json_t *wrong = json_object_get(out, "wrong");
    int code = json_array_size(wrong) > 0 ? KN_EXIT_REFUSED : KN_EXIT_OK;
    size_t i;
    json_t *line;

    json_array_foreach (wrong, i, line)
        (void)fprintf(stderr, "kouan evidence: %s\n", json_string_value(line));
    if (json) {
        kn_cli_print_json(out);
    } else {
        r->print(out);
        json_decref(out);
    }
    return code;
}

int
kn_cli_evidence(int argc, char **argv)
{
    request r = { 0 };
    bool json;
    const GOptionEntry entries[] = {
        { "quick", 0, 0, G_OPTION_ARG_NONE, &r.quick,
          "chain: digests as they are stored, payloads are not read", NULL },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "seal|chain",
        .what =
            "seal: signs the heads of all partitions now and publishes them.\n"
            "chain: recomputes the hash chain over everything that is kept, and checks every seal.",
        .entries = entries,
        .config = &r.config,
        .json = &json,
        .least = 1,
        .most = 2,
    };
    g_autoptr(GError) err = NULL;
    json_t *out = NULL;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (!run(&r, argc - 1, argv + 1, &out, &err))
        return kn_cli_fail("evidence", err);
    return report(&r, out, json);
}
