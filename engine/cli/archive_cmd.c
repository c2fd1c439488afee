/* SPDX-License-Identifier: Apache-2.0 */
/* kouan archive: the days of the archive, and dropping old ones so that the chain still holds. */
#include "base/clock.h"
#include "bus/committed.h"
#include "bus/producer.h"
#include "cli/cli.h"
#include "cli/roster.h"
#include "evidence/day_files.h"
#include "evidence/signed.h"

#include <stdio.h>
#include <string.h>

#define FLUSH_MS 10000
#define DROP_TRIES 15
#define DAY_MS 86400000LL
#define PG_EPOCH_DAYS 10957

typedef struct request {
    const char *config;
    char *before, *by, *reason;
    int dry_run;
} request;

typedef struct shop {
    const request *request;
    kn_engine *engine;
    kn_store *store;
    kn_trace *trace;
    kn_producer *producer;
    GArray *days;   /* kn_store_day, the oldest first */
    int32_t limit;  /* days from here on stay */
    int32_t needed; /* the day from which on something may not be published yet */
    char needed_by[300];
} shop;

static void
shop_clear(shop *s)
{
    kn_producer_free(s->producer);
    kn_trace_close(s->trace);
    kn_store_close(s->store);
    kn_engine_free(s->engine);
    g_clear_pointer(&s->days, g_array_unref);
}

static bool
shop_open(shop *s, bool with_keys, GError **err)
{
    s->days = g_array_new(FALSE, TRUE, sizeof(kn_store_day));
    return kn_signed_setup(err) && kn_engine_load(s->request->config, with_keys, &s->engine, err)
           && kn_store_open(s->engine->config->conninfo, &s->store, err)
           && kn_trace_open(s->engine->config->conninfo, &s->trace, err)
           && kn_store_days_list(s->store, s->days, err);
}

static int32_t
today(void)
{
    return (int32_t)(kn_clock_wall_ms() / DAY_MS - PG_EPOCH_DAYS);
}

/* --- what must stay ------------------------------------------------------------------------------------ */

/* Days from keep_days back, and from --before on. */
static bool
find_limit(shop *s, GError **err)
{
    int64_t keep = s->engine->config->keep_days;
    int32_t asked = INT32_MAX;

    if (s->request->before && !kn_drop_day_parse(s->request->before, &asked))
        return kn_fail(err, KN_E_USAGE, "--before %s: no day YYYY-MM-DD", s->request->before);
    if (!s->request->before && keep == 0)
        return kn_fail(err, KN_E_USAGE,
                       "[archive] keep_days is 0, everything is kept; --before DAY says otherwise");
    s->limit = MIN(asked, today() - (int32_t)keep);
    return true;
}

/* What is settled and not published yet is read from the archive (EXACTLY_ONCE §1): the group's offsets tell. */
static bool
find_needed(shop *s, GError **err)
{
    g_autoptr(GArray) needs = g_array_new(FALSE, TRUE, sizeof(kn_store_need));
    g_autofree kn_bus_part *parts = NULL;

    s->needed = INT32_MAX;
    if (!kn_store_needs(s->store, needs, err))
        return false;
    parts = g_new0(kn_bus_part, needs->len + 1);
    for (unsigned i = 0; i < needs->len; i++) {
        const kn_store_need *n = &g_array_index(needs, kn_store_need, i);

        parts[i] = (kn_bus_part){ .topic = n->topic, .part = n->part };
    }
    if (needs->len > 0 && !kn_bus_committed(&s->engine->bus, parts, needs->len, err))
        return false;
    for (unsigned i = 0; i < needs->len; i++) {
        const kn_store_need *n = &g_array_index(needs, kn_store_need, i);

        if (parts[i].committed >= n->next_off || n->relayed_day >= s->needed)
            continue;
        s->needed = n->relayed_day;
        (void)g_snprintf(s->needed_by, sizeof s->needed_by, "%s/%d has not published all of it yet",
                         n->topic, n->part);
    }
    return true;
}

/* NULL: it may go, as far as that can be said without reading it. */
static char *
stays(const shop *s, const kn_store_day *d)
{
    if (d->day >= s->limit)
        return g_strdup("not old enough");
    if (d->day >= s->needed)
        return g_strdup(s->needed_by);
    if (d->parked > 0)
        return g_strdup_printf(
            "%" G_GINT64_FORMAT " parked messages of it are open: kouan dead list", d->parked);
    return NULL;
}

/* --- dropping ------------------------------------------------------------------------------------------ */

static bool
publish(shop *s, GError **err)
{
    g_autoptr(GPtrArray) list = kn_store_dropped_array();
    bool ok = kn_store_dropped_list(s->store, list, err);

    for (unsigned i = 0; ok && i < list->len; i++) {
        const kn_store_dropped *d = g_ptr_array_index(list, i);
        size_t len;
        const void *bytes = g_bytes_get_data(d->document, &len);
        json_t *headers;

        if (d->published)
            continue;
        if (!s->producer && !kn_producer_new(&s->engine->bus, NULL, &s->producer, err))
            return false;
        headers = json_pack("{ss ss}", "type", KN_DROP_TYPE, "sender", s->engine->config->id);
        ok = kn_producer_send(s->producer,
                              &(kn_bus_send){ .topic = s->engine->config->evidence_topic,
                                              .placed = true,
                                              .bytes = bytes,
                                              .len = len,
                                              .headers = headers },
                              err)
             && kn_producer_flush(s->producer, FLUSH_MS, err)
             && kn_store_dropped_published(s->store, d->day, err);
        json_decref(headers);
    }
    return ok;
}

static bool
export_day(shop *s, kn_drop *drop, GError **err)
{
    const kn_config *c = s->engine->config;
    g_autofree char *dir = *c->export_dir ? kn_config_path(c, c->export_dir) : NULL;
    json_t *partners, *kinds;
    bool ok;

    if (!dir)
        return true;
    partners = kn_roster_partners(s->engine);
    kinds = kn_roster_kinds();
    ok = kn_day_files(&(kn_export_plan){ s->engine, s->store, s->trace, partners, kinds }, drop,
                      dir, err);
    json_decref(partners);
    json_decref(kinds);
    return ok;
}

/* Lanes hold the table for moments: tried again while that is all that is in the way. */
static bool
commit(shop *s, const kn_drop *drop, GError **err)
{
    for (int i = 0;; i++) {
        g_autoptr(GError) why = NULL;

        if (kn_drop_commit(s->engine, s->store, drop, kn_clock_wall_ms(), &why))
            return true;
        if (kn_error_code(why) != KN_E_STORE_RETRY || i >= DROP_TRIES) {
            g_propagate_error(err, g_steal_pointer(&why));
            return false;
        }
    }
}

static bool
drop_day(shop *s, int32_t day, json_t *told, GError **err)
{
    g_auto(kn_drop) drop = { 0 };
    int64_t messages = 0;

    kn_drop_init(&drop, day);
    drop.by = g_strdup(s->request->by ? s->request->by : g_get_user_name());
    drop.reason = g_strdup(s->request->reason ? s->request->reason : "age");
    if (!kn_drop_prepare(s->store, &drop, err))
        return false;
    for (unsigned i = 0; i < drop.parts->len; i++)
        messages += g_array_index(drop.parts, kn_drop_part, i).messages;
    (void)json_object_set_new(told, "messages", json_integer(messages));
    if (s->request->dry_run)
        return true;
    if (!export_day(s, &drop, err) || !commit(s, &drop, err))
        return false;
    (void)json_object_set_new(told, "files", json_integer(drop.files->len));
    return true;
}

/* The oldest first, and no further than the first that must stay: the chain is cut at one end only. */
static bool
prune_all(shop *s, json_t *list, GError **err)
{
    for (unsigned i = 0; i < s->days->len; i++) {
        const kn_store_day *d = &g_array_index(s->days, kn_store_day, i);
        g_autofree char *why = stays(s, d);
        json_t *told = json_object();
        char day[11];

        kn_drop_day_text(d->day, day);
        (void)json_object_set_new(told, "day", json_string(day));
        (void)json_array_append_new(list, told);
        (void)json_object_set_new(told, "dropped", json_boolean(!why && !s->request->dry_run));
        if (why) {
            (void)json_object_set_new(told, "why", json_string(why));
            return true;
        }
        if (!drop_day(s, d->day, told, err)) {
            (void)json_object_set_new(told, "dropped", json_false());
            return false;
        }
    }
    return true;
}

static bool
prune(const request *r, json_t **out, GError **err)
{
    shop s = { .request = r };
    bool ok;

    *out = json_array();
    ok = shop_open(&s, true, err) && find_limit(&s, err) && find_needed(&s, err)
         && prune_all(&s, *out, err) && publish(&s, err);
    shop_clear(&s);
    return ok;
}

static void
print_pruned(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *d = json_array_get(list, i);
        const char *why = json_string_value(json_object_get(d, "why"));

        (void)printf("%s  ", json_string_value(json_object_get(d, "day")));
        if (why)
            (void)printf("stays: %s\n", why);
        else
            (void)printf("%s: %" JSON_INTEGER_FORMAT " messages, %" JSON_INTEGER_FORMAT " files\n",
                         json_is_true(json_object_get(d, "dropped")) ? "dropped" : "may be dropped",
                         json_integer_value(json_object_get(d, "messages")),
                         json_integer_value(json_object_get(d, "files")));
    }
}

/* --- list ----------------------------------------------------------------------------------------------- */

static bool
list_dropped(shop *s, json_t *list, GError **err)
{
    g_autoptr(GPtrArray) rows = kn_store_dropped_array();
    kn_xml *xml;
    bool ok = kn_store_dropped_list(s->store, rows, err);

    xml = kn_signed_xml_new();
    for (unsigned i = 0; ok && i < rows->len; i++) {
        const kn_store_dropped *row = g_ptr_array_index(rows, i);
        g_auto(kn_drop) drop = { 0 };
        size_t len;
        const char *bytes = g_bytes_get_data(row->document, &len);
        int64_t messages = 0;
        char day[11];

        ok = kn_drop_read(xml, bytes, len, &drop, err);
        for (unsigned k = 0; ok && k < drop.parts->len; k++)
            messages += g_array_index(drop.parts, kn_drop_part, k).messages;
        kn_drop_day_text(row->day, day);
        if (ok)
            (void)json_array_append_new(
                list, json_pack("{ss sb sI ss ss ss sI}", "day", day, "dropped", 1, "messages",
                                (json_int_t)messages, "by", drop.by, "reason", drop.reason, "time",
                                drop.time, "files", (json_int_t)drop.files->len));
    }
    kn_xml_free(xml);
    return ok;
}

static bool
list(const request *r, json_t **out, GError **err)
{
    shop s = { .request = r };
    bool ok = shop_open(&s, false, err);

    *out = json_array();
    ok = ok && list_dropped(&s, *out, err);
    for (unsigned i = 0; ok && i < s.days->len; i++) {
        const kn_store_day *d = &g_array_index(s.days, kn_store_day, i);
        char day[11];

        kn_drop_day_text(d->day, day);
        (void)json_array_append_new(*out,
                                    json_pack("{ss sb sI sI sI}", "day", day, "dropped", 0, "rows",
                                              (json_int_t)d->rows, "bytes", (json_int_t)d->bytes,
                                              "parked", (json_int_t)d->parked));
    }
    shop_clear(&s);
    return ok;
}

static void
print_list(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *d = json_array_get(list, i);

        (void)printf("%s  ", json_string_value(json_object_get(d, "day")));
        if (json_is_true(json_object_get(d, "dropped")))
            (void)printf("dropped by %s at %s (%s): %" JSON_INTEGER_FORMAT
                         " messages, exported to %" JSON_INTEGER_FORMAT " files\n",
                         json_string_value(json_object_get(d, "by")),
                         json_string_value(json_object_get(d, "time")),
                         json_string_value(json_object_get(d, "reason")),
                         json_integer_value(json_object_get(d, "messages")),
                         json_integer_value(json_object_get(d, "files")));
        else
            (void)printf("%12" JSON_INTEGER_FORMAT " rows %14" JSON_INTEGER_FORMAT
                         " bytes  %" JSON_INTEGER_FORMAT " parked\n",
                         json_integer_value(json_object_get(d, "rows")),
                         json_integer_value(json_object_get(d, "bytes")),
                         json_integer_value(json_object_get(d, "parked")));
    }
}

int
kn_cli_archive(int argc, char **argv)
{
    request r = { 0 };
    bool json, ok;
    const GOptionEntry entries[] = {
        { "before", 0, 0, G_OPTION_ARG_STRING, &r.before,
          "prune: days before this one, though never younger ones than [archive] keep_days",
          "DAY" },
        { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &r.dry_run,
          "prune: look and verify, write and drop nothing", NULL },
        { "by", 0, 0, G_OPTION_ARG_STRING, &r.by, "prune: who you are (the login's name)", "NAME" },
        { "reason", 0, 0, G_OPTION_ARG_STRING, &r.reason, "prune: why (age)", "TEXT" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    const kn_cli_syntax syntax = {
        .words = "list|prune",
        .what =
            "list: days of the archive (UTC) with what they take, and those that were dropped.\n"
            "prune: drops the oldest days, one by one, until one has to stay: it is not older than "
            "[archive] keep_days,\n"
            "not published or not under a seal yet, or has parked messages. Before a day goes its "
            "chain is recomputed,\n"
            "its messages are written to [archive] export_dir as evidence files, and a signed "
            "document says what it held.",
        .entries = entries,
        .config = &r.config,
        .json = &json,
        .least = 1,
        .most = 1,
    };
    g_autoptr(GError) err = NULL;
    json_t *out = NULL;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    ok = strcmp(argv[1], "prune") == 0 ? prune(&r, &out, &err)
         : strcmp(argv[1], "list") == 0
             ? list(&r, &out, &err)
             : kn_fail(&err, KN_E_USAGE, "“%s” is neither list nor prune", argv[1]);
    if (out && json)
        kn_cli_print_json(json_incref(out));
    else if (out)
        (strcmp(argv[1], "prune") == 0 ? print_pruned : print_list)(out);
    json_decref(out);
    g_free(r.before);
    g_free(r.by);
    g_free(r.reason);
    return ok ? KN_EXIT_OK : kn_cli_fail("archive", err);
}
