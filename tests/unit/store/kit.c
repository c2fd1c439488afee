/* SPDX-License-Identifier: Apache-2.0 */
#include "kit.h"

#include <stdio.h>
#include <string.h>

kn_pg_rig *kit_rig;

char *
kit_database(void)
{
    static int n;
    g_autofree char *name = g_strdup_printf("t%d", ++n);

    return kn_pg_rig_database(kit_rig, name);
}

int
kit_setup(void **state)
{
    g_autoptr(GError) err = NULL;
    kit *k = g_new0(kit, 1);
    int applied = 0;

    *state = k;
    k->conninfo = kit_database();
    k->side = PQconnectdb(k->conninfo);
    if (!kn_migrate(k->conninfo, "schemas/sql", &applied, &err)
        || !kn_store_open(k->conninfo, &k->store, &err)
        || !kn_store_provision(k->store, "kouan.in.checkpoint", 4, 100, &err)
        || !kn_store_provision(k->store, "kouan.out.portal", 0, 0, &err)
        || !kn_store_days(k->store, KIT_DAY, 2, &err)) {
        (void)fprintf(stderr, "setup: %s\n", err->message);
        return -1;
    }
    k->topic = kn_store_topic(k->store, "kouan.in.checkpoint");
    k->out = kn_store_topic(k->store, "kouan.out.portal");
    return 0;
}

int
kit_teardown(void **state)
{
    kit *k = *state;

    kn_store_close(k->store);
    PQfinish(k->side);
    g_free(k->conninfo);
    g_free(k);
    return 0;
}

char *
kit_ask(const kit *k, const char *sql)
{
    g_autoptr(PGresult) res = PQexec(k->side, sql);
    ExecStatusType status = PQresultStatus(res);

    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(k->side));
    return g_strdup(PQntuples(res) ? PQgetvalue(res, 0, 0) : "");
}

static int
group_setup(void **state)
{
    (void)state;
    return 0;
}

static int
group_teardown(void **state)
{
    (void)state;
    g_clear_pointer(&kit_rig, kn_pg_rig_free);
    return 0;
}

int
kit_run(const char *name, const struct CMUnitTest *tests, size_t n)
{
    static const char *const settings[] = { "-c", "fsync=off", "-c", "autovacuum=off", NULL };

    kit_rig = kn_pg_rig_new(settings);
    if (!kit_rig)
        return 0;
    return _cmocka_run_group_tests(name, tests, n, group_setup, group_teardown);
}

kit_batch *
kit_batch_new(const kn_position *position)
{
    kit_batch *b = g_new0(kit_batch, 1);

    b->texts = g_ptr_array_new_with_free_func(g_free);
    b->records = g_ptr_array_new_with_free_func((GDestroyNotify)kn_record_free);
    b->position = *position;
    b->position.serial = json_deep_copy(position->serial);
    b->batch = (kn_store_batch){
        .inbox = g_array_new(false, true, sizeof(kn_store_inbox)),
        .history = g_array_new(false, true, sizeof(kn_store_history)),
        .records = g_array_new(false, true, sizeof(kn_store_write)),
        .messages = kn_store_message_array(),
        .positions = g_ptr_array_new(),
    };
    g_ptr_array_add(b->batch.positions, &b->position);
    return b;
}

void
kit_batch_free(kit_batch *b)
{
    if (!b)
        return;
    g_array_unref(b->batch.inbox);
    g_array_unref(b->batch.history);
    g_array_unref(b->batch.records);
    g_ptr_array_unref(b->batch.messages);
    g_ptr_array_unref(b->batch.positions);
    g_ptr_array_unref(b->texts);
    g_ptr_array_unref(b->records);
    kn_position_clear(&b->position);
    g_free(b);
}

static const char *
keep(kit_batch *b, char *text)
{
    g_ptr_array_add(b->texts, text);
    return text;
}

static void
add_message(kit_batch *b, const kit *k, int idx)
{
    kn_store_message *m = g_new0(kn_store_message, 1);
    g_autofree char *body = g_strdup_printf("<m off=\"%d\" idx=\"%d\"/>", (int)b->position.next_off,
                                            idx);

    m->day = KIT_DAY;
    m->topic = b->position.topic;
    m->part = b->position.part;
    m->off = b->position.next_off;
    m->idx = idx;
    m->dest = idx ? k->out : -1;
    m->key = g_bytes_new("D2143569X", 9);
    m->header = idx ? g_strdup("{\"z\":\"1\", \"kid\":\"a-0-1-1\"}") : NULL;
    m->payload = g_bytes_new(body, strlen(body));
    memset(m->digest, 0xd0 + idx, sizeof m->digest);
    m->at_ms = KIT_AT;
    m->verdict = idx ? NULL : "DONE";
    m->rules = 1;
    m->reads = idx ? NULL : g_strdup("[]");
    g_ptr_array_add(b->batch.messages, m);
}

static void
add_record(kit_batch *b, const char *key, int version)
{
    kn_record *r = kn_record_new("checkpoint", key, "D2143569X", "STAGED");
    kn_store_write write = { r, b->position.topic, b->position.part, b->position.next_off, 0 };
    kn_store_history line = {
        .topic = b->position.topic,
        .part = b->position.part,
        .seq = ++b->position.seq,
        .off = b->position.next_off,
        .kind = "checkpoint",
        .key = keep(b, g_strdup(key)),
        .version = version,
        .state_from = version > 1 ? "STAGED" : NULL,
        .state_to = "STAGED",
        .event = "STAGE",
        .row = "CK-T01",
        .actor = "operator",
        .at_ms = KIT_AT,
    };

    r->version = version;
    (void)json_object_set_new(r->body, "tripNo", json_string("202611IC00000000001"));
    (void)json_object_set_new(r->body, "remark", json_string("口岸"));
    memset(line.chain, version, sizeof line.chain);
    g_ptr_array_add(b->records, r);
    g_array_append_val(b->batch.history, line);
    g_array_append_val(b->batch.records, write);
}

void
kit_batch_add(kit_batch *b, const kit *k, const char *msgid, const char *key, int version, int outs)
{
    static const uint8_t digest[32] = { 1, 2, 3 };
    kn_store_inbox row = {
        .sender = "PORTAL",
        .msgid = keep(b, g_strdup(msgid)),
        .digest = digest,
        .digest_len = sizeof digest,
        .day = KIT_DAY,
        .topic = b->position.topic,
        .part = b->position.part,
        .off = b->position.next_off,
    };

    g_array_append_val(b->batch.inbox, row);
    for (int idx = 0; idx <= outs; idx++)
        add_message(b, k, idx);
    if (version)
        add_record(b, key, version);
    b->position.last_off = b->position.next_off++;
    b->position.clock_ms = KIT_AT;
    memset(b->position.last_hash, 0x1a, sizeof b->position.last_hash);
    memset(b->position.chain, 0xcc, sizeof b->position.chain);
}

bool
kit_settle(kit *k, const kn_position *position, kit_batch *b, bool *in_doubt, GError **err)
{
    g_autoptr(GPtrArray) seen = kn_store_seen_array();
    g_autoptr(GPtrArray) records = kn_store_record_array();
    bool doubt = false;

    return kn_store_begin(k->store, &position, 1, NULL, 0, NULL, 0, seen, records, err)
           && kn_store_settle(k->store, &b->batch, in_doubt ? in_doubt : &doubt, err);
}

void
kit_take(kit *k, int part, kn_position *out)
{
    g_autoptr(GError) err = NULL;

    if (!kn_store_take(k->store, k->topic, part, "engine-1", out, &err))
        fail_msg("%s", err->message);
}

void
kit_wait_blocked(const kit *k)
{
    for (int i = 0; i < 500; i++) {
        g_autofree char *n = kit_ask(
            k, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");

        if (strcmp(n, "0") != 0)
            return;
        g_usleep(10000);
    }
    fail_msg("nobody waits for a lock");
}
