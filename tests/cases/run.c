/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the case files of one handler on the bench and prints which rules have a case. */
#include "run.h"

#include "expect.h"
#include "support/case/case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct runner {
    const kn_handler *handler;
    const kn_codes *codes;
    const char *folder;
    const char *schemas;
    const char *only;
    json_t *speakers;
    json_t *preludes;
    GHashTable *cited; /* ids of cases that passed */
    GHashTable *fired; /* machine rows seen in histories */
    unsigned cases, failed, negative;
} runner;

static json_t *
load(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    json_error_t error;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

    if (!json)
        (void)fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
    return json;
}

static bool run_steps(runner *run, kn_case_world *world, const json_t *steps, bool strict,
                      char **why);

/* A prelude is a list of steps; a text names another prelude that comes first. */
static bool
run_prelude(runner *run, kn_case_world *world, const char *name, char **why)
{
    const json_t *steps = json_object_get(run->preludes, name);

    if (json_is_array(steps))
        return run_steps(run, world, steps, false, why);
    *why = g_strdup_printf("no prelude %s", name);
    return false;
}

static void
note_history(runner *run, const json_t *decision)
{
    const json_t *writes = json_object_get(decision, "writes");

    for (size_t i = 0; i < json_array_size(writes); i++) {
        const json_t *lines = json_object_get(json_array_get(writes, i), "history");

        for (size_t k = 0; k < json_array_size(lines); k++)
            (void)g_hash_table_add(
                run->fired,
                g_strdup(json_string_value(json_object_get(json_array_get(lines, k), "row"))));
    }
}

static bool
run_step(runner *run, kn_case_world *world, const json_t *step, bool strict, char **why)
{
    json_t *decision = kn_case_step(world, step, why);
    bool ok = decision && !*why;

    if (ok) {
        note_history(run, decision);
        ok = kn_expect(world, json_object_get(step, "expect"), decision, strict, why);
    }
    if (!ok && decision) {
        char *text = json_dumps(decision, JSON_INDENT(1));

        (void)fprintf(stderr, "%s\n", text);
        free(text); /* allow: jansson's own */
    }
    json_decref(decision);
    return ok;
}

static bool
run_steps(runner *run, kn_case_world *world, const json_t *steps, bool strict, char **why)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        const char *prelude = json_string_value(step);

        if (prelude ? !run_prelude(run, world, prelude, why)
                    : !run_step(run, world, step, strict, why)) {
            g_autofree char *inner = *why;

            *why = g_strdup_printf("step %zu: %s", i + 1, inner ? inner : "failed");
            return false;
        }
    }
    return true;
}

static bool
is_negative(const json_t *one)
{
    const json_t *steps = json_object_get(one, "steps");
    const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
    const char *code = json_string_value(json_object_get(json_object_get(last, "expect"), "code"));

    return code && strcmp(code, "OK") != 0;
}

/* A case about options that must not start: "conf_error" is part of what is said. */
static bool
conf_refused(const json_t *one, const char *why)
{
    const char *want = json_string_value(json_object_get(one, "conf_error"));

    return want && why && strstr(why, want);
}

static void
run_case(runner *run, const char *file, const json_t *one)
{
    const char *name = json_string_value(json_object_get(one, "name"));
    const json_t *ids = json_object_get(one, "ids");
    const char *after = json_string_value(json_object_get(one, "after"));
    char *why = NULL;
    kn_case_world *world;
    bool ok = false;

    if (run->only && g_strcmp0(run->only, name) != 0)
        return;
    world = kn_case_world_new(run->handler, run->codes, run->folder, run->schemas, run->speakers,
                              json_object_get(one, "conf"), &why);
    if (world) {
        kn_case_world_counters(world, json_object_get(one, "counters"),
                               (int)json_integer_value(json_object_get(one, "slot")));
        ok = (!after || run_prelude(run, world, after, &why))
             && run_steps(run, world, json_object_get(one, "steps"), true, &why)
             && !json_object_get(one, "conf_error");
    } else {
        ok = conf_refused(one, why);
    }
    run->cases++;
    if (json_object_get(one, "conf_error") || is_negative(one))
        run->negative++;
    for (size_t i = 0; ok && i < json_array_size(ids); i++)
        (void)g_hash_table_add(run->cited, g_strdup(json_string_value(json_array_get(ids, i))));
    if (!ok) {
        run->failed++;
        (void)fprintf(stderr, "not ok: %s: %s: %s\n", file, name,
                      why ? why : "starts, but should not");
    }
    kn_case_world_free(world);
    g_free(why);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
run_files(runner *run)
{
    g_autoptr(GDir) dir = g_dir_open(run->folder, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        if (g_str_has_suffix(name, ".json") && name[0] != '_')
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, by_name);
    for (unsigned i = 0; i < names->len; i++) {
        json_t *cases = load(run->folder, names->pdata[i]);

        if (!cases)
            return false;
        for (size_t k = 0; k < json_array_size(cases); k++)
            run_case(run, names->pdata[i], json_array_get(cases, k));
        json_decref(cases);
    }
    return names->len > 0;
}

/* --- coverage: the rows of the tables themselves, and what _coverage.json asks for besides --------- */

static unsigned
need(const runner *run, const char *id, const json_t *later)
{
    if (json_object_get(later, id) || g_hash_table_contains(run->cited, id))
        return 0;
    (void)fprintf(stderr, "no case: %s\n", id);
    return 1;
}

static const kn_transition *
rows_of(const kn_handler *handler)
{
    return handler->machine ? handler->machine->rows : NULL;
}

static bool
is_row(const kn_handler *handler, const char *id)
{
    for (const kn_fieldset *set = handler->fieldsets; set && set->rows; set++)
        for (const kn_field *row = set->rows; row->id; row++)
            if (strcmp(row->id, id) == 0)
                return true;
    for (const kn_transition *row = rows_of(handler); row && row->id; row++)
        if (strcmp(row->id, id) == 0)
            return true;
    return false;
}

/* An id that no table and no list knows is a slip of the pen, and its case proves nothing. */
static unsigned
unknown_ids(const runner *run, const json_t *required)
{
    GHashTableIter iter;
    void *id;
    unsigned unknown = 0;

    g_hash_table_iter_init(&iter, run->cited);
    while (g_hash_table_iter_next(&iter, &id, NULL)) {
        bool listed = is_row(run->handler, id);

        for (size_t i = 0; !listed && i < json_array_size(required); i++)
            listed = strcmp(json_string_value(json_array_get(required, i)), id) == 0;
        if (!listed) {
            (void)fprintf(stderr, "no such rule: %s\n", (char *)id);
            unknown++;
        }
    }
    return unknown;
}

static unsigned
coverage(const runner *run)
{
    json_t *list = load(run->folder, "_coverage.json");
    const json_t *later = json_object_get(list, "later");
    const json_t *more = json_object_get(list, "required");
    unsigned missing = list ? 0 : 1;
    unsigned rows = 0;

    for (const kn_fieldset *set = run->handler->fieldsets; set && set->rows; set++)
        for (const kn_field *row = set->rows; row->id; row++, rows++)
            missing += need(run, row->id, later);
    for (const kn_transition *row = rows_of(run->handler); row && row->id; row++, rows++) {
        missing += need(run, row->id, later);
        if (row->from != KN_ANY_STATE && !g_hash_table_contains(run->fired, row->id)) {
            (void)fprintf(stderr, "never fired: %s\n", row->id);
            missing++;
        }
    }
    for (size_t i = 0; i < json_array_size(more); i++, rows++)
        missing += need(run, json_string_value(json_array_get(more, i)), later);
    missing += unknown_ids(run, more);
    (void)printf("%s: %u rules looked at, %u ids cited, %zu put off\n", run->handler->name, rows,
                 g_hash_table_size(run->cited), json_object_size(later));
    json_decref(list);
    return missing;
}

static unsigned
run_all(runner *run)
{
    unsigned bad;

    run->cited = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    run->fired = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    bad = run_files(run) ? 0 : 1;
    bad += run->failed;
    (void)printf("%s: %u cases, %u refusals, %u failed\n", run->handler->name, run->cases,
                 run->negative, run->failed);
    if (run->cases == 0) {
        (void)fprintf(stderr, "no such case\n");
        bad++;
    }
    if (!run->only && run->negative * 2 < run->cases) {
        (void)fprintf(stderr, "refusals must outnumber the rest\n");
        bad++;
    }
    if (!run->only)
        bad += coverage(run);
    g_hash_table_unref(run->cited);
    g_hash_table_unref(run->fired);
    return bad;
}

unsigned
kn_cases_run(const kn_cases_place *place)
{
    runner run = { .handler = place->handler,
                   .codes = place->codes,
                   .folder = place->folder,
                   .schemas = place->schemas,
                   .only = place->only };
    unsigned bad = 1;

    run.speakers = load(run.folder, "_speakers.json");
    run.preludes = load(run.folder, "_preludes.json");
    if (run.speakers && run.preludes)
        bad = run_all(&run);
    json_decref(run.speakers);
    json_decref(run.preludes);
    return bad;
}
