/* SPDX-License-Identifier: Apache-2.0 */
/* A small HTTP server for whoever watches: fixed pages, GET and HEAD, a thread of its own.  Nothing
 * a client sends is read but the method and the path.
 *
 * threads  pages are made on the server's thread
 * errors   KN_E_CONFIG: the address is not one, or cannot be listened on
 */
#ifndef KOUAN_OPS_HTTP_H
#define KOUAN_OPS_HTTP_H

#include <glib.h>
#include <stdint.h>

#include <stdbool.h>

typedef struct kn_http_page {
    const char *path; /* "/metrics"; NULL ends the table */
    const char *content_type;
    /* Appends the body; false: 503, the body says why. */
    bool (*make)(void *arg, GString *body);
} kn_http_page;

typedef struct kn_http kn_http;

/* listen: "127.0.0.1:9464", "[::1]:9464", ":9464" (every address); port 0 = one that is free. */
bool kn_http_start(const char *listen, const kn_http_page *pages, void *arg, kn_http **out,
                   GError **err);
uint16_t kn_http_port(const kn_http *http);
/* Ends its thread. */
void kn_http_free(kn_http *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_http, kn_http_free)

#endif
