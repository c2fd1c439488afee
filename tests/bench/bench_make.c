/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_load.h"

#include "base/clock.h"

#include <kouan/error.h>
#include <stdio.h>

typedef struct worker {
    kn_load *load;
    size_t from, step;
    GError *err;
} worker;

static bool
make_one(kn_load *load, kn_xml *xml, kn_writer *writer, size_t i, GError **err)
{
    const kn_load_options *o = load->options;
    kn_load_entry *e = &load->entries[i];
    kn_bench_shape shape = { .bytes = (size_t)o->bytes, .shell = o->shell, .declare = e->declare };

    e->bytes = g_string_sized_new((size_t)o->bytes * (o->shell ? 2 : 1) + 2048);
    return kn_bench_message(xml, writer, &load->parties, e->who, &shape,
                            (uint64_t)o->seed * 10000000 + i, e->guid, kn_clock_wall_ms(), e->bytes,
                            e->digest, err);
}

static void *
work(void *data)
{
    worker *w = data;
    kn_xml *xml = kn_xml_new(NULL, NULL);
    kn_writer *writer = kn_writer_new();

    for (size_t i = w->from; i < w->load->n; i += w->step)
        if (!make_one(w->load, xml, writer, i, &w->err))
            break;
    kn_writer_free(writer);
    kn_xml_free(xml);
    return NULL;
}

/* What the seed decides: the same seed gives the same ids, senders and kinds. */
static void
plan(kn_load *load)
{
    GRand *rand = g_rand_new_with_seed((guint32)load->options->seed);

    for (size_t i = 0; i < load->n; i++) {
        kn_load_entry *e = &load->entries[i];

        kn_bench_guid(rand, e->guid);
        e->who = g_rand_int(rand) % load->parties.n;
        e->declare = (int)(g_rand_int(rand) % 100) < load->options->declare;
        e->offset = -1;
    }
    g_rand_free(rand);
}

bool
kn_load_make(kn_load *load, GError **err)
{
    size_t threads = (size_t)MAX(1, load->options->threads);
    g_autofree worker *workers = g_new0(worker, threads);
    g_autofree GThread **running = g_new0(GThread *, threads);
    bool ok = true;

    load->n = (size_t)load->options->messages;
    load->entries = g_new0(kn_load_entry, load->n);
    plan(load);
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (worker){ load, i, threads, NULL };
        running[i] = g_thread_new("make", work, &workers[i]);
    }
    for (size_t i = 0; i < threads; i++) {
        (void)g_thread_join(running[i]);
        if (workers[i].err && ok) {
            ok = false;
            g_propagate_error(err, g_steal_pointer(&workers[i].err));
        }
        g_clear_error(&workers[i].err);
    }
    return ok;
}

bool
kn_load_write_ledger(const kn_load *load, GError **err)
{
    FILE *file = fopen(load->options->ledger, "w");
    bool ok = file != NULL;

    for (size_t i = 0; ok && i < load->n; i++) {
        const kn_load_entry *e = &load->entries[i];
        const kn_bench_party *p = &load->parties.list[e->who];

        if (e->acked)
            ok = fprintf(file,
                         "%s\t%s\t%s\t%s\t%s\t%d\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\n",
                         e->guid, p->enterprise->orgcode, e->digest,
                         load->options->shell ? KN_BENCH_PORTAL : p->id,
                         e->declare ? "CKDeclareMessage" : "CKStageMessage", e->part, e->offset,
                         e->time_ms)
                 > 0;
    }
    if (file && fclose(file) != 0)
        ok = false;
    return ok ? true : kn_fail(err, KN_E_IO, "%s: cannot be written", load->options->ledger);
}
