/* SPDX-License-Identifier: Apache-2.0 */
/* kouan explain: why a message is refused, and what to do about it. */
#include "cli/explain.h"

#include "base/clock.h"
#include "base/hex.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/roster.h"
#include "store/trace.h"
#include "xml/xml_auto.h"

#include <kouan/handler.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_CONFIG "config/kouan.ini"

typedef struct wish {
    char *partner, *anchors, *canonical, *at;
    char **certs;
    int alone;
} wish;

/* --- the message: a file, or out of the archive -------------------------------------------------------- */

typedef struct source {
    char *bytes;
    size_t len;
    kn_trace_message stored;
    json_t *place; /* {topic, part, off} or NULL */
} source;

static void
source_clear(source *s)
{
    g_free(s->bytes);
    kn_trace_message_clear(&s->stored);
    json_decref(s->place);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(source, source_clear)

/* topic-partition-offset, perhaps with the index of an answer behind it.  NULL: no such form. */
static json_t *
place_of_kid(const char *kid)
{
    g_auto(GStrv) parts = g_strsplit(kid, "-", -1);
    size_t n = g_strv_length(parts), numbers = 0, len = strlen(kid);
    g_autofree char *topic = NULL;

    while (numbers < n && numbers < 3
           && g_ascii_string_to_unsigned(parts[n - 1 - numbers], 10, 0, INT64_MAX, NULL, NULL))
        len -= strlen(parts[n - 1 - numbers++]) + 1;
    if (numbers < 2 || numbers == n)
        return NULL;
    topic = g_strndup(kid, len);
    return json_pack("{ss sI sI}", "topic", topic, "part",
                     (json_int_t)g_ascii_strtoll(parts[n - numbers], NULL, 10), "off",
                     (json_int_t)g_ascii_strtoll(parts[n - numbers + 1], NULL, 10));
}

/* The first place of a guid: repetitions were answered from it. */
static bool
find_place(kn_trace *trace, const kn_engine *engine, const char *what, json_t **out, GError **err)
{
    json_t *partners, *kinds, *found = NULL;
    bool ok;

    *out = place_of_kid(what);
    if (*out)
        return true;
    partners = kn_roster_partners(engine);
    kinds = kn_roster_kinds();
    ok = kn_trace_find(trace, what, partners, kinds, &found, err);
    if (ok)
        *out = json_incref(json_array_get(json_object_get(found, "places"), 0));
    json_decref(partners);
    json_decref(kinds);
    json_decref(found);
    return ok
           && (*out
               || kn_fail(err, KN_E_NO_DOCUMENT, "“%.64s” is a document, not a message", what));
}

static bool
read_archive(const kn_engine *engine, const char *what, source *out, GError **err)
{
    g_autoptr(kn_trace) trace = NULL;

    return kn_trace_open(engine->config->conninfo, &trace, err)
           && find_place(trace, engine, what, &out->place, err)
           && kn_trace_read(trace, json_string_value(json_object_get(out->place, "topic")),
                            (int)json_integer_value(json_object_get(out->place, "part")),
                            json_integer_value(json_object_get(out->place, "off")), &out->stored,
                            err);
}

static bool
is_file(const char *what)
{
    return strcmp(what, "-") == 0 || g_file_test(what, G_FILE_TEST_EXISTS);
}

static bool
read_source(const kn_judge *judge, const char *what, source *out, GError **err)
{
    const kn_engine *engine = kn_judge_engine(judge);
    bool named = kn_hex_is_uuid(what);
    json_t *kid = named ? NULL : place_of_kid(what);

    named |= kid != NULL;
    json_decref(kid);
    if (is_file(what) || !named)
        return kn_cli_read(what, &out->bytes, &out->len, err);
    if (!engine)
        return kn_fail(err, KN_E_USAGE,
                       "a message of the archive needs the installation (--config)");
    return read_archive(engine, what, out, err);
}

/* --- what was answered --------------------------------------------------------------------------------- */

static json_t *
archive_facts(kn_xml *xml, const source *s)
{
    json_t *facts = json_deep_copy(s->place), *answer = NULL;
    char when[32];
    size_t len = 0;
    const char *bytes = s->stored.receipt ? g_bytes_get_data(s->stored.receipt, &len) : NULL;

    kn_time_text(s->stored.at_ms, KN_TIME_WIRE, when);
    (void)json_object_set_new(facts, "time", json_string(when));
    (void)json_object_set_new(facts, "verdict", json_string(s->stored.verdict));
    (void)json_object_set_new(facts, "rules", json_integer(s->stored.rules));
    if (bytes
        && (kn_answer_read(xml, bytes, len, &answer, NULL)
            || kn_answer_dead_letter(bytes, len, &answer, NULL)))
        (void)json_object_set_new(facts, "answer", answer);
    return facts;
}

/* --- the run --------------------------------------------------------------------------------------------- */

static bool
load_keys(char **files, GPtrArray *out, GError **err)
{
    for (size_t i = 0; files && files[i]; i++) {
        g_autoptr(BIO) file = BIO_new_file(files[i], "r");
        g_autoptr(X509) cert = file ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;

        if (!cert || !X509_get0_pubkey(cert))
            return kn_fail(err, KN_E_IO, "%s: no PEM certificate", files[i]);
        EVP_PKEY_up_ref(X509_get0_pubkey(cert));
        g_ptr_array_add(out, X509_get0_pubkey(cert));
    }
    return true;
}

static bool
letter_of(const wish *w, const source *s, kn_letter *out, GError **err)
{
    *out = (kn_letter){
        .bytes = s->bytes, .len = s->len, .partner = w->partner, .at_ms = kn_clock_wall_ms()
    };
    if (s->stored.payload) {
        out->bytes = g_bytes_get_data(s->stored.payload, &out->len);
        out->at_ms = s->stored.at_ms;
        out->key = s->stored.key ? g_bytes_get_data(s->stored.key, &out->key_len) : NULL;
        out->part = (int)json_integer_value(json_object_get(s->place, "part"));
        if (!out->partner && *s->stored.sender)
            out->partner = s->stored.sender;
    }
    return !w->at || kn_time_parse(w->at, &out->at_ms)
           || kn_fail(err, KN_E_USAGE, "--at is no time YYYY-MM-DDThh:mm:ss+08:00");
}

static bool
run(const wish *w, const char *config, const char *what, kn_explained *out, GError **err)
{
    bool alone = w->alone || w->anchors
                 || (strcmp(config, DEFAULT_CONFIG) == 0
                     && !g_file_test(config, G_FILE_TEST_EXISTS));
    const kn_judge_plan plan = { .config = alone ? NULL : config, .anchors = w->anchors };
    g_autoptr(kn_judge) judge = NULL;
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func((GDestroyNotify)EVP_PKEY_free);
    g_auto(source) s = { 0 };
    kn_letter letter;

    if (!kn_judge_open(&plan, &judge, err) || !load_keys(w->certs, keys, err)
        || !read_source(judge, what, &s, err) || !letter_of(w, &s, &letter, err))
        return false;
    kn_explain(judge, &letter, (EVP_PKEY *const *)keys->pdata, keys->len, out);
    if (s.place)
        out->archive = archive_facts(kn_judge_xml(judge), &s);
    return !w->canonical || kn_explained_write(out, w->canonical, err);
}

static const char more[] =
    "FILE is a message as it is sent, bare or in a shell; a guid or kid (topic-partition-offset) "
    "is read from\n"
    "the archive and judged at its Kafka time as its partner.  Without an installation (--alone, "
    "--anchors, or\n"
    "no config/kouan.ini here) form, signature and digest are checked with the certificate in the "
    "message.\n"
    "\nExamples:\n"
    "  kouan explain message.xml\n"
    "  kouan explain --alone --canonical /tmp/forms message.xml\n"
    "  kouan explain -c /etc/kouan/kouan.ini 4CDE1CFD-EDED-46B1-946C-B8022E42FC94\n";

static int
print(const kn_explained *e, bool json)
{
    g_autofree char *text = NULL;

    if (json) {
        kn_cli_print_json(kn_explained_json(e));
    } else {
        text = kn_explained_text(e);
        (void)fputs(text, stdout);
    }
    return e->verdict.why ? kn_cli_exit_of(e->verdict.why) : KN_EXIT_OK;
}

int
kn_cli_explain(int argc, char **argv)
{
    wish w = { 0 };
    const char *config;
    bool json;
    /* clang-format off */
    const GOptionEntry entries[] = {
        { "partner", 0, 0, G_OPTION_ARG_STRING, &w.partner, "who sent it (whom the message names)", "ID" },
        { "alone", 0, 0, G_OPTION_ARG_NONE, &w.alone, "without an installation: trust is not checked", NULL },
        { "anchors", 0, 0, G_OPTION_ARG_FILENAME, &w.anchors, "without an installation: its CAs (PEM)", "FILE" },
        { "cert", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &w.certs, "another certificate to try (PEM), again and again",
          "FILE" },
        { "at", 0, 0, G_OPTION_ARG_STRING, &w.at, "judge at this time (now, or the archive's)", "TIME" },
        { "canonical", 0, 0, G_OPTION_ARG_FILENAME, &w.canonical, "write both canonical forms to this folder", "DIR" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    /* clang-format on */
    const kn_cli_syntax syntax = {
        .words = "FILE|-|GUID|KID",
        .what = "Says why a message is refused: the step and rule, what was expected and found, "
                "and whether a\n"
                "known mistake of signing programs explains it.",
        .more = more,
        .entries = entries,
        .config = &config,
        .json = &json,
        .least = 1,
        .most = 1,
    };
    g_autoptr(GError) err = NULL;
    g_auto(kn_explained) e = { 0 };
    int code;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    code = run(&w, config, argv[1], &e, &err) ? print(&e, json) : kn_cli_fail("explain", err);
    g_free(w.partner);
    g_free(w.anchors);
    g_free(w.canonical);
    g_free(w.at);
    g_strfreev(w.certs);
    return code;
}
