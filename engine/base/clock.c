/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "base/fault.h"

#include <glib.h>
#include <kouan/handler.h>
#include <string.h>
#include <time.h>

static int64_t
read_us(clockid_t id)
{
    struct timespec now;

    if (clock_gettime(id, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#ifdef KOUAN_FAULTS
static int64_t ahead_ms; /* set before threads start */

void
kn_clock_go_ahead(int64_t ms)
{
    ahead_ms = ms;
}

int64_t
kn_clock_ahead_ms(void)
{
    return ahead_ms;
}
#else
int64_t
kn_clock_ahead_ms(void)
{
    return 0;
}
#endif

int64_t
kn_clock_wall_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000 + kn_clock_ahead_ms();
}

int64_t
kn_clock_steady_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t
kn_clock_thread_cpu_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

/* Days since 1970-01-01 of a proleptic Gregorian date (H. Hinnant, "chrono-compatible date
 * algorithms"): no tables, no zone data, the same on every host. */
static int64_t
days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

void
kn_clock_civil(int64_t ms, int offset_minutes, kn_date *out)
{
    int64_t local = ms + (int64_t)offset_minutes * 60000;
    int64_t day_ms = ((local % 86400000) + 86400000) % 86400000;
    int64_t z = (local - day_ms) / 86400000 + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *out = (kn_date){
        .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .month = (int)(mp < 10 ? mp + 3 : mp - 9),
        .hour = (int)(day_ms / 3600000),
        .minute = (int)(day_ms / 60000 % 60),
        .second = (int)(day_ms / 1000 % 60),
        .ms = (int)(day_ms % 1000),
    };
    out->year = (int)(yoe + era * 400 + (out->month <= 2));
}

bool
kn_clock_from_civil(const kn_date *d, int offset_minutes, int64_t *ms_out)
{
    kn_date back;
    int64_t ms;

    if (d->year < 1 || d->year > 9999 || d->month < 1 || d->month > 12 || d->day < 1 || d->day > 31
        || d->hour < 0 || d->hour > 23 || d->minute < 0 || d->minute > 59 || d->second < 0
        || d->second > 59 || d->ms < 0 || d->ms > 999)
        return false;
    ms = days_from_civil(d->year, d->month, d->day) * 86400000 + d->hour * 3600000LL
         + d->minute * 60000LL + d->second * 1000LL + d->ms;
    kn_clock_civil(ms, 0, &back);
    if (back.day != d->day || back.month != d->month)
        return false; /* 30 February and its like */
    *ms_out = ms - (int64_t)offset_minutes * 60000;
    return true;
}

void
kn_time_text(int64_t ms, kn_time_form form, char out[32])
{
    static const char *const forms[] = {
        [KN_TIME_WIRE] = "%04d-%02d-%02dT%02d:%02d:%02d+08:00",
        [KN_TIME_DATE] = "%04d-%02d-%02d",
        [KN_TIME_COMPACT] = "%04d%02d%02d%02d%02d%02d%03d",
        [KN_TIME_STAMP] = "%04d-%02d-%02d %02d:%02d:%02d",
    };
    kn_date d;

    kn_clock_civil(ms, KN_CHINA_MINUTES, &d);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the forms are the constants above */
#pragma GCC diagnostic ignored "-Wformat-extra-args"
    (void)g_snprintf(out, 32, forms[form], d.year, d.month, d.day, d.hour, d.minute, d.second,
                     d.ms);
#pragma GCC diagnostic pop
}

/* Reads exactly n digits; -1 when one of them is none. */
static int
digits(const char *text, size_t n)
{
    int value = 0;

    for (size_t i = 0; i < n; i++) {
        if (!g_ascii_isdigit(text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* Zone after the seconds: nothing (= +08:00), Z, or +hh:mm / -hh:mm. */
static bool
parse_zone(const char *p, int *minutes)
{
    if (*p == '\0') {
        *minutes = KN_CHINA_MINUTES;
        return true;
    }
    if (strcmp(p, "Z") == 0) {
        *minutes = 0;
        return true;
    }
    if ((*p != '+' && *p != '-') || strlen(p) != 6 || p[3] != ':')
        return false;
    int h = digits(p + 1, 2), m = digits(p + 4, 2);

    if (h < 0 || h > 14 || m < 0 || m > 59)
        return false;
    *minutes = (*p == '-' ? -1 : 1) * (h * 60 + m);
    return true;
}

bool
kn_time_parse(const char *text, int64_t *ms_out)
{
    kn_date d = { 0 };
    int zone;
    const char *p;

    if (!text || strlen(text) < 19 || strlen(text) > 35 || text[4] != '-' || text[7] != '-'
        || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return false;
    d.year = digits(text, 4);
    d.month = digits(text + 5, 2);
    d.day = digits(text + 8, 2);
    d.hour = digits(text + 11, 2);
    d.minute = digits(text + 14, 2);
    d.second = digits(text + 17, 2);
    p = text + 19;
    if (*p == '.') {
        int scale = 100;

        if (!g_ascii_isdigit(*++p))
            return false;
        for (; g_ascii_isdigit(*p); p++, scale /= 10)
            d.ms += (*p - '0') * scale;
    }
    return parse_zone(p, &zone) && kn_clock_from_civil(&d, zone, ms_out);
}
