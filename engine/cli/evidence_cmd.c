/* SPDX-License-Identifier: Apache-2.0 */
/* kouan evidence: the hash chain and its signed heads; what a document's life can be proved with. */
#include "cli/cli.h"
#include "cli/roster.h"
#include "evidence/chain.h"
#include "evidence/export.h"
#include "evidence/signed.h"
#include "evidence/stamp.h"
#include "evidence/verify.h"
#include "lane/seal.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct request {
    const char *config;
    char **words; /* behind the sub-command */
    int quick;
    char *out, *signer, *tsa_ca;
    void (*print)(const json_t *);
} request;

static json_int_t
number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static json_t *
texts(const GPtrArray *list)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < list->len; i++)
        (void)json_array_append_new(array, json_string(g_ptr_array_index(list, i)));
    return array;
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
    if (number(out, "stamps") > 0)
        (void)printf("%" JSON_INTEGER_FORMAT " time stamps\n", number(out, "stamps"));
}

static bool
seal(request *r, json_t **out, GError **err)
{
    g_autoptr(kn_engine) engine = NULL;
    g_autoptr(kn_store) store = NULL;
    int made = 0, stamps = 0;

    r->print = print_seal;
    if (!kn_engine_load(r->config, true, &engine, err)
        || !kn_store_open(engine->config->conninfo, &store, err)
        || !kn_seal_make(engine, store, 0, &made, err) || !publish(engine, store, err)
        || !kn_stamp_seals(engine->config, store, &stamps, err))
        return false;
    *out = json_pack("{si si}", "number", made, "stamps", stamps);
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
    if (number(out, "dropped") > 0)
        (void)printf("%" JSON_INTEGER_FORMAT " days were dropped, and what is kept follows them\n",
                     number(out, "dropped"));
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

    r->print = print_chain;
    if (!kn_signed_setup(err) || !kn_config_load(r->config, &config, NULL, err)
        || !kn_store_open(config->conninfo, &store, err)
        || !kn_chain_check(store, !r->quick, &report, err))
        return false;
    *out = json_pack("{sI sI sI si si si so}", "messages", (json_int_t)report.messages, "rows",
                     (json_int_t)report.rows, "before", (json_int_t)report.before, "dropped",
                     report.dropped, "heads", report.heads, "seals", report.seals, "wrong",
                     texts(report.wrong));
    return true;
}

/* --- export ---------------------------------------------------------------------------------------- */

static void
print_export(const json_t *out)
{
    (void)printf("%s: %" JSON_INTEGER_FORMAT " bytes\n",
                 json_string_value(json_object_get(out, "file")), number(out, "bytes"));
}

static bool
make_file(request *r, const kn_engine *engine, GString *tar, GError **err)
{
    g_autoptr(kn_store) store = NULL;
    g_autoptr(kn_trace) trace = NULL;
    json_t *partners = kn_roster_partners(engine), *kinds = kn_roster_kinds();
    bool ok = kn_store_open(engine->config->conninfo, &store, err)
              && kn_trace_open(engine->config->conninfo, &trace, err)
              && kn_export(&(kn_export_plan){ engine, store, trace, partners, kinds }, r->words[0],
                           tar, err);

    json_decref(partners);
    json_decref(kinds);
    return ok;
}

static bool export(request *r, json_t **out, GError **err)
{
    g_autoptr(kn_engine) engine = NULL;
    g_autoptr(GString) tar = g_string_new(NULL);
    g_autoptr(GError) why = NULL;

    r->print = print_export;
    if (!r->out)
        return kn_fail(err, KN_E_USAGE, "export: --out FILE is missing");
    if (!kn_engine_load(r->config, true, &engine, err) || !make_file(r, engine, tar, err))
        return false;
    if (!g_file_set_contents(r->out, tar->str, (gssize)tar->len, &why))
        return kn_fail(err, KN_E_IO, "%s", why->message);
    *out = json_pack("{ss sI}", "file", r->out, "bytes", (json_int_t)tar->len);
    return true;
}

/* --- verify ---------------------------------------------------------------------------------------- */

static void
print_file(const json_t *out)
{
    const json_t *signers = json_object_get(out, "signers");
    size_t i;
    json_t *s;

    (void)printf("%s: %s %s, made %s: %s\n", json_string_value(json_object_get(out, "file")),
                 json_string_value(json_object_get(out, "kind")),
                 json_string_value(json_object_get(out, "document")),
                 json_string_value(json_object_get(out, "time")),
                 json_array_size(json_object_get(out, "wrong")) ? "does not hold" : "holds");
    (void)printf("    %" JSON_INTEGER_FORMAT " members, %" JSON_INTEGER_FORMAT
                 " messages, %" JSON_INTEGER_FORMAT " signatures, %" JSON_INTEGER_FORMAT
                 " seals, %" JSON_INTEGER_FORMAT " time stamps; %" JSON_INTEGER_FORMAT
                 " of %" JSON_INTEGER_FORMAT " trust sets named by a seal\n",
                 number(out, "members"), number(out, "messages"), number(out, "signatures"),
                 number(out, "seals"), number(out, "stamps"), number(out, "trustsSealed"),
                 number(out, "trusts"));
    json_array_foreach (signers, i, s)
        (void)printf("    signed by the certificate with SHA-256 %s\n", json_string_value(s));
}

static void
print_verify(const json_t *out)
{
    const json_t *files = json_object_get(out, "files");
    size_t i;
    json_t *file;

    json_array_foreach (files, i, file)
        print_file(file);
}

static bool
verify_file(const request *r, const char *file, json_t **out, GError **err)
{
    g_autofree char *bytes = NULL;
    g_auto(kn_verify_report) v = { 0 };
    kn_verify_plan plan = { .signer = r->signer, .tsa_ca = r->tsa_ca };

    if (!kn_cli_read(file, &bytes, &plan.len, err))
        return false;
    plan.bytes = bytes;
    if (!kn_verify(&plan, &v, err))
        return false;
    *out = json_pack("{ss ss ss ss si si si si si si si so so}", "file", file, "kind",
                     v.kind ? v.kind : "-", "document", v.document ? v.document : "-", "time",
                     v.time ? v.time : "-", "members", v.members, "messages", v.messages,
                     "signatures", v.signatures, "seals", v.seals, "stamps", v.stamps, "trusts",
                     v.trusts, "trustsSealed", v.trusts_sealed, "signers", texts(v.signers),
                     "wrong", texts(v.wrong));
    return true;
}

static bool
verify(request *r, json_t **out, GError **err)
{
    json_t *files = json_array(), *wrong = json_array(), *one = NULL;
    bool ok = kn_signed_setup(err);

    r->print = print_verify;
    for (size_t i = 0; ok && r->words[i]; i++) {
        ok = verify_file(r, r->words[i], &one, err);
        if (!ok)
            break;
        (void)json_array_extend(wrong, json_object_get(one, "wrong"));
        (void)json_array_append_new(files, one);
    }
    *out = json_pack("{so so}", "files", files, "wrong", wrong);
    return ok;
}

/* --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    int least, most; /* words behind it */
    bool (*run)(request *r, json_t **out, GError **err);
} ways[] = {
    { "seal", 0, 0, seal },
    { "chain", 0, 0, chain },
    { "export", 1, 1, export },
    { "verify", 1, INT_MAX, verify },
};

static bool
run(request *r, int n, char **words, json_t **out, GError **err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
        if (strcmp(words[0], ways[i].word) == 0 && n - 1 >= ways[i].least
            && n - 1 <= ways[i].most) {
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
        { "out", 'o', 0, G_OPTION_ARG_FILENAME, &r.out, "export: write there", "FILE" },
        { "signer", 0, 0, G_OPTION_ARG_FILENAME, &r.signer,
          "verify: certificates (PEM) of the engine, one of which must have signed", "FILE" },
        { "tsa-ca", 0, 0, G_OPTION_ARG_FILENAME, &r.tsa_ca,
          "verify: certificates (PEM) time stamps must lead to", "FILE" },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "seal|chain|export GUID|NUMBER|verify FILE…",
        .what =
            "seal: signs the heads of all partitions now and publishes them.\n"
            "chain: recomputes the hash chain over everything that is kept, and checks every "
            "seal.\n"
            "export: the life of a document or message in one tar file that stands on its own.\n"
            "verify: such files, by their own bytes: neither database nor configuration is needed.",
        .entries = entries,
        .config = &r.config,
        .json = &json,
        .least = 1,
        .most = -1,
    };
    g_autoptr(GError) err = NULL;
    json_t *out = NULL;
    int code;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (run(&r, argc - 1, argv + 1, &out, &err)) {
        code = report(&r, out, json);
    } else {
        json_decref(out);
        code = kn_cli_fail("evidence", err);
    }
    g_free(r.out);
    g_free(r.signer);
    g_free(r.tsa_ca);
    return code;
}
