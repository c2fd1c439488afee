/* SPDX-License-Identifier: Apache-2.0 */
/* The server for whoever watches, spoken to over a plain socket. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "ops/http.h"

#include <arpa/inet.h>
#include <kouan/error.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static atomic_bool well = true; /* read on the server's thread */

static bool
make_health(void *arg, GString *body)
{
    (void)g_string_append(body, (const char *)arg);
    return well;
}

static const kn_http_page pages[] = {
    { "/healthz", "text/plain", make_health },
    { .path = NULL },
};

static int
dial(uint16_t port)
{
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_port = htons(port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const struct timeval patience = { .tv_sec = 20 };
    int s = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(s >= 0);
    assert_int_equal(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(s, (const struct sockaddr *)&to, sizeof to), 0);
    return s;
}

/* What comes back for these bytes until the other side closes. */
static char *
ask(uint16_t port, const char *request)
{
    GString *answer = g_string_new(NULL);
    char part[4096];
    ssize_t n;
    int s = dial(port);

    assert_int_equal(send(s, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    while ((n = recv(s, part, sizeof part, 0)) > 0)
        (void)g_string_append_len(answer, part, n);
    (void)close(s);
    return g_string_free(answer, FALSE);
}

static void
expect(kn_http *http, const char *request, const char *status, const char *body)
{
    g_autofree char *answer = ask(kn_http_port(http), request);

    if (!g_str_has_prefix(answer, status))
        fail_msg("asked %s\nexpected %s\ngot %s", request, status, answer);
    if (body)
        assert_true(g_str_has_suffix(answer, body));
}

#define CLOSE " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static kn_http *
start(void)
{
    static char said[] = "fine\n";
    kn_http *http = NULL;

    well = true;
    assert_true(kn_http_start("127.0.0.1:0", pages, said, &http, NULL));
    assert_true(kn_http_port(http) > 0);
    return http;
}

static void
http_pages(void **unused)
{
    g_autoptr(kn_http) http = start();

    (void)unused;
    expect(http, "GET /healthz" CLOSE, "HTTP/1.1 200 ", "\r\n\r\nfine\n");
    expect(http, "GET /healthz?x=1" CLOSE, "HTTP/1.1 200 ", "fine\n");
    expect(http, "HEAD /healthz" CLOSE, "HTTP/1.1 200 ", "\r\n\r\n");
    well = false;
    expect(http, "GET /healthz" CLOSE, "HTTP/1.1 503 ", "fine\n");
}

static void
http_refused(void **unused)
{
    static const char *const paths[] = { "/", "/healthz/", "/HEALTHZ", "/../etc/passwd",
                                         "//healthz" };
    g_autoptr(kn_http) http = start();

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *request = g_strdup_printf("GET %s" CLOSE, paths[i]);

        expect(http, request, "HTTP/1.1 404 ", NULL);
    }
    expect(http, "DELETE /healthz" CLOSE, "HTTP/1.1 405 ", NULL);
    expect(http,
           "POST /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
           "HTTP/1.1 405 ", NULL);
}

/* What is no request costs its connection and nothing else. */
static void
http_hostile(void **unused)
{
    g_autoptr(kn_http) http = start();
    g_autofree char *big = g_strnfill(100000, 'a');
    g_autofree char *long_line = g_strconcat("GET /", big, CLOSE, NULL);
    int idle[12];

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(idle); i++)
        idle[i] = dial(kn_http_port(http));
    g_free(ask(kn_http_port(http), "\r\n\r\n\r\nnonsense\r\n\r\n"));
    expect(http, long_line, "HTTP/1.1 4", NULL);
    expect(http, "GET /healthz" CLOSE, "HTTP/1.1 200 ", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(idle); i++)
        (void)close(idle[i]);
}

static void
http_addresses(void **unused)
{
    static const char *const wrong[] = {
        "",       "127.0.0.1",   "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "localhost:0",
        "[::1:0", "256.0.0.1:0", "192.0.2.1:0"
    };
    g_autoptr(kn_http) first = start();
    g_autofree char *taken = g_strdup_printf("127.0.0.1:%d", kn_http_port(first));
    kn_http *http = NULL;

    (void)unused;
    for (size_t i = 0; i <= G_N_ELEMENTS(wrong); i++) {
        const char *listen_at = i < G_N_ELEMENTS(wrong) ? wrong[i] : taken;
        g_autoptr(GError) err = NULL;

        if (kn_http_start(listen_at, pages, NULL, &http, &err))
            fail_msg("listens on “%s”", listen_at);
        assert_int_equal(kn_error_code(err), KN_E_CONFIG);
        assert_null(http);
        assert_true(*listen_at == '\0' || strstr(err->message, listen_at));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_pages),
        cmocka_unit_test(http_refused),
        cmocka_unit_test(http_hostile),
        cmocka_unit_test(http_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
