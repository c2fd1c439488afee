/* SPDX-License-Identifier: Apache-2.0 */
/* Cost of the store a message, without broker, XML or signatures: read trip and write trip in batches,
 * 4.5 KB in and a 1.5 KB receipt out, one record with its line in history.
 *
 * usage    bench_store [seconds a batch size]      starts its own server; fsync stays on
 * prints   batch, messages/s, client CPU µs and server CPU µs (of the one backend) a message, WAL bytes
 */
#include "base/clock.h"
#include "pg_rig.h"
#include "store/migrate.h"
#include "store/pg.h"
#include "store/pg_auto.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY 9822
#define IN_LEN 4500
#define OUT_LEN 1500
#define NOISE 1800 /* of IN_LEN: certificate and signature, which do not compress (base64) */

typedef struct bench {
    kn_store *store;
    PGconn *side;
    kn_position position;
    uint32_t seed;
    int64_t serial;
    int out;
    bool update; /* records are there already: versions rise */
} bench;

static _Noreturn void
give_up(const char *what, const GError *err)
{
    (void)fprintf(stderr, "bench_store: %s: %s\n", what, err ? err->message : "failed");
    exit(EXIT_FAILURE);
}

static uint32_t
next_random(bench *b)
{
    b->seed = b->seed * 1664525U + 1013904223U;
    return b->seed >> 8;
}

/* XML-like text with a part that no compressor gets smaller than base64. */
static GBytes *
make_payload(bench *b, size_t len, size_t noise)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    GString *text = g_string_sized_new(len + 100);

    while (text->len < len - noise)
        g_string_append_printf(
            text, "<ObjectId>%u</ObjectId><ObjectType>%u</ObjectType><Weight>%u.%u</Weight>\n",
            next_random(b) % 1000000, next_random(b) % 9, next_random(b) % 40000,
            next_random(b) % 100);
    while (text->len < len)
        g_string_append_c(text, digits[next_random(b) % 64]);
    return g_string_free_to_bytes(text);
}

static char *
ask(const bench *b, const char *sql)
{
    g_autoptr(PGresult) res = PQexec(b->side, sql);

    return g_strdup(PQntuples(res) ? PQgetvalue(res, 0, 0) : "0");
}

/* User and system CPU of a process, µs. */
static int64_t
process_cpu(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) words = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    words = g_strsplit(strrchr(text, ')') + 2, " ", 0);
    return (int64_t)(g_ascii_strtoull(words[11], NULL, 10) + g_ascii_strtoull(words[12], NULL, 10))
           * 1000000 / sysconf(_SC_CLK_TCK);
}

typedef struct work {
    kn_store_batch batch;
    GPtrArray *texts, *records;
    GArray *ids, *keys;
    kn_position after;
} work;

static void
add_row(bench *b, work *w, GBytes *in, GBytes *out)
{
    static const uint8_t digest[32] = { 1 };
    const kn_position *p = &w->after;
    char *id = g_strdup_printf("%08X-0000-4000-8000-%012X", next_random(b), (unsigned)b->serial);
    char *key = g_strdup_printf("2026%014u", (unsigned)b->serial++);
    kn_record *r = kn_record_new("checkpoint", key, "D2143569X", "DECLARED");
    kn_store_inbox inbox = { "PORTAL", id, digest, 32, DAY, p->topic, p->part, p->next_off, false };
    kn_store_write write = { r, p->topic, p->part, p->next_off, 0 };
    kn_store_history line = {
        p->topic,   p->part,   ++w->after.seq, p->next_off,     "checkpoint",    key,  1, NULL,
        "DECLARED", "DECLARE", "CK-T04",       "8930000011071", 1795348800123LL, { 1 }
    };
    kn_store_id ask_id = { "PORTAL", id };
    kn_store_key ask_key = { "checkpoint", key };

    g_ptr_array_add(w->texts, id);
    g_ptr_array_add(w->texts, key);
    g_ptr_array_add(w->records, r);
    r->version = 1;
    for (int i = 0; i < 12; i++) {
        static const char *const names[] = { "tripNo",         "customsCode",   "entryTime",
                                             "creditCode",     "operator",      "bindMediumType",
                                             "bindMediumInfo", "businessType",  "transportMode",
                                             "ieFlag",         "vehicleWeight", "note" };

        (void)json_object_set_new(r->body, names[i], json_string(key));
    }
    g_array_append_val(w->batch.inbox, inbox);
    g_array_append_val(w->batch.history, line);
    g_array_append_val(w->batch.records, write);
    g_array_append_val(w->ids, ask_id);
    g_array_append_val(w->keys, ask_key);
    for (int idx = 0; idx < 2; idx++) {
        kn_store_message *m = g_new0(kn_store_message, 1);

        *m = (kn_store_message){ .day = DAY,
                                 .topic = p->topic,
                                 .part = p->part,
                                 .off = p->next_off,
                                 .idx = idx,
                                 .dest = idx ? b->out : -1,
                                 .key = g_bytes_new_static("D2143569X", 9),
                                 .payload = g_bytes_ref(idx ? out : in),
                                 .at_ms = 1795348800123LL,
                                 .verdict = idx ? NULL : "DONE",
                                 .rules = 1 };
        m->header = g_strdup_printf(
            "{\"kid\":\"1-0-%d-%d\",\"guid\":\"%s\",\"type\":\"CKReceipt\",\"sender\":\"KOUAN\","
            "\"receiver\":\"PORTAL\"}",
            (int)p->next_off, idx, id);
        g_ptr_array_add(w->batch.messages, m);
    }
    w->after.last_off = w->after.next_off++;
}

static void
work_clear(work *w)
{
    g_array_unref(w->batch.inbox);
    g_array_unref(w->batch.history);
    g_array_unref(w->batch.records);
    g_ptr_array_unref(w->batch.messages);
    g_ptr_array_unref(w->batch.positions);
    g_ptr_array_unref(w->texts);
    g_ptr_array_unref(w->records);
    g_array_unref(w->ids);
    g_array_unref(w->keys);
}

/* One batch; its making is not what is measured.  Returns client CPU µs. */
static int64_t
run_batch(bench *b, int size, GBytes *const *ins, GBytes *const *outs)
{
    g_autoptr(GPtrArray) seen = kn_store_seen_array();
    g_autoptr(GPtrArray) records = kn_store_record_array();
    g_autoptr(GError) err = NULL;
    const kn_position *before = &b->position;
    work w = { .after = b->position };
    bool in_doubt = false;
    int64_t t;

    w.texts = g_ptr_array_new_with_free_func(g_free);
    w.records = g_ptr_array_new_with_free_func((GDestroyNotify)kn_record_free);
    w.ids = g_array_new(false, true, sizeof(kn_store_id));
    w.keys = g_array_new(false, true, sizeof(kn_store_key));
    w.batch.inbox = g_array_new(false, true, sizeof(kn_store_inbox));
    w.batch.history = g_array_new(false, true, sizeof(kn_store_history));
    w.batch.records = g_array_new(false, true, sizeof(kn_store_write));
    w.batch.messages = kn_store_message_array();
    w.batch.positions = g_ptr_array_new();
    g_ptr_array_add(w.batch.positions, &w.after);
    for (int i = 0; i < size; i++)
        add_row(b, &w, ins[next_random(b) % 64], outs[next_random(b) % 64]);
    t = kn_clock_thread_cpu_us();
    if (!kn_store_begin(b->store, &before, 1, (const kn_store_id *)(const void *)w.ids->data,
                        w.ids->len, (const kn_store_key *)(const void *)w.keys->data, w.keys->len,
                        seen, records, &err)
        || !kn_store_settle(b->store, &w.batch, &in_doubt, &err))
        give_up("batch", err);
    t = kn_clock_thread_cpu_us() - t;
    b->position = w.after;
    work_clear(&w);
    return t;
}

static void
run_size(bench *b, int size, int seconds)
{
    GBytes *ins[64], *outs[64];
    int pid = PQbackendPID(b->store->conn);
    int64_t client = 0, n = 0, server, start, wal;
    g_autofree char *lsn = ask(b, "SELECT pg_current_wal_insert_lsn()");
    g_autofree char *sql = g_strdup_printf("SELECT pg_current_wal_insert_lsn() - '%s'::pg_lsn",
                                           lsn);
    g_autofree char *wal_text = NULL;

    for (int i = 0; i < 64; i++) {
        ins[i] = make_payload(b, IN_LEN, NOISE);
        outs[i] = make_payload(b, OUT_LEN, 600);
    }
    server = process_cpu(pid);
    start = kn_clock_steady_us();
    while (kn_clock_steady_us() - start < (int64_t)seconds * 1000000) {
        client += run_batch(b, size, ins, outs);
        n += size;
    }
    start = kn_clock_steady_us() - start;
    server = process_cpu(pid) - server;
    wal_text = ask(b, sql);
    wal = g_ascii_strtoll(wal_text, NULL, 10);
    (void)printf("batch %4d  %7.0f msg/s  client %5.1f us  server %5.1f us  wal %5.0f B\n", size,
                 (double)n * 1e6 / (double)start, (double)client / (double)n,
                 (double)server / (double)n, (double)wal / (double)n);
    for (int i = 0; i < 64; i++) {
        g_bytes_unref(ins[i]);
        g_bytes_unref(outs[i]);
    }
}

int
main(int argc, char **argv)
{
    static const char *const settings[] = { "-c", "max_wal_size=2GB", "-c", "shared_buffers=256MB",
                                            NULL };
    static const int sizes[] = { 200, 50, 200, 500 }; /* the first warms up */
    int seconds = argc > 1 ? (int)g_ascii_strtoll(argv[1], NULL, 10) : 8;
    kn_pg_rig *rig = kn_pg_rig_new(settings);
    g_autofree char *conninfo = NULL;
    g_autoptr(GError) err = NULL;
    bench b = { .seed = 1 };
    int applied = 0;

    if (!rig)
        return 0;
    conninfo = kn_pg_rig_database(rig, "bench");
    b.side = PQconnectdb(conninfo);
    if (!kn_migrate(conninfo, "schemas/sql", &applied, &err)
        || !kn_store_open(conninfo, &b.store, &err)
        || !kn_store_provision(b.store, "kouan.in.checkpoint", 1, 0, &err)
        || !kn_store_provision(b.store, "kouan.out.portal", 0, 0, &err)
        || !kn_store_days(b.store, DAY, 30, &err)
        || !kn_store_take(b.store, 1, 0, "bench", &b.position, &err))
        give_up("start", err);
    b.out = kn_store_topic(b.store, "kouan.out.portal");
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        run_size(&b, sizes[i], i ? seconds : 2);
    kn_position_clear(&b.position);
    kn_store_close(b.store);
    PQfinish(b.side);
    kn_pg_rig_free(rig);
    return 0;
}
