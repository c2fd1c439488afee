/* SPDX-License-Identifier: Apache-2.0 */
/* kouan dead: parked messages, and what a person decides about them. */
#include "base/clock.h"
#include "bus/producer.h"
#include "cli/cli.h"
#include "cli/parked.h"
#include "lane/action.h"
#include "lane/ledger.h"
#include "store/parked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WAIT_STEP_US 200000
#define FLUSH_MS 10000

typedef struct request {
    const char *config;
    char *error, *raw, *by, *reason;
    int all, json, wait_s;
} request;

/* --- looking ---------------------------------------------------------------------------------------------- */

static bool
open_trace(const request *r, kn_config **config, kn_trace **trace, GError **err)
{
    return kn_config_load(r->config, config, NULL, err)
           && kn_trace_open((*config)->conninfo, trace, err);
}

/* Only those with the error that was asked for. */
static json_t *
with_error(json_t *list, const char *error)
{
    json_t *some = json_array();

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *row = json_array_get(list, i);
        const char *has = json_string_value(json_object_get(json_object_get(row, "body"), "error"));

        if (!error || g_strcmp0(has, error) == 0)
            (void)json_array_append(some, row);
    }
    json_decref(list);
    return some;
}

static bool
list(const request *r, json_t **out, GError **err)
{
    g_autoptr(kn_config) config = NULL;
    g_autoptr(kn_trace) trace = NULL;

    if (!open_trace(r, &config, &trace, err) || !kn_parked_list(trace, NULL, r->all, out, err))
        return false;
    *out = with_error(*out, r->error);
    return true;
}

/* One row, by its key; it must be there. */
static bool
find(kn_trace *trace, const char *key, json_t **row, GError **err)
{
    json_t *rows = NULL;

    if (!kn_parked_list(trace, key, true, &rows, err))
        return false;
    *row = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return *row
           || kn_fail(err, KN_E_NO_DOCUMENT, "no message was parked as “%s” (kouan dead list)",
                      key);
}

/* For nobody else to read: what is parked may be anything, personal data too. */
static bool
write_private(const char *path, GBytes *bytes, GError **err)
{
    size_t len;
    const char *at = g_bytes_get_data(bytes, &len);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0;

    while (ok && len > 0) {
        ssize_t n = write(fd, at, len);

        ok = n > 0 || (n < 0 && errno == EINTR);
        at += MAX(n, 0);
        len -= (size_t)MAX(n, 0);
    }
    ok = ok && fsync(fd) == 0;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    return ok || kn_fail(err, KN_E_IO, "%s: %s", path, g_strerror(errno));
}

static bool
save_raw(kn_trace *trace, const json_t *row, const char *path, GError **err)
{
    const json_t *body = json_object_get(row, "body");
    g_auto(kn_trace_message) message = { 0 };

    return kn_trace_read(trace, json_string_value(json_object_get(body, "topic")),
                         (int)json_integer_value(json_object_get(body, "partition")),
                         json_integer_value(json_object_get(body, "offset")), &message, err)
           && write_private(path, message.payload, err);
}

static bool
show(const request *r, const char *key, json_t **out, GError **err)
{
    g_autoptr(kn_config) config = NULL;
    g_autoptr(kn_trace) trace = NULL;

    return open_trace(r, &config, &trace, err) && find(trace, key, out, err)
           && (!r->raw || (kn_engine_vault(config, err) && save_raw(trace, *out, r->raw, err)));
}

/* --- acting ----------------------------------------------------------------------------------------------- */

typedef struct desk {
    const request *request;
    kn_engine *engine;
    kn_trace *trace;
    kn_producer *producer;
    char *topic; /* the internal one */
    bool discard;
} desk;

static void
desk_clear(desk *d)
{
    kn_producer_free(d->producer);
    kn_trace_close(d->trace);
    kn_engine_free(d->engine);
    g_free(d->topic);
}

static bool
desk_open(desk *d, GError **err)
{
    if (!kn_engine_load(d->request->config, true, &d->engine, err)
        || !kn_trace_open(d->engine->config->conninfo, &d->trace, err))
        return false;
    d->topic = kn_engine_internal_topic(d->engine);
    if (!d->topic)
        return kn_fail(err, KN_E_CONFIG, "[kafka] in_topics: no topic internal, nobody would hear");
    return kn_producer_new(&d->engine->bus, NULL, &d->producer, err);
}

static bool
send_action(desk *d, const json_t *row, char guid[37], GError **err)
{
    const json_t *body = json_object_get(row, "body");
    const char *owner = json_string_value(json_object_get(row, "owner"));
    const kn_action action = {
        .discard = d->discard,
        .topic = json_string_value(json_object_get(body, "topic")),
        .part = (int)json_integer_value(json_object_get(body, "partition")),
        .off = json_integer_value(json_object_get(body, "offset")),
        .by = d->request->by,
        .reason = d->request->reason,
    };
    g_autoptr(GString) bytes = g_string_new(NULL);
    json_t *headers;
    bool ok;

    if (!kn_action_write(d->engine, &action, kn_clock_wall_ms(), guid, bytes, err))
        return false;
    headers = json_pack("{ss ss}", "type", KN_ACTION_TYPE, "guid", guid);
    ok = kn_producer_send(d->producer,
                          &(kn_bus_send){ .topic = d->topic,
                                          .placed = true,
                                          .part = action.part,
                                          .key = owner,
                                          .key_len = owner ? strlen(owner) : 0,
                                          .bytes = bytes->str,
                                          .len = bytes->len,
                                          .headers = headers },
                          err)
         && kn_producer_flush(d->producer, FLUSH_MS, err);
    json_decref(headers);
    return ok;
}

/* Waits until the row has moved; *row is what it is then. */
static bool
wait_moved(const desk *d, const char *key, json_t **row, GError **err)
{
    int64_t until = kn_clock_steady_us() + d->request->wait_s * 1000000LL;
    int64_t version = json_integer_value(json_object_get(*row, "version"));

    while (json_integer_value(json_object_get(*row, "version")) == version) {
        if (kn_clock_steady_us() > until)
            return kn_fail(
                err, KN_E_BUS_DOWN,
                "%s: the action is on %s, nothing has happened within %d s: does a kouand "
                "run? It counts as soon as one does",
                key, d->topic, d->request->wait_s);
        (void)usleep(WAIT_STEP_US);
        json_decref(*row);
        *row = NULL;
        if (!find(d->trace, key, row, err))
            return false;
    }
    return true;
}

static bool
act_on(desk *d, const char *key, json_t **row, GError **err)
{
    char guid[37];
    g_autofree char *before = NULL;

    if (!find(d->trace, key, row, err))
        return false;
    before = kn_parked_closed(*row);
    if (before)
        return kn_fail(err, KN_E_WRONG_STATE, "%s was %s", key, before);
    if (!send_action(d, *row, guid, err)
        || (d->request->wait_s > 0 && !wait_moved(d, key, row, err)))
        return false;
    before = d->request->wait_s > 0 && !kn_parked_has_act(*row, guid) ? kn_parked_closed(*row)
                                                                      : NULL;
    return !before
           || kn_fail(err, KN_E_WRONG_STATE, "%s: somebody else was quicker, it was %s", key,
                      before);
}

/* Each is told; one that cannot be does not keep the others from it. */
static bool
act(const request *r, bool discard, char **keys, json_t **out, GError **err)
{
    desk d = { .request = r, .discard = discard };
    bool ok = desk_open(&d, err);

    *out = json_array();
    for (size_t i = 0; ok && keys[i]; i++) {
        json_t *row = NULL;
        g_autoptr(GError) why = NULL;

        if (act_on(&d, keys[i], &row, &why)) {
            (void)json_array_append_new(*out, row);
            continue;
        }
        json_decref(row);
        if (!err || *err)
            (void)kn_cli_fail("dead", why);
        else
            g_propagate_error(err, g_steal_pointer(&why));
        if (kn_error_outcome(*err) != KN_OUTCOME_REFUSE)
            ok = false;
    }
    desk_clear(&d);
    return ok && !*err;
}

/* Keys of the open ones with an error. */
static char **
keys_of(const request *r, GError **err)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    json_t *rows = NULL;

    if (!list(r, &rows, err))
        return NULL;
    for (size_t i = 0; i < json_array_size(rows); i++)
        g_ptr_array_add(
            keys, g_strdup(json_string_value(json_object_get(json_array_get(rows, i), "key"))));
    json_decref(rows);
    g_ptr_array_add(keys, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&keys), FALSE);
}

/* --------------------------------------------------------------------------------------------------------- */

static bool
decide(request *r, bool discard, char **words, json_t **out, GError **err)
{
    g_auto(GStrv) keys = NULL;

    if (!r->reason || !*r->reason || g_utf8_strlen(r->reason, -1) > 300)
        return kn_fail(err, KN_E_USAGE,
                       "--reason: why, in 1 to 300 characters; it is kept with your name");
    if (!r->by)
        r->by = g_strdup(g_get_user_name());
    if (!*r->by || g_utf8_strlen(r->by, -1) > 64)
        return kn_fail(err, KN_E_USAGE, "--by: your name, in 1 to 64 characters");
    if ((words[0] != NULL) == (r->error != NULL))
        return kn_fail(err, KN_E_USAGE, "KEY…, or --error NAME for all open ones with that error");
    r->all = false;
    keys = words[0] ? g_strdupv(words) : keys_of(r, err);
    return keys && act(r, discard, keys, out, err);
}

static bool
run(request *r, char **words, json_t **out, GError **err)
{
    const char *what = words[1];

    if (strcmp(what, "list") == 0 && !words[2])
        return list(r, out, err);
    if (strcmp(what, "show") == 0 && words[2] && !words[3])
        return show(r, words[2], out, err);
    if (strcmp(what, "release") == 0 || strcmp(what, "discard") == 0)
        return decide(r, *what == 'd', words + 2, out, err);
    return kn_fail(err, KN_E_USAGE, "list, show KEY, release KEY… or discard KEY…");
}

int
kn_cli_dead(int argc, char **argv)
{
    request r = { .wait_s = 30 };
    bool json;
    const GOptionEntry entries[] = {
        { "all", 0, 0, G_OPTION_ARG_NONE, &r.all, "list: those released and discarded, too", NULL },
        { "error", 0, 0, G_OPTION_ARG_STRING, &r.error,
          "those parked for this reason: a name of kouan errors", "NAME" },
        { "raw", 0, 0, G_OPTION_ARG_FILENAME, &r.raw,
          "show: write the bytes as they came to a new file (mode 0600)", "FILE" },
        { "reason", 0, 0, G_OPTION_ARG_STRING, &r.reason, "release, discard: why", "TEXT" },
        { "by", 0, 0, G_OPTION_ARG_STRING, &r.by, "who you are (the login's name)", "NAME" },
        { "wait", 0, 0, G_OPTION_ARG_INT, &r.wait_s,
          "so long for it to happen (30), 0 = only say it", "SECONDS" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    const kn_cli_syntax syntax = {
        .words = "list|show KEY|release KEY…|discard KEY…",
        .what =
            "Messages that were parked: what the engine or the database failed at, what killed a "
            "process, what customs\n"
            "answered to nothing we know. KEY: topic-partition-offset.\n"
            "release: judges it once more, now; its sender gets the final receipt.\n"
            "discard: never; its sender gets the final refusal. Both are signed messages on the "
            "internal topic, kept\n"
            "in the archive with your name and reason.",
        .entries = entries,
        .config = &r.config,
        .json = &json,
        .least = 1,
        .most = -1,
    };
    g_autoptr(GError) err = NULL;
    json_t *out = NULL;
    bool ok;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    ok = run(&r, argv, &out, &err);
    if (out && json)
        kn_cli_print_json(json_incref(out));
    else if (out)
        kn_parked_print(out);
    json_decref(out);
    g_free(r.error);
    g_free(r.raw);
    g_free(r.by);
    g_free(r.reason);
    return ok ? KN_EXIT_OK : kn_cli_fail("dead", err);
}
