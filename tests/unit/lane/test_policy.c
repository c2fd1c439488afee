/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of the policy against a database that is made of rules: which stretch fails, how, how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "lane/policy.h"

#include <cmocka.h>
#include <kouan/error.h>
#include <string.h>

#define N 8
#define NOBODY 99

/* A fake database: an attempt that holds message `bad`, or is longer than `longest`, fails with todo. */
typedef struct fake {
    kn_store_todo todo;
    size_t bad, longest;
    int heals; /* after so many failures nothing fails any more; -1 = never */
    bool park_fails;
    /* what happened */
    int attempts, rests, failures;
    char settled[N + 1]; /* '.', then 's' settled, 'p' parked */
    size_t order[N], n_order;
} fake;

static kn_error
code_of(kn_store_todo todo)
{
    static const kn_error codes[] = {
        [KN_TODO_RECONNECT] = KN_E_STORE_DOWN, [KN_TODO_AGAIN] = KN_E_STORE_RETRY,
        [KN_TODO_RACE] = KN_E_STORE_RETRY,     [KN_TODO_HALVE] = KN_E_STORE_BUSY,
        [KN_TODO_PAUSE] = KN_E_STORE_BUSY,     [KN_TODO_SINGLES] = KN_E_DATA_ERROR,
        [KN_TODO_STOP] = KN_E_STORE_WRONG,
    };

    return codes[todo];
}

static void
take(fake *f, size_t at, char how)
{
    assert_int_equal(f->settled[at], '.'); /* once, ever */
    f->settled[at] = how;
    f->order[f->n_order++] = at;
}

static bool
attempt(void *arg, size_t at, size_t n, kn_store_todo *todo, GError **err)
{
    fake *f = arg;
    bool bad = n > f->longest || (f->bad >= at && f->bad < at + n);

    f->attempts++;
    assert_true(n > 0 && at + n <= N);
    if (bad && (f->heals < 0 || f->failures < f->heals)) {
        f->failures++;
        *todo = f->todo;
        return kn_fail(err, code_of(f->todo), "as told");
    }
    for (size_t i = at; i < at + n; i++)
        take(f, i, 's');
    return true;
}

static bool
park(void *arg, size_t at, const char *why, GError **err)
{
    fake *f = arg;

    assert_string_equal(why, "as told");
    if (f->park_fails)
        return kn_fail(err, KN_E_STORE_DOWN, "while parking");
    take(f, at, 'p');
    return true;
}

static void
rest(void *arg, int tries)
{
    fake *f = arg;

    f->rests++;
    assert_true(tries >= 1);
}

/* clang-format off */
static const struct {
    const char *why;
    fake f;
    kn_error end;        /* KN_E_OK: settled */
    const char *settled; /* afterwards */
    int attempts;
} vectors[] = {
    { "nothing fails", { .bad = NOBODY, .longest = N, .heals = -1 }, KN_E_OK, "ssssssss", 1 },
    /* infrastructure: one attempt, nothing parked, the lane pauses */
    { "connection gone",
      { .todo = KN_TODO_RECONNECT, .bad = 3, .longest = N, .heals = -1 }, KN_E_STORE_DOWN, "........", 1 },
    { "out of a resource",
      { .todo = KN_TODO_PAUSE, .bad = 3, .longest = N, .heals = -1 }, KN_E_STORE_BUSY, "........", 1 },
    /* the whole batch again */
    { "deadlock that passes", { .todo = KN_TODO_AGAIN, .bad = 3, .longest = N, .heals = 50 }, KN_E_OK, "ssssssss", 51 },
    { "deadlock for ever: doubt, not poison",
      { .todo = KN_TODO_AGAIN, .bad = 3, .longest = N, .heals = -1 }, KN_E_POSITION_MOVED, "........", 51 },
    /* a race passes, or it is this message */
    { "race that passes", { .todo = KN_TODO_RACE, .bad = 3, .longest = N, .heals = 3 }, KN_E_OK, "ssssssss", 4 },
    { "race that passes alone",
      { .todo = KN_TODO_RACE, .bad = 3, .longest = N, .heals = 5 }, KN_E_OK, "ssssssss", 4 + 3 + 2 + 4 },
    { "race of one message with itself",
      { .todo = KN_TODO_RACE, .bad = 3, .longest = N, .heals = -1 }, KN_E_OK, "ssspssss", 4 + 3 + 4 + 4 },
    /* time-outs: halves, and alone still no poison */
    { "batch too long",
      { .todo = KN_TODO_HALVE, .bad = NOBODY, .longest = 3, .heals = -1 }, KN_E_OK, "ssssssss", 1 + 2 + 4 },
    { "one too slow even alone",
      { .todo = KN_TODO_HALVE, .bad = 5, .longest = N, .heals = -1 }, KN_E_STORE_BUSY, "sssss...",
        1 + 1 + 1 + 1 + 1 + 1 },
    /* data: alone, then parked, the others go on in order */
    { "data error in the middle",
      { .todo = KN_TODO_SINGLES, .bad = 3, .longest = N, .heals = -1 }, KN_E_OK, "ssspssss", 1 + 8 },
    { "data error of the first",
      { .todo = KN_TODO_SINGLES, .bad = 0, .longest = N, .heals = -1 }, KN_E_OK, "psssssss", 1 + 8 },
    { "data error of the last",
      { .todo = KN_TODO_SINGLES, .bad = 7, .longest = N, .heals = -1 }, KN_E_OK, "sssssssp", 1 + 8 },
    { "data error only together",
      { .todo = KN_TODO_SINGLES, .bad = NOBODY, .longest = 1, .heals = -1 }, KN_E_OK, "ssssssss", 1 + 8 },
    { "everybody's data",
      { .todo = KN_TODO_SINGLES, .bad = NOBODY, .longest = 0, .heals = -1 }, KN_E_OK, "pppppppp", 1 + 8 },
    { "parking fails: nothing behind it",
      { .todo = KN_TODO_SINGLES, .bad = 3, .longest = N, .heals = -1, .park_fails = true }, KN_E_STORE_DOWN,
        "sss.....", 1 + 4 },
    /* a person */
    { "wrong schema", { .todo = KN_TODO_STOP, .bad = 3, .longest = N, .heals = -1 }, KN_E_STORE_WRONG, "........", 1 },
};
/* clang-format on */

static void
policy_rows(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        fake f = vectors[i].f;
        const kn_policy_ops ops = { &f, attempt, park, rest };
        g_autoptr(GError) err = NULL;
        bool ok;

        memset(f.settled, '.', N);
        ok = kn_policy_settle(&ops, N, &err);
        if (ok != (vectors[i].end == KN_E_OK) || (!ok && kn_error_code(err) != vectors[i].end))
            fail_msg("%s: ended with %s", vectors[i].why, ok ? "success" : err->message);
        if (strcmp(f.settled, vectors[i].settled) != 0 || f.attempts != vectors[i].attempts)
            fail_msg("%s: %s after %d attempts, expected %s after %d", vectors[i].why, f.settled,
                     f.attempts, vectors[i].settled, vectors[i].attempts);
        for (size_t k = 1; k < f.n_order; k++)
            assert_true(f.order[k - 1] < f.order[k]);
    }
}

static void
policy_nothing_to_do(void **unused)
{
    fake f = { .todo = KN_TODO_STOP, .longest = 0, .heals = -1 };
    const kn_policy_ops ops = { &f, attempt, park, rest };
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_true(kn_policy_settle(&ops, 0, &err));
    assert_int_equal(f.attempts, 0);
}

/* Notes n messages, one in `every` parked; how many until it is too much, 0 = never. */
static unsigned
until_too_much(unsigned n, unsigned every, int64_t step_us)
{
    kn_rate rate = { 0 };

    for (unsigned i = 1; i <= n; i++)
        if (kn_rate_note(&rate, i * step_us, every && i % every == 0))
            return i;
    return 0;
}

static void
policy_rate(void **unused)
{
    static const struct {
        unsigned n, every;
        int64_t step_us;
        unsigned at;
        const char *why;
    } rates[] = {
        { 1000000, 0, 10, 0, "no parked one, no stop" },
        { 21, 1, 1000, 21, "more than 20 in a minute, whatever else there was" },
        { 20, 1, 1000, 0, "20 in a minute may be" },
        { 4000, 1, 3000001, 0, "one in three seconds: 20 a minute, for ever" },
        { 4000, 1, 2850000, 21, "a little quicker" },
        { 99, 5, 1000, 0, "20 percent of less than a hundred is no rate" },
        { 200, 16, 1000, 100, "six percent of a hundred" },
        { 400, 20, 1000, 0, "five percent may be" },
        { 3000, 100, 1000, 2100, "one percent of many: the 21st within the minute" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
        unsigned at = until_too_much(rates[i].n, rates[i].every, rates[i].step_us);

        if (at != rates[i].at)
            fail_msg("%s: at %u, expected %u", rates[i].why, at, rates[i].at);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_rows),
        cmocka_unit_test(policy_nothing_to_do),
        cmocka_unit_test(policy_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
