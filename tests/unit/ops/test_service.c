/* SPDX-License-Identifier: Apache-2.0 */
/* What the service manager hears. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "ops/service.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
listen_at(const char *path, size_t len)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);

    memcpy(at.sun_path, path, len);
    if (at.sun_path[0] == '@')
        at.sun_path[0] = '\0';
    assert_true(s >= 0);
    assert_int_equal(bind(s, (const struct sockaddr *)&at,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
                     0);
    return s;
}

static void
hears(const char *path)
{
    char heard[64] = "";
    int s = listen_at(path, strlen(path));

    g_assert_true(g_setenv("NOTIFY_SOCKET", path, TRUE));
    assert_true(kn_service_notify("READY=1\nSTATUS=ready"));
    assert_true(recv(s, heard, sizeof heard - 1, MSG_DONTWAIT) > 0);
    assert_string_equal(heard, "READY=1\nSTATUS=ready");
    (void)close(s);
}

static void
service_file(void **unused)
{
    g_autofree char *folder = g_dir_make_tmp("kouan-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "notify", NULL);

    (void)unused;
    hears(path);
    (void)g_unlink(path);
    (void)g_rmdir(folder);
}

static void
service_abstract(void **unused)
{
    g_autofree char *name = g_strdup_printf("@kouan-test-%d", (int)getpid());

    (void)unused;
    hears(name);
}

static void
service_nobody(void **unused)
{
    g_autofree char *longer = g_strnfill(200, 'a');
    const char *const wrong[] = { "", "/", "relative/socket", "/nonexistent/socket", longer };

    (void)unused;
    g_unsetenv("NOTIFY_SOCKET");
    assert_false(kn_service_notify("READY=1"));
    longer[0] = '/';
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_assert_true(g_setenv("NOTIFY_SOCKET", wrong[i], TRUE));
        assert_false(kn_service_notify("READY=1"));
    }
    g_unsetenv("NOTIFY_SOCKET");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(service_file),
        cmocka_unit_test(service_abstract),
        cmocka_unit_test(service_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
