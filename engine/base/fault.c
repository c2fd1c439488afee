/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#ifdef KOUAN_FAULTS

#include <glib.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FAULTS_MAX 8

static const char *const points[] = {
    "take.fenced",
    "take.read",
    "settle.gathered",
    "settle.decided",
    "settle.written",
    "settle.commit_sent",
    "settle.committed",
    "relay.begun",
    "relay.produced",
    "relay.offsets",
    "relay.commit_sent",
    "relay.committed",
    "relay.abort",
    "relay.recycle",
    "revoke",
    "single.suspect",
    "single.quarantine",
    "message.read",
    "switch.made",
    "switch.half",
    "switch.sent",
    "switch.read",
    NULL,
};

typedef enum action { ACT_KILL, ACT_STOP, ACT_SLEEP, ACT_ERROR } action;

static struct armed {
    const char *point;
    action act;
    unsigned ms;
    int nth;
    char match[64]; /* "": every call; else calls about this message alone */
    atomic_int seen;
} armed[FAULTS_MAX];
static int n_armed;

const char *const *
kn_fault_points(void)
{
    return points;
}

static bool
parse_action(const char *text, struct armed *a)
{
    uint64_t ms;

    if (strcmp(text, "kill") == 0)
        a->act = ACT_KILL;
    else if (strcmp(text, "stop") == 0)
        a->act = ACT_STOP;
    else if (strcmp(text, "error") == 0)
        a->act = ACT_ERROR;
    else if (g_str_has_prefix(text, "sleep")
             && g_ascii_string_to_unsigned(text + 5, 10, 0, 600000, &ms, NULL)) {
        a->act = ACT_SLEEP;
        a->ms = (unsigned)ms;
    } else
        return false;
    return true;
}

static bool
arm(const char *spec)
{
    g_auto(GStrv) parts = g_strsplit(spec, ":", 3);
    struct armed *a = &armed[n_armed];
    uint64_t nth;

    if (g_strv_length(parts) != 3 || n_armed == FAULTS_MAX)
        return false;
    for (const char *const *p = points; *p; p++)
        if (strcmp(*p, parts[0]) == 0)
            a->point = *p;
    if (!a->point || !parse_action(parts[1], a))
        return false;
    if (parts[2][0] == '=') {
        n_armed++;
        return parts[2][1] && g_strlcpy(a->match, parts[2] + 1, sizeof a->match) < sizeof a->match;
    }
    if (!g_ascii_string_to_unsigned(parts[2], 10, 0, INT_MAX, &nth, NULL))
        return false;
    a->nth = (int)nth;
    n_armed++;
    return true;
}

bool
kn_fault_init(void)
{
    const char *env = g_getenv("KOUAN_FAULT"), *ahead = g_getenv("KOUAN_CLOCK_AHEAD_MS");
    g_auto(GStrv) specs = env ? g_strsplit(env, ",", -1) : NULL;
    int64_t ms = 0;

    for (int i = 0; specs && specs[i]; i++)
        if (*specs[i] && !arm(specs[i])) {
            (void)fprintf(stderr, "KOUAN_FAULT: “%s” is not point:action:nth\n", specs[i]);
            return false;
        }
    if (ahead && !g_ascii_string_to_signed(ahead, 10, 0, INT64_MAX / 2, &ms, NULL)) {
        (void)fprintf(stderr, "KOUAN_CLOCK_AHEAD_MS: “%s” is no number of milliseconds\n", ahead);
        return false;
    }
    kn_clock_go_ahead(ms);
    return true;
}

bool
kn_fault_control(void)
{
    return g_strcmp0(g_getenv("KOUAN_CONTROL"), "no-transactions") == 0;
}

bool
kn_fault_armed(const char *point)
{
    for (int i = 0; i < n_armed; i++)
        if (strcmp(armed[i].point, point) == 0)
            return true;
    return false;
}

bool
kn_fault(const char *point)
{
    return kn_fault_about(point, "");
}

bool
kn_fault_about(const char *point, const char *message)
{
    bool fail = false;

    for (int i = 0; i < n_armed; i++) {
        struct armed *a = &armed[i];

        if (strcmp(a->point, point) != 0 || (*a->match && strcmp(a->match, message) != 0))
            continue;
        int seen = atomic_fetch_add(&a->seen, 1) + 1;

        if (a->nth != 0 && a->nth != seen)
            continue;
        if (a->act == ACT_ERROR)
            fail = true; /* and go on: others armed at this point count this call too */
        else if (a->act == ACT_SLEEP)
            (void)usleep(a->ms * 1000);
        else
            (void)raise(a->act == ACT_KILL ? SIGKILL : SIGSTOP);
    }
    return fail;
}
#else
typedef int kn_fault_empty; /* ISO C wants something in a file */
#endif
