/* SPDX-License-Identifier: Apache-2.0 */
/* Fault points: what KOUAN_FAULT may say, and what an armed point does.  Each vector runs in a child,
 * because arming lasts as long as the process. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "base/clock.h"
#include "base/fault.h"

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef KOUAN_FAULTS
#define REFUSED 99

/* Child: arms from text, calls the point so many times; exit code = bits of the calls that said true. */
static int
in_child(const char *text, const char *point, int calls)
{
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        int bits = 0, quiet = open("/dev/null", O_WRONLY);

        (void)dup2(quiet, STDERR_FILENO);
        if (text)
            (void)g_setenv("KOUAN_FAULT", text, TRUE);
        else
            g_unsetenv("KOUAN_FAULT");
        if (!kn_fault_init())
            _exit(REFUSED);
        for (int i = 0; i < calls; i++)
            bits |= kn_fault(point) ? 1 << i : 0;
        _exit(bits);
    }
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    if (WIFSTOPPED(status)) {
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        return -WSTOPSIG(status);
    }
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void
fault_actions(void **unused)
{
    static const struct {
        const char *text;
        int calls, result;
        const char *why;
    } vectors[] = {
        { NULL, 3, 0, "nothing armed" },
        { "", 3, 0, "empty is nothing" },
        { "relay.begun:error:1", 3, 1, "the first call" },
        { "relay.begun:error:2", 3, 2, "the second call" },
        { "relay.begun:error:0", 3, 7, "every call" },
        { "relay.begun:error:4", 3, 0, "the fourth does not come" },
        { "relay.begun:error:1,relay.begun:error:3", 3, 5, "two at one point" },
        { "revoke:error:0", 3, 0, "another point" },
        { "relay.begun:sleep1:0", 3, 0, "sleeping fails nothing" },
        { "relay.begun:kill:1", 1, -SIGKILL, "as kill -9 does" },
        { "relay.begun:stop:1", 1, -SIGSTOP, "stands still" },
        { "relay.begun:kill:2", 1, 0, "not yet" },
        { "relay.begun:kill:=GUID", 3, 0, "about another message" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        int got = in_child(vectors[i].text, "relay.begun", vectors[i].calls);

        if (got != vectors[i].result)
            fail_msg("“%s”: %d: %s", vectors[i].text ? vectors[i].text : "", got, vectors[i].why);
    }
}

static int
about(const char *text)
{
    int status = 0, bits = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        (void)g_setenv("KOUAN_FAULT", text, TRUE);
        if (!kn_fault_init())
            _exit(REFUSED);
        bits |= kn_fault_about("message.read", "A") ? 1 : 0;
        bits |= kn_fault_about("message.read", "B") ? 2 : 0;
        bits |= kn_fault_about("message.read", "B") ? 4 : 0;
        bits |= kn_fault_about("message.read", "") ? 8 : 0;
        _exit(bits);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void
fault_about_one_message(void **unused)
{
    (void)unused;
    assert_int_equal(about("message.read:error:=B"), 6);
    assert_int_equal(about("message.read:error:=C"), 0);
    assert_int_equal(about("message.read:error:2"), 2);
    assert_int_equal(about("message.read:error:=A,message.read:error:=B"), 7);
}

/* A fault test that arms nothing would pass for the wrong reason. */
static void
fault_mistakes_stop_the_start(void **unused)
{
    static const char *const texts[] = {
        "nothing",
        "relay.begun",
        "relay.begun:kill",
        "relay.begin:kill:1",
        "relay.begun:explode:1",
        "relay.begun::1",
        ":kill:1",
        "relay.begun:KILL:1",
        "relay.begun:kill:",
        "relay.begun:kill:x",
        "relay.begun:kill:-1",
        "relay.begun:kill:1:2",
        "relay.begun:kill:=",
        "relay.begun:sleep:1",
        "relay.begun:sleepy:1",
        "revoke:error:1,nothing:kill:1",
        "revoke:error:1;relay.begun:kill:1",
        ("revoke:error:1,revoke:error:1,revoke:error:1,revoke:error:1,revoke:error:1,"
         "revoke:error:1,revoke:error:1,revoke:error:1,revoke:error:1"),
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (in_child(texts[i], "relay.begun", 0) != REFUSED)
            fail_msg("“%s” was taken", texts[i]);
}

static void
fault_every_point_can_be_armed(void **unused)
{
    (void)unused;
    for (const char *const *point = kn_fault_points(); *point; point++) {
        g_autofree char *text = g_strconcat(*point, ":error:1", NULL);

        if (in_child(text, *point, 2) != 1)
            fail_msg("%s", *point);
    }
}

static void
fault_sleep_sleeps(void **unused)
{
    int64_t begin = kn_clock_steady_us();

    (void)unused;
    assert_int_equal(in_child("relay.begun:sleep120:1", "relay.begun", 1), 0);
    assert_true(kn_clock_steady_us() - begin >= 120000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_actions),
        cmocka_unit_test(fault_about_one_message),
        cmocka_unit_test(fault_mistakes_stop_the_start),
        cmocka_unit_test(fault_every_point_can_be_armed),
        cmocka_unit_test(fault_sleep_sleeps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
/* An ordinary build: the points answer false, whatever the environment says. */
static void
fault_absent_from_an_ordinary_build(void **unused)
{
    (void)unused;
    assert_true(g_setenv("KOUAN_FAULT", "relay.begun:kill:1", TRUE));
    assert_true(kn_fault_init());
    assert_false(kn_fault("relay.begun"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(fault_absent_from_an_ordinary_build) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
