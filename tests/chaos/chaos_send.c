/* SPDX-License-Identifier: Apache-2.0 */
/* kouan-chaos-send: many enterprises that send while everything dies, and a ledger of what was acknowledged. */
#include "chaos_send.h"

#include "base/clock.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define FSYNC_US 200000
#define GROUP_MAX 12 /* messages of one transaction */
#define GROUP_EVERY_US 400000
#define ABORTED_OF_TEN 3

static atomic_bool stop;

static void
on_signal(int number)
{
    (void)number;
    atomic_store(&stop, true);
}

/* The transactional sender blocks while the broker is away, so it has a thread of its own. */
typedef struct grouped {
    const chaos_options *options;
    const kn_bench_parties *parties;
    chaos_plan *plan;
    chaos_ledger *ledger;
} grouped;

static void *
send_groups(void *data)
{
    const grouped *g = data;
    g_autofree char *id = g_strdup_printf("chaos-%s", g->options->topic);
    chaos_out *out = chaos_out_new(g->options, g->parties, g->plan, g->ledger, id);
    GRand *rand = g_rand_new_with_seed((guint32)g->options->seed + 1);

    while (!atomic_load(&stop)) {
        g_autoptr(GPtrArray) group = g_ptr_array_new();
        int n = g_rand_int_range(rand, 1, GROUP_MAX + 1);

        while ((int)group->len < n)
            g_ptr_array_add(group, chaos_plan_next(g->plan));
        chaos_out_transaction(out, group, g_rand_int_range(rand, 0, 10) < ABORTED_OF_TEN);
        (void)usleep(GROUP_EVERY_US);
    }
    g_rand_free(rand);
    chaos_out_free(out);
    return NULL;
}

static bool
send_single(const chaos_options *o, const grouped *g)
{
    chaos_out *out = chaos_out_new(o, g->parties, g->plan, g->ledger, NULL);
    int64_t start = kn_clock_steady_us(), synced = start, sent = 0;
    bool ok = true;

    while (!atomic_load(&stop) && ok) {
        int64_t now = kn_clock_steady_us();

        if (now - start > o->seconds * 1000000LL)
            break;
        if ((double)sent < (double)(now - start) / 1e6 * o->rate) {
            chaos_out_send(out, chaos_plan_next(g->plan));
            sent++;
            chaos_out_poll(out, 0);
        } else
            chaos_out_poll(out, 5);
        if (now - synced > FSYNC_US) {
            synced = now;
            ok = chaos_ledger_flush(g->ledger);
        }
    }
    atomic_store(&stop, true);
    chaos_out_free(out);
    return ok;
}

static int
run(const chaos_options *o)
{
    kn_bench_parties parties = { 0 };
    g_autoptr(GError) err = NULL;
    grouped g = { .options = o, .parties = &parties };
    GThread *thread;
    bool ok;

    if (!kn_xml_setup(&err)
        || !kn_bench_parties_load(o->folder, KN_PKI_P256, (size_t)o->enterprises, &parties, &err)) {
        (void)fprintf(stderr, "kouan-chaos-send: %s\n", err->message);
        return 1;
    }
    g.ledger = chaos_ledger_new(o->ledger);
    if (!g.ledger) {
        (void)fprintf(stderr, "kouan-chaos-send: %s: cannot be written\n", o->ledger);
        return 1;
    }
    g.plan = chaos_plan_new(o, &parties);
    thread = g_thread_new("groups", send_groups, &g);
    ok = send_single(o, &g);
    (void)g_thread_join(thread);
    ok = chaos_ledger_flush(g.ledger) && ok;
    (void)printf("{\"acknowledged\":%zu}\n", chaos_ledger_count(g.ledger));
    chaos_plan_free(g.plan);
    chaos_ledger_free(g.ledger);
    kn_bench_parties_clear(&parties);
    return ok ? 0 : 1;
}

int
main(int argc, char **argv)
{
    chaos_options o = {
        .enterprises = 24, .bytes = 3300, .seed = 1, .seconds = 60, .threads = 1, .rate = 100
    };
    const GOptionEntry entries[] = {
        { "folder", 0, 0, G_OPTION_ARG_FILENAME, &o.folder,
          "folder of `kouan pki`, with keys made by kouan-bench-load", "DIR" },
        { "brokers", 0, 0, G_OPTION_ARG_STRING, &o.brokers, "bootstrap servers", "LIST" },
        { "topic", 0, 0, G_OPTION_ARG_STRING, &o.topic, "input topic", "NAME" },
        { "ledger", 0, 0, G_OPTION_ARG_FILENAME, &o.ledger,
          "guid, key, kind, partition, offset (-1 = not acknowledged), ms; tabs between", "FILE" },
        { "enterprises", 0, 0, G_OPTION_ARG_INT, &o.enterprises, "how many send (24, at most 31)",
          "N" },
        { "bytes", 0, 0, G_OPTION_ARG_INT, &o.bytes, "size of a business message (3300)", "N" },
        { "seed", 0, 0, G_OPTION_ARG_INT, &o.seed, "same seed, same ids and kinds (1)", "N" },
        { "seconds", 0, 0, G_OPTION_ARG_INT, &o.seconds, "how long (60)", "N" },
        { "threads", 0, 0, G_OPTION_ARG_INT, &o.threads, "threads that sign (1)", "N" },
        { "rate", 0, 0, G_OPTION_ARG_DOUBLE, &o.rate, "messages a second (100)", "N" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- senders of a chaos run");
    g_autoptr(GError) err = NULL;
    int rc;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err) || !o.folder || !o.brokers || !o.topic
        || !o.ledger) {
        (void)fprintf(stderr, "kouan-chaos-send: %s\n",
                      err ? err->message : "an option is missing, see --help");
        return 2;
    }
    (void)signal(SIGTERM, on_signal);
    rc = run(&o);
    g_free(o.folder);
    g_free(o.brokers);
    g_free(o.topic);
    g_free(o.ledger);
    return rc;
}
