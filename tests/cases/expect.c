/* SPDX-License-Identifier: Apache-2.0 */
#include "expect.h"

#include <stdlib.h>
#include <string.h>

static bool
differ(char **why, const char *what, const json_t *want, const json_t *got)
{
    char *w = want ? json_dumps(want, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
    char *g = got ? json_dumps(got, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;

    *why = g_strdup_printf("%s: expected %s, got %s", what, w ? w : "nothing", g ? g : "nothing");
    free(w); /* allow: jansson's own */
    free(g); /* allow: jansson's own */
    return false;
}

static const char *
variable(void *arg, const char *name)
{
    return kn_case_variable(arg, name);
}

/* Texts may hold variables; "~part" means: contains, "!text": is another. */
static bool
text_fits(kn_case_world *world, const char *want, const char *got)
{
    g_autofree char *plain = kn_case_expand(want, variable, world);

    if (!plain || !got)
        return false;
    if (plain[0] == '!')
        return strcmp(plain + 1, got) != 0;
    return plain[0] == '~' ? strstr(got, plain + 1) != NULL : strcmp(plain, got) == 0;
}

/* Every member of want is in got and fits; null means: not there. Arrays fit item by item. */
static bool
fits(kn_case_world *world, const json_t *want, const json_t *got)
{
    const char *key;
    json_t *value;

    if (json_is_string(want))
        return text_fits(world, json_string_value(want), json_string_value(got));
    if (json_is_array(want)) {
        if (json_array_size(want) != json_array_size(got))
            return false;
        for (size_t i = 0; i < json_array_size(want); i++)
            if (!fits(world, json_array_get(want, i), json_array_get(got, i)))
                return false;
        return true;
    }
    if (!json_is_object(want))
        return json_is_null(want) ? got == NULL : json_equal(want, got);
    json_object_foreach ((json_t *)(uintptr_t)want, key, value)
        if (!fits(world, value, json_object_get(got, key)))
            return false;
    return true;
}

static bool
list_fits(kn_case_world *world, const json_t *want, const json_t *got, const char *what, char **why)
{
    if (!want && json_array_size(got) == 0)
        return true;
    if (!want || !fits(world, want, got))
        return differ(why, what, want, got);
    return true;
}

/* [code, path, rule] of errors (or warnings). */
static json_t *
errors_of(const json_t *got, bool warnings)
{
    const json_t *errors = json_object_get(got, "errors");
    json_t *list = json_array();

    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *error = json_array_get(errors, i);

        if (json_is_true(json_object_get(error, "warning")) == warnings)
            (void)json_array_append_new(list, json_pack("[O,O,O]", json_object_get(error, "code"),
                                                        json_object_get(error, "path"),
                                                        json_object_get(error, "rule")));
    }
    return list;
}

static bool
errors_fit(kn_case_world *world, const json_t *want, const json_t *got, char **why)
{
    json_t *errors = errors_of(got, false);
    json_t *warnings = errors_of(got, true);
    bool ok = list_fits(world, json_object_get(want, "errors"), errors, "errors", why)
              && list_fits(world, json_object_get(want, "warnings"), warnings, "warnings", why);

    json_decref(errors);
    json_decref(warnings);
    return ok;
}

static json_t *
history_of(const json_t *got)
{
    const json_t *writes = json_object_get(got, "writes");
    json_t *list = json_array();

    for (size_t i = 0; i < json_array_size(writes); i++) {
        const json_t *lines = json_object_get(json_array_get(writes, i), "history");

        for (size_t k = 0; k < json_array_size(lines); k++)
            (void)json_array_append(list, json_object_get(json_array_get(lines, k), "row"));
    }
    return list;
}

static bool
history_fits(kn_case_world *world, const json_t *want, const json_t *got, char **why)
{
    json_t *history = history_of(got);
    bool ok = list_fits(world, json_object_get(want, "history"), history, "history", why);

    json_decref(history);
    return ok;
}

/* Members of the one record written. */
static bool
record_fits(kn_case_world *world, const json_t *want, const json_t *got, char **why)
{
    const json_t *record = json_object_get(want, "record");
    const json_t *write = json_array_get(json_object_get(got, "writes"), 0);

    if (record && !fits(world, record, json_object_get(write, "body")))
        return differ(why, "record", record, json_object_get(write, "body"));
    return true;
}

static bool
reply_fits(kn_case_world *world, const json_t *want, const json_t *got, char **why)
{
    static const char *const members[] = { "status", "info", "state",  "actions",
                                           "keys",   "body", "cardNo", "cardStated" };
    const json_t *reply = json_object_get(got, "reply");

    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        const json_t *one = json_object_get(want, members[i]);

        if (one && !fits(world, one, json_object_get(reply, members[i])))
            return differ(why, members[i], one, json_object_get(reply, members[i]));
    }
    return true;
}

static bool
result_fits(kn_case_world *world, const json_t *want, const json_t *got, char **why)
{
    static const char *const members[] = { "field", "rule", "detail", "xsd" };

    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        const json_t *one = json_object_get(want, members[i]);

        if (one && !fits(world, one, json_object_get(got, members[i])))
            return differ(why, members[i], one, json_object_get(got, members[i]));
    }
    return true;
}

/* A member named like this in "expect" that nobody looks at would be a silent test. */
static bool
known_members(const json_t *want, char **why)
{
    static const char known[] =
        " code errors warnings history record status info state actions keys "
        "body cardNo cardStated field rule detail xsd notices onward alarms ";
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)want, key, value) {
        g_autofree char *word = g_strdup_printf(" %s ", key);

        (void)value;
        if (!strstr(known, word)) {
            *why = g_strdup_printf("expect has an unknown member %s", key);
            return false;
        }
    }
    return true;
}

bool
kn_expect(kn_case_world *world, const json_t *want, const json_t *got, bool strict, char **why)
{
    static const char *const lists[] = { "notices", "onward", "alarms" };
    const json_t *code = json_object_get(want, "code");
    const char *expected = code ? json_string_value(code) : "OK";

    if (g_strcmp0(expected, json_string_value(json_object_get(got, "code"))) != 0)
        return differ(why, "code", code, json_object_get(got, "code"));
    if (!strict)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        if (!list_fits(world, json_object_get(want, lists[i]), json_object_get(got, lists[i]),
                       lists[i], why))
            return false;
    return known_members(want, why) && result_fits(world, want, got, why)
           && errors_fit(world, want, got, why) && history_fits(world, want, got, why)
           && record_fits(world, want, got, why) && reply_fits(world, want, got, why);
}
