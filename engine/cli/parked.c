/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/parked.h"

#include <glib.h>
#include <kouan/handler.h>
#include <stdio.h>
#include <string.h>

static const char *
text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value ? value : "";
}

static void
stamp(const json_t *object, char out[32])
{
    kn_time_text(json_integer_value(json_object_get(object, "at")), KN_TIME_STAMP, out);
}

char *
kn_parked_closed(const json_t *row)
{
    const json_t *acts = json_object_get(json_object_get(row, "body"), "acts"), *last;
    size_t n = json_array_size(acts);
    char when[32];

    if (strcmp(text(row, "state"), "OPEN") == 0 || n == 0)
        return NULL;
    last = json_array_get(acts, n - 1);
    stamp(last, when);
    return g_strdup_printf("%s by %s at %s: %s",
                           strcmp(text(row, "state"), "RELEASED") == 0 ? "released" : "discarded",
                           text(last, "by"), when, text(last, "reason"));
}

bool
kn_parked_has_act(const json_t *row, const char *guid)
{
    const json_t *acts = json_object_get(json_object_get(row, "body"), "acts");

    for (size_t i = 0; i < json_array_size(acts); i++)
        if (strcmp(text(json_array_get(acts, i), "guid"), guid) == 0)
            return true;
    return false;
}

static void
print_acts(const json_t *acts)
{
    for (size_t i = 0; i < json_array_size(acts); i++) {
        const json_t *a = json_array_get(acts, i);
        char when[32];

        stamp(a, when);
        (void)printf("    %s  %s by %s: %s\n", when, text(a, "do"), text(a, "by"),
                     text(a, "reason"));
    }
}

static void
print_row(const json_t *row)
{
    const json_t *body = json_object_get(row, "body");
    char when[32];

    stamp(body, when);
    (void)printf("%s  %s  %-9s %s%s%s\n", when, text(row, "key"), text(row, "state"),
                 text(body, "error"), *text(body, "detail") ? ": " : "", text(body, "detail"));
    (void)printf("    %s %s from %s, %" JSON_INTEGER_FORMAT " bytes\n",
                 *text(body, "type") ? text(body, "type") : "not read", text(body, "guid"),
                 *text(body, "sender") ? text(body, "sender") : "nobody known",
                 json_integer_value(json_object_get(body, "bytes")));
    print_acts(json_object_get(body, "acts"));
    if (json_array_size(json_object_get(body, "acts")) > 0)
        (void)printf("    now: %s\n", text(row, "verdict"));
}

void
kn_parked_print(const json_t *rows)
{
    if (json_is_object(rows)) {
        print_row(rows);
        return;
    }
    for (size_t i = 0; i < json_array_size(rows); i++)
        print_row(json_array_get(rows, i));
    if (json_array_size(rows) == 0)
        (void)printf("nothing is parked\n");
}
