/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the catalogue: each file through the real admission, cold and from a warm cache.
 *   hostile                 all of it, as a test
 *   hostile --cost          only what files cost, for a build without sanitizers
 *   hostile --out DIR [MS]  writes the files, index.tsv and the installation (DIR/world) and judges
 *                           nothing; MS is the time they are made for (now when it is left out) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "hostile.h"

#include "base/clock.h"

#include <cmocka.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define LEAST 150 /* hostile rows; files are more */

static char *folder;

typedef void (*each_fn)(const hostile_list *list, hostile_draft *d, void *arg);

static void
each_of(const hostile_list *list, each_fn fn, void *arg)
{
    for (const hostile_row *r = list->rows; r->name; r++)
        for (size_t b = 0; b < HOSTILE_BASES; b++) {
            hostile_draft d = { 0 };

            if (!(r->on & 1U << b))
                continue;
            hostile_make(r, &hostile_bases[b], &d);
            fn(list, &d, arg);
            hostile_draft_clear(&d);
        }
}

static void
each_file(each_fn fn, void *arg)
{
    for (size_t l = 0; hostile_lists[l]; l++)
        each_of(hostile_lists[l], fn, arg);
}

/* --- judging ---------------------------------------------------------------------------------------------- */

typedef struct count {
    unsigned files, wrong;
} count;

static void
complain(const hostile_draft *d, count *c, const char *when, const char *found, const char *why)
{
    c->wrong++;
    (void)fprintf(stderr, "%s.%s (%s), %s: expected %s %s %s, found %s: %s\n", d->row->name,
                  d->base->name, d->row->what, when, kn_error_row_of(d->row->error)->name,
                  d->row->code, d->row->rule, found, why);
}

/* What must hold beside the verdict; NULL = all of it. */
static const char *
beside(const kn_item *item)
{
    if (!item->why && !(item->proven && item->msg && item->partner && item->digest))
        return "accepted without proof";
    if (!item->why && strcmp(kn_msg_type(item->msg), "CKStageMessage") != 0)
        return "accepted as something else";
    if (item->why && !g_utf8_validate(item->why->message, -1, NULL))
        return "a reason that is no UTF-8";
    if (item->why && strlen(item->why->message) > 1000)
        return "a reason without bound";
    if (!g_utf8_validate(item->type, -1, NULL))
        return "a type that is no UTF-8";
    if (item->why && kn_error_code(item->why) == KN_E_SENDER_UNKNOWN && item->partner)
        return "somebody would be answered";
    return NULL;
}

static void
judge_once(const hostile_draft *d, count *c, const char *when)
{
    const hostile_row *r = d->row;
    kn_item *item = hostile_admit(d, NULL);
    kn_error code = item->why ? kn_error_code(item->why) : KN_E_OK;
    const kn_error_row *row = kn_error_row_of(code);
    const char *rule = item->why_rule ? item->why_rule : "", *more = beside(item);
    g_autofree char *found = g_strdup_printf("%s %s %s", row->name, row->receipt, rule);

    if (code != r->error || strcmp(row->receipt, r->code) != 0 || strcmp(rule, r->rule) != 0)
        complain(d, c, when, found, item->why ? item->why->message : "");
    else if (more)
        complain(d, c, when, found, more);
    kn_item_free(item);
}

static void
judge(const hostile_list *list, hostile_draft *d, void *arg)
{
    count *c = arg;

    if (list->good != (d->row->error == KN_E_OK))
        complain(d, c, "row", "", "a hostile row that expects success, or the reverse");
    hostile_world_forget();
    judge_once(d, c, "cold");
    judge_once(d, c, "warm");
    c->files++;
}

static void
hostile_catalogue(void **unused)
{
    count c = { 0 };

    (void)unused;
    each_file(judge, &c);
    (void)printf("# %u files, each twice\n", c.files);
    if (c.wrong > 0)
        fail_msg("%u verdicts are not the expected ones", c.wrong);
}

static void
hostile_enough(void **unused)
{
    unsigned rows = 0, good = 0, files = 0;
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    (void)unused;
    for (size_t l = 0; hostile_lists[l]; l++)
        for (const hostile_row *r = hostile_lists[l]->rows; r->name; r++) {
            *(hostile_lists[l]->good ? &good : &rows) += 1;
            files += (unsigned)__builtin_popcount(r->on);
            if (!g_hash_table_add(names, (gpointer)(uintptr_t)r->name))
                fail_msg("%s: this name is taken", r->name);
            if (!r->on)
                fail_msg("%s: on no base", r->name);
        }
    (void)printf("# %u hostile rows, %u controls, %u files\n", rows, good, files);
    assert_true(rows >= LEAST && good >= 20);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

typedef struct writer {
    const char *folder;
    FILE *index;
} writer;

static void
write_file(const hostile_list *list, hostile_draft *d, void *arg)
{
    const writer *w = arg;
    g_autofree char *name = g_strdup_printf("%s.%s.xml", d->row->name, d->base->name);
    g_autofree char *path = g_build_filename(w->folder, name, NULL);
    const char *key = hostile_key_of(d);

    assert_true(g_file_set_contents(path, d->bytes->str, (gssize)d->bytes->len, NULL));
    (void)fprintf(w->index, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%lld\t%s\t%s\t%s\n", name, list->title,
                  kn_error_row_of(d->row->error)->name, d->row->code, d->row->rule, key ? key : "",
                  d->row->part, (long long)d->row->shift_ms,
                  d->row->header    ? d->row->header
                  : d->base->header ? d->base->header
                                    : "-",
                  d->guid, d->row->what);
}

static int
write_all(const char *to, const char *now)
{
    g_autofree char *world = g_build_filename(to, "world", NULL);
    g_autofree char *index = g_build_filename(to, "index.tsv", NULL);
    writer w = { .folder = to };

    hostile_now_ms = now ? g_ascii_strtoll(now, NULL, 10) : kn_clock_wall_ms();
    if (g_mkdir_with_parents(world, 0700) != 0 || !(w.index = fopen(index, "w"))) {
        (void)fprintf(stderr, "%s: cannot be written\n", to);
        return 1;
    }
    (void)fprintf(w.index, "file\tlist\terror\tcode\trule\tkey\tpartition_shift\ttime_shift_ms\t"
                           "sender_header\tguid\twhat\n");
    hostile_world_open(world);
    each_file(write_file, &w);
    each_of(&(hostile_list){ "dear", hostile_dear, false }, write_file, &w);
    hostile_world_close();
    return fclose(w.index) == 0 ? 0 : 1;
}

/* --- test ------------------------------------------------------------------------------------------------------- */

static int
install(void **unused)
{
    (void)unused;
    folder = g_dir_make_tmp("kouan-hostile-XXXXXX", NULL);
    hostile_world_open(folder);
    return 0;
}

static int
remove_all(void **unused)
{
    const char *argv[] = { "rm", "-rf", folder, NULL };

    (void)unused;
    hostile_world_close();
    (void)g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                       NULL, NULL, NULL);
    g_free(folder);
    return 0;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(hostile_catalogue), cmocka_unit_test(hostile_enough),
        cmocka_unit_test(hostile_coverage),  cmocka_unit_test(hostile_cost),
        cmocka_unit_test(hostile_receipts),
    };
    const struct CMUnitTest cost[] = {
        cmocka_unit_test(hostile_cost),
        cmocka_unit_test(hostile_receipts),
    };

    if (argc >= 3 && strcmp(argv[1], "--out") == 0)
        return write_all(argv[2], argc > 3 ? argv[3] : NULL);
    if (argc == 2 && strcmp(argv[1], "--cost") == 0)
        return cmocka_run_group_tests(cost, install, remove_all);
    return cmocka_run_group_tests(all, install, remove_all);
}
