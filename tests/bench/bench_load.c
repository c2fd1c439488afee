/* SPDX-License-Identifier: Apache-2.0 */
/* kouan-bench-load: senders for a bench, their load, and the latency of its receipts. */
#include "bench_load.h"

#include "base/clock.h"

#include <kouan/error.h>
#include <stdio.h>
#include <string.h>

static bool
family_of(const char *name, kn_pki_family *out, GError **err)
{
    for (int f = 0; f < KN_PKI_FAMILIES; f++)
        if (strcmp(name, kn_pki_family_name((kn_pki_family)f)) == 0) {
            *out = (kn_pki_family)f;
            return true;
        }
    return kn_fail(err, KN_E_USAGE, "--family is p256, rsa or sm2");
}

static bool
keys(const kn_load_options *o, GError **err)
{
    kn_pki_family family = KN_PKI_P256;
    kn_alg receipts = kn_alg_by_name(o->receipts);

    if (receipts == KN_ALG_NONE)
        return kn_fail(err, KN_E_USAGE, "--receipts: no algorithm “%s”", o->receipts);
    return family_of(o->family, &family, err)
           && kn_bench_parties_make(o->folder, family, (size_t)o->enterprises, receipts, err);
}

static bool
send_all(const kn_load_options *o, GError **err)
{
    kn_load load = { .options = o };
    kn_pki_family family = KN_PKI_P256;
    int64_t t0 = kn_clock_steady_us(), t1, t2;
    bool ok = family_of(o->family, &family, err)
              && kn_bench_parties_load(o->folder, family, (size_t)o->enterprises, &load.parties,
                                       err)
              && kn_load_make(&load, err);

    t1 = kn_clock_steady_us();
    ok = ok && kn_load_send(&load, err);
    t2 = kn_clock_steady_us();
    ok = ok && kn_load_write_ledger(&load, err);
    if (ok)
        (void)printf(
            "{\"messages\":%zu,\"make_s\":%.2f,\"send_s\":%.2f,\"first_ms\":%" G_GINT64_FORMAT
            ",\"last_ms\":%" G_GINT64_FORMAT "}\n",
            load.n, (double)(t1 - t0) / 1e6, (double)(t2 - t1) / 1e6, load.entries[0].time_ms,
            load.entries[load.n - 1].time_ms);
    for (size_t i = 0; i < load.n; i++)
        if (load.entries[i].bytes)
            (void)g_string_free(load.entries[i].bytes, TRUE);
    g_free(load.entries);
    kn_bench_parties_clear(&load.parties);
    return ok;
}

static bool
write_sample(const kn_load_options *o, GError **err)
{
    kn_load load = { .options = o };
    kn_pki_family family = KN_PKI_P256;
    bool ok = family_of(o->family, &family, err)
              && kn_bench_parties_load(o->folder, family, (size_t)o->enterprises, &load.parties,
                                       err)
              && kn_load_make(&load, err);

    for (size_t i = 0; i < load.n; i++) {
        if (ok)
            (void)printf("%s\n", load.entries[i].bytes->str);
        if (load.entries[i].bytes)
            (void)g_string_free(load.entries[i].bytes, TRUE);
    }
    g_free(load.entries);
    kn_bench_parties_clear(&load.parties);
    return ok;
}

static bool
missing(const char *verb, const kn_load_options *o)
{
    if (strcmp(verb, "receive") == 0)
        return !o->brokers || !o->topics || !o->ledger;
    if (strcmp(verb, "send") == 0)
        return !o->folder || !o->brokers || !o->topic || !o->ledger;
    return !o->folder;
}

static bool
run(const char *verb, const kn_load_options *o, GError **err)
{
    static const struct {
        const char *verb;
        bool (*run)(const kn_load_options *o, GError **err);
    } verbs[] = { { "keys", keys },
                  { "send", send_all },
                  { "print", write_sample },
                  { "receive", kn_load_receive } };

    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (strcmp(verbs[i].verb, verb) == 0)
            return missing(verb, o)
                       ? kn_fail(err, KN_E_USAGE, "%s: an option is missing, see --help", verb)
                       : kn_xml_setup(err) && verbs[i].run(o, err);
    return kn_fail(err, KN_E_USAGE, "verbs: keys, send, print, receive");
}

static void
clear_options(kn_load_options *o)
{
    char *texts[] = {
        o->folder, o->family, o->receipts, o->brokers, o->topic, o->topics, o->ledger
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}

int
main(int argc, char **argv)
{
    char none[] = "";
    int rc = 0;
    kn_load_options o = { .enterprises = 12,
                          .messages = 1000,
                          .bytes = KN_BENCH_BYTES,
                          .threads = 2,
                          .seed = 1,
                          .timeout = 120 };
    int shell = 0, all = 0;
    const GOptionEntry entries[] = {
        { "folder", 0, 0, G_OPTION_ARG_FILENAME, &o.folder, "folder of `kouan pki`", "DIR" },
        { "family", 0, 0, G_OPTION_ARG_STRING, &o.family,
          "of the senders: p256 (default), rsa, sm2", "NAME" },
        { "receipts", 0, 0, G_OPTION_ARG_STRING, &o.receipts,
          "keys: receipts' algorithm (ecdsa-sha256)", "NAME" },
        { "enterprises", 0, 0, G_OPTION_ARG_INT, &o.enterprises, "how many send (12, at most 31)",
          "N" },
        { "brokers", 0, 0, G_OPTION_ARG_STRING, &o.brokers, "bootstrap servers", "LIST" },
        { "topic", 0, 0, G_OPTION_ARG_STRING, &o.topic, "send: input topic", "NAME" },
        { "topics", 0, 0, G_OPTION_ARG_STRING, &o.topics,
          "receive: topics of receipts, comma between", "LIST" },
        { "ledger", 0, 0, G_OPTION_ARG_FILENAME, &o.ledger,
          "send: written; receive: read at the end", "FILE" },
        { "messages", 0, 0, G_OPTION_ARG_INT, &o.messages, "how many (1000)", "N" },
        { "bytes", 0, 0, G_OPTION_ARG_INT, &o.bytes, "size of a business message (4500)", "N" },
        { "declare", 0, 0, G_OPTION_ARG_INT, &o.declare,
          "per cent CKDeclareMessage (0; needs --shell)", "PERCENT" },
        { "shell", 0, 0, G_OPTION_ARG_NONE, &shell, "signed by cards, carried by a portal", NULL },
        { "threads", 0, 0, G_OPTION_ARG_INT, &o.threads, "threads that sign (2)", "N" },
        { "rate", 0, 0, G_OPTION_ARG_DOUBLE, &o.rate, "messages a second (0 = full speed)", "N" },
        { "seed", 0, 0, G_OPTION_ARG_INT, &o.seed, "same seed, same ids (1)", "N" },
        { "all", 0, 0, G_OPTION_ARG_NONE, &all, "receive: from the beginning of the topics", NULL },
        { "timeout", 0, 0, G_OPTION_ARG_INT, &o.timeout, "receive: seconds (120)", "N" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    g_autoptr(GOptionContext) context = g_option_context_new(
        "keys|send|print|receive - load for benches");
    g_autoptr(GError) err = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err)) {
        (void)fprintf(stderr, "kouan-bench-load: %s\n", err->message);
        return 2;
    }
    o.shell = shell != 0;
    o.all = all != 0;
    o.family = o.family ? o.family : g_strdup("p256");
    o.receipts = o.receipts ? o.receipts : g_strdup("ecdsa-sha256");
    if (!run(argc == 2 ? argv[1] : none, &o, &err)) {
        (void)fprintf(stderr, "kouan-bench-load: %s\n", err->message);
        rc = kn_error_code(err) == KN_E_USAGE ? 2 : 1;
    }
    clear_options(&o);
    return rc;
}
