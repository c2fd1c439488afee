/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <kouan/error.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECTIONS 16
#define TIMEOUT_S 5
#define MEMORY 8192 /* of a connection: a request line and what headers a scraper sends */

struct kn_http {
    struct MHD_Daemon *daemon;
    const kn_http_page *pages;
    void *arg;
};

typedef union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address;

/* Splits host and port; "" as host is every address. */
static bool
read_address(const char *listen, address *out, GError **err)
{
    const char *colon = strrchr(listen, ':');
    g_autofree char *host = colon ? g_strndup(listen, (gsize)(colon - listen)) : NULL;
    size_t len = host ? strlen(host) : 0;
    uint64_t port = 0;

    *out = (address){ 0 };
    if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL))
        return kn_fail(err, KN_E_CONFIG, "“%s” is not host:port", listen);
    if (len > 1 && host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons((uint16_t)port);
        if (inet_pton(AF_INET6, host + 1, &out->v6.sin6_addr) == 1)
            return true;
    } else {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons((uint16_t)port);
        if (len == 0 || inet_pton(AF_INET, host, &out->v4.sin_addr) == 1)
            return true;
    }
    return kn_fail(err, KN_E_CONFIG, "“%s”: the host is not an address", listen);
}

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned status, const char *type, const char *body,
       size_t len)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(len, (void *)(uintptr_t)body,
                                                             MHD_RESPMEM_MUST_COPY);
    enum MHD_Result queued;

    if (!r)
        return MHD_NO;
    (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    queued = MHD_queue_response(connection, status, r);
    MHD_destroy_response(r);
    return queued;
}

static enum MHD_Result
plain(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return answer(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

static enum MHD_Result
serve(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
      const char *version, const char *upload, size_t *upload_len, void **state)
{
    const kn_http *http = arg;

    (void)version;
    (void)upload;
    (void)state;
    if (*upload_len > 0)
        *upload_len = 0; /* read and dropped */
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return plain(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    for (const kn_http_page *page = http->pages; page->path; page++)
        if (strcmp(url, page->path) == 0) {
            g_autoptr(GString) body = g_string_new(NULL);
            bool good = page->make(http->arg, body);

            return answer(connection, good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                          page->content_type, body->str, body->len);
        }
    return plain(connection, MHD_HTTP_NOT_FOUND, "no such page\n");
}

bool
kn_http_start(const char *listen, const kn_http_page *pages, void *arg, kn_http **out, GError **err)
{
    g_autoptr(kn_http) http = g_new0(kn_http, 1);
    address where;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL;

    if (!read_address(listen, &where, err))
        return false;
    if (where.any.sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    http->pages = pages;
    http->arg = arg;
    errno = 0;
    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, serve, http, MHD_OPTION_SOCK_ADDR, &where.any,
        MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY, MHD_OPTION_END);
    if (!http->daemon)
        return kn_fail(err, KN_E_CONFIG, "cannot listen on %s: %s", listen,
                       errno ? g_strerror(errno) : "the address is in use or not ours");
    *out = g_steal_pointer(&http);
    return true;
}

uint16_t
kn_http_port(const kn_http *http)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);

    return info ? info->port : 0;
}

void
kn_http_free(kn_http *http)
{
    if (!http)
        return;
    if (http->daemon)
        MHD_stop_daemon(http->daemon);
    g_free(http);
}
