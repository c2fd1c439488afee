/* SPDX-License-Identifier: Apache-2.0 */
/* kouan submit: publishes messages as a portal would, and waits for what comes back. */
#include "base/clock.h"
#include "bus/producer.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/parcel.h"
#include "cli/tail.h"

#include <stdio.h>
#include <string.h>

#define FLUSH_MS 30000

typedef struct wish {
    char *topic, *key, *sender;
    int wait, wait_ms, follow_ms, no_sender, quiet;
    bool json;
} wish;

typedef struct submission {
    const wish *wish;
    kn_engine *engine;
    GPtrArray *parcels;
    GHashTable *by_guid; /* guid -> GPtrArray of parcels without an answer */
    size_t open;         /* parcels whose answer is still to come */
    kn_tail *tail;
    kn_xml *xml;
    json_t *notices;
} submission;

static void
submission_clear(submission *s)
{
    kn_tail_free(s->tail);
    kn_xml_free(s->xml);
    json_decref(s->notices);
    if (s->by_guid)
        g_hash_table_unref(s->by_guid);
    if (s->parcels)
        g_ptr_array_unref(s->parcels);
    kn_engine_free(s->engine);
}

/* --- sending ----------------------------------------------------------------------------------------------- */

static bool
send_one(kn_producer *producer, const kn_parcel *p, bool no_sender, GError **err)
{
    json_t *headers = json_object();
    bool ok;

    if (*p->guid)
        (void)json_object_set_new(headers, "guid", json_string(p->guid));
    if (*p->type)
        (void)json_object_set_new(headers, "type", json_string(p->type));
    if (*p->sender && !no_sender)
        (void)json_object_set_new(headers, "sender", json_string(p->sender));
    ok = kn_producer_send(producer,
                          &(kn_bus_send){ .topic = p->topic,
                                          .key = *p->key ? p->key : NULL,
                                          .key_len = strlen(p->key),
                                          .bytes = p->bytes,
                                          .len = p->len,
                                          .headers = headers },
                          err);
    json_decref(headers);
    return ok;
}

static bool
send_all(submission *s, GError **err)
{
    kn_producer *producer = NULL;
    bool ok = kn_producer_new(&s->engine->bus, NULL, &producer, err);

    for (unsigned i = 0; ok && i < s->parcels->len; i++)
        ok = send_one(producer, g_ptr_array_index(s->parcels, i), s->wish->no_sender, err);
    ok = ok && kn_producer_flush(producer, FLUSH_MS, err);
    kn_producer_free(producer);
    return ok;
}

/* --- waiting ------------------------------------------------------------------------------------------------- */

static void
expect(submission *s)
{
    s->by_guid = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify)g_ptr_array_unref);
    for (unsigned i = 0; i < s->parcels->len; i++) {
        kn_parcel *p = g_ptr_array_index(s->parcels, i);
        GPtrArray *list = g_hash_table_lookup(s->by_guid, p->guid);

        if (!list) {
            list = g_ptr_array_new();
            (void)g_hash_table_insert(s->by_guid, p->guid, list);
        }
        g_ptr_array_add(list, p);
        s->open++;
    }
}

static bool
open_ears(submission *s, GError **err)
{
    g_autoptr(GPtrArray) topics = g_ptr_array_new();

    g_ptr_array_add(topics, s->engine->config->dead_topic);
    for (unsigned i = 0; i < s->parcels->len; i++) {
        const kn_parcel *p = g_ptr_array_index(s->parcels, i);
        const kn_partner *partner = kn_partners_find(s->engine->set->partners, p->sender);
        const char *topic = partner ? kn_trust_set_topic(s->engine->set, partner) : NULL;

        if (topic && !g_ptr_array_find_with_equal_func(topics, topic, g_str_equal, NULL))
            g_ptr_array_add(topics, (char *)(uintptr_t)topic);
    }
    g_ptr_array_add(topics, NULL);
    return kn_tail_new(&s->engine->bus, (const char *const *)topics->pdata, &s->tail, err);
}

static void
print_answer(const submission *s, const json_t *answer)
{
    if (!s->wish->json && !s->wish->quiet)
        kn_answer_print(stdout, answer);
    (void)fflush(stdout);
}

/* Takes answer. */
static void
take_answer(submission *s, const char *guid, json_t *answer)
{
    GPtrArray *list = g_hash_table_lookup(s->by_guid, guid);
    const char *kind = json_string_value(json_object_get(answer, "kind"));

    print_answer(s, answer);
    if (g_strcmp0(kind, "business") == 0 || !list || list->len == 0) {
        (void)json_array_append_new(s->notices, answer);
        return;
    }
    ((kn_parcel *)g_ptr_array_index(list, 0))->answer = answer;
    (void)g_ptr_array_remove_index(list, 0);
    s->open--;
}

/* Of a message whose sender was not known the letter knows no guid, but its digest. */
static void
take_dead_letter(submission *s, const kn_bus_record *r)
{
    json_t *answer = NULL;
    const char *sm3;

    if (!kn_answer_dead_letter(r->bytes, r->len, &answer, NULL))
        return;
    sm3 = json_string_value(json_object_get(answer, "sm3"));
    for (unsigned i = 0; sm3 && i < s->parcels->len; i++) {
        const kn_parcel *p = g_ptr_array_index(s->parcels, i);

        if (strcmp(p->sm3, sm3) != 0)
            continue;
        (void)json_object_set_new(answer, "answers", json_string(p->guid));
        take_answer(s, p->guid, answer);
        return;
    }
    json_decref(answer);
}

static void
take_record(submission *s, const kn_bus_record *r)
{
    g_autofree char *guid = kn_bus_record_header(r, "answers");
    json_t *answer = NULL;

    if (strcmp(r->topic, s->engine->config->dead_topic) == 0)
        take_dead_letter(s, r);
    else if (guid && g_hash_table_contains(s->by_guid, guid)
             && kn_answer_read(s->xml, r->bytes, r->len, &answer, NULL))
        take_answer(s, guid, answer);
}

static bool
wait_answers(submission *s, GError **err)
{
    int64_t until = kn_clock_steady_us() + (int64_t)s->wish->wait_ms * 1000;
    int64_t follow = kn_clock_steady_us() + (int64_t)s->wish->follow_ms * 1000;

    while ((s->open > 0 && kn_clock_steady_us() < until) || kn_clock_steady_us() < follow) {
        kn_bus_record record;

        if (!kn_tail_poll(s->tail, 100, &record, err))
            return false;
        if (record.raw)
            take_record(s, &record);
        kn_bus_record_clear(&record);
    }
    return true;
}

/* --- saying -------------------------------------------------------------------------------------------------- */

static json_t *
to_json(const submission *s)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < s->parcels->len; i++) {
        const kn_parcel *p = g_ptr_array_index(s->parcels, i);
        json_t *one = json_pack("{ss ss ss ss ss ss}", "file", p->name, "guid", p->guid, "type",
                                p->type, "sender", p->sender, "key", p->key, "topic", p->topic);

        if (p->answer)
            (void)json_object_set(one, "receipt", p->answer);
        (void)json_array_append_new(list, one);
    }
    return json_pack("{so sO}", "sent", list, "notices", s->notices);
}

static int
result(const submission *s)
{
    int code = KN_EXIT_OK;

    if (!s->wish->wait)
        return KN_EXIT_OK;
    for (unsigned i = 0; i < s->parcels->len; i++) {
        const kn_parcel *p = g_ptr_array_index(s->parcels, i);

        if (p->answer && !kn_answer_accepted(p->answer))
            code = KN_EXIT_REFUSED;
    }
    if (s->open == 0)
        return code;
    (void)fprintf(stderr, "kouan submit: %zu of %u without a receipt after %d ms\n", s->open,
                  s->parcels->len, s->wish->wait_ms);
    return KN_EXIT_UNAVAILABLE;
}

static bool
run(submission *s, const char *config, const char *const *paths, GError **err)
{
    const wish *w = s->wish;
    kn_parcel_label label = { w->topic, w->key, w->sender };

    s->notices = json_array();
    if (!kn_engine_load(config, false, &s->engine, err)
        || !kn_parcels_load(s->engine, paths, &label, &s->parcels, err))
        return false;
    if (w->wait) {
        s->xml = kn_xml_new(NULL, NULL);
        expect(s);
        if (!open_ears(s, err)) /* before sending: nothing can be missed */
            return false;
    }
    if (!send_all(s, err))
        return false;
    if (!w->json && !w->quiet)
        for (unsigned i = 0; i < s->parcels->len; i++) {
            const kn_parcel *p = g_ptr_array_index(s->parcels, i);

            (void)printf("sent %s %s key %s to %s\n", p->guid, p->type, *p->key ? p->key : "-",
                         p->topic);
        }
    return !w->wait || wait_answers(s, err);
}

int
kn_cli_submit(int argc, char **argv)
{
    wish w = { .wait_ms = 30000 };
    const char *config;
    const GOptionEntry entries[] = {
        { "wait", 'w', 0, G_OPTION_ARG_NONE, &w.wait, "wait for the receipts and print them",
          NULL },
        { "wait-ms", 0, 0, G_OPTION_ARG_INT, &w.wait_ms, "how long (30000)", "MS" },
        { "follow-ms", 0, 0, G_OPTION_ARG_INT, &w.follow_ms,
          "go on so long for later receipts (customs)", "MS" },
        { "topic", 0, 0, G_OPTION_ARG_STRING, &w.topic, "topic (that of the document type)",
          "NAME" },
        { "key", 'k', 0, G_OPTION_ARG_STRING, &w.key,
          "record key (organisation code of the message)", "TEXT" },
        { "sender", 0, 0, G_OPTION_ARG_STRING, &w.sender, "header sender (sender of the message)",
          "ID" },
        { "no-sender", 0, 0, G_OPTION_ARG_NONE, &w.no_sender, "no header sender", NULL },
        { "quiet", 'q', 0, G_OPTION_ARG_NONE, &w.quiet, "only the exit code", NULL },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "FILE…|DIR|-",
        .what = "Publishes messages: XML files, folders of them, or lines as kouan make --ndjson "
                "writes them.",
        .more = "With --wait: 1 when one was refused, 69 when a receipt did not come in time.\n",
        .entries = entries,
        .config = &config,
        .json = &w.json,
        .least = 1,
        .most = -1,
    };
    submission s = { .wish = &w };
    g_autoptr(GError) err = NULL;
    int code;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    code = run(&s, config, (const char *const *)argv + 1, &err) ? result(&s)
                                                                : kn_cli_fail("submit", err);
    if (w.json && !err)
        kn_cli_print_json(to_json(&s));
    submission_clear(&s);
    g_free(w.topic);
    g_free(w.key);
    g_free(w.sender);
    return code;
}
