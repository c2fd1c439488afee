/* SPDX-License-Identifier: Apache-2.0 */
/* Dates at a fixed offset: the vectors were computed by another program (Python's datetime). */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "base/clock.h"

#include <glib.h>
#include <kouan/handler.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400000LL

static const struct {
    int64_t ms;
    const char *wire, *why;
} wires[] = {
    { 0, "1970-01-01T08:00:00+08:00", "the epoch is eight in the morning here" },
    { -28801000, "1969-12-31T23:59:59+08:00", "before the epoch" },
    { -28800000, "1970-01-01T00:00:00+08:00", "midnight here, afternoon in UTC" },
    { 1709136000000, "2024-02-29T00:00:00+08:00", "leap day begins eight hours before UTC's" },
    { 1709135999000, "2024-02-28T23:59:59+08:00", "and one second before it has not" },
    { 951753600000, "2000-02-29T00:00:00+08:00", "divisible by 400: a leap year" },
    { -2203920000000, "1900-03-01T00:00:00+08:00",
      "divisible by 100: none, the day after 28 February" },
    { 4107513600000, "2100-03-01T00:00:00+08:00", "none either" },
    { 1767196800000, "2026-01-01T00:00:00+08:00", "new year here, still the old one in UTC" },
    { 1795312800000, "2026-11-22T10:00:00+08:00", "an ordinary morning" },
    { 2147483648000, "2038-01-19T11:14:08+08:00", "past 32 bits" },
    { -62135625600000, "0001-01-01T00:00:00+08:00", "the first year" },
    { 253402271999000, "9999-12-31T23:59:59+08:00", "the last second of four digits" },
};

static void
clock_wire_vectors(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(wires); i++) {
        char out[32];
        int64_t ms = 1;

        kn_time_text(wires[i].ms, KN_TIME_WIRE, out);
        if (strcmp(out, wires[i].wire) != 0)
            fail_msg("%s: %s, not %s", wires[i].why, out, wires[i].wire);
        if (!kn_time_parse(wires[i].wire, &ms) || ms != wires[i].ms)
            fail_msg("%s: reads back as %" G_GINT64_FORMAT, wires[i].why, ms);
    }
}

static void
clock_other_forms(void **unused)
{
    char out[32];

    (void)unused;
    kn_time_text(1795312800123, KN_TIME_COMPACT, out);
    assert_string_equal(out, "20261122100000123");
    kn_time_text(1795312800123, KN_TIME_DATE, out);
    assert_string_equal(out, "2026-11-22");
    kn_time_text(1795312800123, KN_TIME_STAMP, out);
    assert_string_equal(out, "2026-11-22 10:00:00");
    kn_time_text(1767196799999, KN_TIME_DATE, out);
    assert_string_equal(out, "2025-12-31");
    kn_time_text(-1, KN_TIME_COMPACT, out);
    assert_string_equal(out, "19700101075959999");
}

static const struct {
    const char *text;
    bool ok;
    int64_t ms;
    const char *why;
} parses[] = {
    { "2026-11-22T10:00:00", true, 1795312800000, "no zone is ours" },
    { "2026-11-22T02:00:00Z", true, 1795312800000, "UTC" },
    { "2026-11-22T02:00:00+00:00", true, 1795312800000, "UTC in digits" },
    { "2026-11-22T02:00:00-00:00", true, 1795312800000, "UTC from the other side" },
    { "2026-11-21T21:00:00-05:00", true, 1795312800000, "west, the day before" },
    { "2026-11-22T07:30:00+05:30", true, 1795312800000, "half an hour" },
    { "2026-11-22T10:00:00.5", true, 1795312800500, "a fraction" },
    { "2026-11-22T10:00:00.123456789+08:00", true, 1795312800123,
      "finer than a millisecond is cut" },
    { "2024-02-29T00:00:00+08:00", true, 1709136000000, "leap day" },
    { NULL, false, 0, "absent" },
    { "", false, 0, "empty" },
    { "2026-11-22", false, 0, "a date only" },
    { "2026-11-22 10:00:00", false, 0, "a blank for the T" },
    { "2026-11-22t10:00:00", false, 0, "small t" },
    { "2026-11-22T10:00", false, 0, "no seconds" },
    { "26-11-22T10:00:00+08:00", false, 0, "two digits of year" },
    { "2026-1-22T10:00:00+08:00", false, 0, "one digit of month" },
    { "2026-00-22T10:00:00", false, 0, "month 0" },
    { "2026-13-22T10:00:00", false, 0, "month 13" },
    { "2026-11-00T10:00:00", false, 0, "day 0" },
    { "2026-11-31T10:00:00", false, 0, "31 November" },
    { "2023-02-29T10:00:00", false, 0, "no leap year" },
    { "1900-02-29T10:00:00", false, 0, "century without one" },
    { "2026-02-30T10:00:00", false, 0, "30 February" },
    { "0000-01-01T00:00:00", false, 0, "there is no year 0" },
    { "2026-11-22T24:00:00", false, 0, "hour 24" },
    { "2026-11-22T10:60:00", false, 0, "minute 60" },
    { "2026-11-22T10:00:60", false, 0, "leap seconds are not ours" },
    { "2026-11-22T10:00:00.", false, 0, "point without digits" },
    { "2026-11-22T10:00:00,5", false, 0, "comma" },
    { "2026-11-22T10:00:00z", false, 0, "small z" },
    { "2026-11-22T10:00:00+0800", false, 0, "zone without colon" },
    { "2026-11-22T10:00:00+08", false, 0, "zone without minutes" },
    { "2026-11-22T10:00:00+15:00", false, 0, "no such zone" },
    { "2026-11-22T10:00:00+08:60", false, 0, "minute 60 of a zone" },
    { "2026-11-22T10:00:00+08:00 ", false, 0, "blank at the end" },
    { " 2026-11-22T10:00:00", false, 0, "blank at the start" },
    { "2026-11-22T10:00:00Zx", false, 0, "more behind" },
    { "-026-11-22T10:00:00", false, 0, "sign in the year" },
    { "2026-11-22T10:00:0a", false, 0, "letter" },
    { "２０２６-11-22T10:00:00", false, 0, "full-width digits" },
    { "2026-11-22T10:00:00.1234567890123+08:00", false, 0, "longer than 35 characters" },
};

static void
clock_parse_vectors(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(parses); i++) {
        int64_t ms = 42;
        bool ok = kn_time_parse(parses[i].text, &ms);

        if (ok != parses[i].ok || ms != (ok ? parses[i].ms : 42))
            fail_msg("“%s”: %s (%d, %" G_GINT64_FORMAT ")",
                     parses[i].text ? parses[i].text : "NULL", parses[i].why, ok, ms);
    }
}

/* Every day of four centuries, there and back, each the next of the one before. */
static void
clock_every_day(void **unused)
{
    kn_date before = { .year = 1899, .month = 12, .day = 31 };

    (void)unused;
    for (int64_t day = -25567; day < 120530; day++) {
        kn_date d;
        int64_t back = 0;

        kn_clock_civil(day * DAY, 0, &d);
        if (!kn_clock_from_civil(&d, 0, &back) || back != day * DAY)
            fail_msg("%04d-%02d-%02d does not come back", d.year, d.month, d.day);
        bool next = (d.day == before.day + 1 && d.month == before.month && d.year == before.year)
                    || (d.day == 1 && d.month == before.month + 1 && d.year == before.year
                        && before.day >= 28)
                    || (d.day == 1 && d.month == 1 && d.year == before.year + 1 && before.day == 31
                        && before.month == 12);

        if (!next)
            fail_msg("%04d-%02d-%02d does not follow %04d-%02d-%02d", d.year, d.month, d.day,
                     before.year, before.month, before.day);
        before = d;
    }
    assert_int_equal(before.year, 2299);
    assert_int_equal(before.month, 12);
    assert_int_equal(before.day, 31);
}

static void
clock_from_civil_refuses(void **unused)
{
    static const struct {
        kn_date date;
        const char *why;
    } vectors[] = {
        { { 2023, 2, 29, 0, 0, 0, 0 }, "no leap year" },
        { { 2026, 4, 31, 0, 0, 0, 0 }, "31 April" },
        { { 0, 1, 1, 0, 0, 0, 0 }, "year 0" },
        { { 10000, 1, 1, 0, 0, 0, 0 }, "five digits" },
        { { 2026, 1, 1, 24, 0, 0, 0 }, "hour" },
        { { 2026, 1, 1, 0, -1, 0, 0 }, "minute" },
        { { 2026, 1, 1, 0, 0, 60, 0 }, "second" },
        { { 2026, 1, 1, 0, 0, 0, 1000 }, "millisecond" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        int64_t ms = 42;

        if (kn_clock_from_civil(&vectors[i].date, 480, &ms) || ms != 42)
            fail_msg("%s", vectors[i].why);
    }
}

/* Purity: neither the host's zone nor its language reaches a date. */
static void
clock_ignores_zone_and_locale(void **unused)
{
    static const char *const zones[] = { "UTC", "Asia/Shanghai", "America/New_York", "XXX-13:37" };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(zones); i++) {
        char out[32];

        assert_true(g_setenv("TZ", zones[i], TRUE));
        (void)setlocale(LC_ALL, "");
        kn_time_text(1795312800000, KN_TIME_WIRE, out);
        assert_string_equal(out, "2026-11-22T10:00:00+08:00");
    }
    g_unsetenv("TZ");
}

static void
clock_runs_forward(void **unused)
{
    int64_t steady = kn_clock_steady_us(), cpu = kn_clock_thread_cpu_us();
    volatile uint64_t work = 0;

    (void)unused;
    for (int i = 0; i < 2000000; i++)
        work = work + (uint64_t)i;
    assert_true(kn_clock_steady_us() > steady);
    assert_true(kn_clock_thread_cpu_us() > cpu);
    assert_true(kn_clock_wall_ms() > 1700000000000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_wire_vectors),       cmocka_unit_test(clock_other_forms),
        cmocka_unit_test(clock_parse_vectors),      cmocka_unit_test(clock_every_day),
        cmocka_unit_test(clock_from_civil_refuses), cmocka_unit_test(clock_ignores_zone_and_locale),
        cmocka_unit_test(clock_runs_forward),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
