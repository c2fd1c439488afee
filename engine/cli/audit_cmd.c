/* SPDX-License-Identifier: Apache-2.0 */
/* kouan audit: who did what when, and what came of it (AU-01, AU-02). */
#include "base/clock.h"
#include "cli/cli.h"
#include "lane/config.h"
#include "store/audit.h"

#include <kouan/handler.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS 86400000LL

typedef struct printer {
    bool json;
    int64_t left; /* events that may still be printed */
} printer;

/* 2026-11-26, 2026-11-26T10:00:00 (both +08:00 unless a zone is named), or a length back from now: 30m 24h 7d. */
static bool
read_time(const char *option, const char *text, int64_t now_ms, int64_t *out, GError **err)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = { { 'm', 60000 }, { 'h', 3600000 }, { 'd', DAY_MS } };
    size_t len = strlen(text);
    g_autofree char *number = len > 1 ? g_strndup(text, len - 1) : g_strdup("");
    g_autofree char *midnight = g_strconcat(text, "T00:00:00+08:00", NULL);
    int64_t n;

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (len > 1 && text[len - 1] == units[i].unit
            && g_ascii_string_to_signed(number, 10, 1, 100000, &n, NULL)) {
            *out = now_ms - n * units[i].ms;
            return true;
        }
    return kn_time_parse(text, out) || kn_time_parse(midnight, out)
           || kn_fail(err, KN_E_USAGE,
                      "--%s: “%s” is not like 2026-11-26, 2026-11-26T10:00:00 or 24h", option,
                      text);
}

static const char *
text_of(const json_t *event, const char *name)
{
    const char *text = json_string_value(json_object_get(event, name));

    return text ? text : "-";
}

static json_int_t
number_of(const json_t *event, const char *name)
{
    return json_integer_value(json_object_get(event, name));
}

static void
print_event(const json_t *event, const char *when)
{
    (void)printf("%s  %-20s %s", when, text_of(event, "verdict"), text_of(event, "type"));
    (void)printf("  from=%s enterprise=%s card=%s guid=%s", text_of(event, "sender"),
                 text_of(event, "enterprise"), text_of(event, "card"), text_of(event, "guid"));
    if (json_object_get(event, "kind"))
        (void)printf("  %s/%s v%" JSON_INTEGER_FORMAT " %s %s→%s (%s, %s)", text_of(event, "kind"),
                     text_of(event, "key"), number_of(event, "version"), text_of(event, "event"),
                     text_of(event, "from"), text_of(event, "to"), text_of(event, "row"),
                     text_of(event, "actor"));
    (void)printf("  at %s/%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT "\n",
                 text_of(event, "topic"), number_of(event, "part"), number_of(event, "off"));
}

static bool
print_row(void *arg, const json_t *event)
{
    printer *p = arg;
    char when[32];

    if (p->left == 0) {
        (void)fprintf(stderr, "kouan audit: there are more; --limit or a shorter time\n");
        return false;
    }
    p->left--;
    kn_time_text(number_of(event, "at"), KN_TIME_WIRE, when); /* AU-07: with its zone */
    if (p->json) {
        json_t *copy = json_copy((json_t *)(uintptr_t)event);

        (void)json_object_set_new(copy, "time", json_string(when));
        (void)json_dumpf(copy, stdout, JSON_COMPACT);
        (void)putchar('\n');
        json_decref(copy);
    } else {
        print_event(event, when);
    }
    return true;
}

static bool
run(const char *config, kn_audit_query *query, const char *since, const char *until, printer *p,
    GError **err)
{
    g_autoptr(kn_config) c = NULL;
    g_autoptr(kn_trace) trace = NULL;
    int64_t now_ms = kn_clock_wall_ms();

    query->since_ms = now_ms - DAY_MS;
    query->until_ms = now_ms + DAY_MS; /* the broker's clock may be ahead of ours */
    return (!since || read_time("since", since, now_ms, &query->since_ms, err))
           && (!until || read_time("until", until, now_ms, &query->until_ms, err))
           && kn_config_load(config, &c, NULL, err) && kn_trace_open(c->conninfo, &trace, err)
           && kn_audit_read(trace, query, print_row, p, err);
}

int
kn_cli_audit(int argc, char **argv)
{
    const char *config;
    g_autofree char *since = NULL, *until = NULL, *sender = NULL, *enterprise = NULL,
                    *object = NULL, *verdict = NULL;
    int failures = false, limit = 10000;
    printer p = { 0 };
    const GOptionEntry entries[] = {
        { "since", 0, 0, G_OPTION_ARG_STRING, &since,
          "from here on: a date, a time, or 24h, 7d, 30m back (24h)", "TIME" },
        { "until", 0, 0, G_OPTION_ARG_STRING, &until, "before this (now)", "TIME" },
        { "sender", 0, 0, G_OPTION_ARG_STRING, &sender, "what this partner sent", "ID" },
        { "enterprise", 0, 0, G_OPTION_ARG_STRING, &enterprise,
          "what concerns this organisation code", "CODE" },
        { "object", 0, 0, G_OPTION_ARG_STRING, &object, "what changed the document of this key",
          "KEY" },
        { "verdict", 0, 0, G_OPTION_ARG_STRING, &verdict, "what ended so: a name of kouan errors",
          "NAME" },
        { "failures", 0, 0, G_OPTION_ARG_NONE, &failures, "what was not accepted", NULL },
        { "limit", 0, 0, G_OPTION_ARG_INT, &limit, "so many events at most (10000)", "N" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    const kn_cli_syntax syntax = {
        .words = "",
        .what = "Every message with what it did, by time: who sent it with which card (masked), "
                "what it changed\n"
                "from which state to which, or why it was refused. --json: an object a line. "
                "Nothing is written.",
        .entries = entries,
        .config = &config,
        .json = &p.json,
    };
    g_autoptr(GError) err = NULL;
    kn_audit_query query;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    p.left = MAX(limit, 1);
    query = (kn_audit_query){ .sender = sender,
                              .enterprise = enterprise,
                              .object = object,
                              .verdict = verdict,
                              .failures = failures };
    return run(config, &query, since, until, &p, &err) ? KN_EXIT_OK : kn_cli_fail("audit", err);
}
