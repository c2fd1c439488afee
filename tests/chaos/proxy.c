/* SPDX-License-Identifier: Apache-2.0 */
/* kouan-chaos-proxy NAME:PORT:TARGET...: a TCP proxy on loopback that makes a network bad on command.
 * Commands come as lines on standard input; its end ends the proxy.
 *
 *   cut NAME        resets every connection
 *   delay NAME MS   every byte arrives so much later, both ways
 *   hold NAME       nothing moves; connections stay open
 *   mute NAME       what clients say arrives, answers are thrown away
 *   pass NAME       good again; connections that lost answers are reset
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUTES_MAX 16
#define CHUNK 65536
#define WAITING_MAX (4 << 20) /* bytes one direction may hold back */

typedef struct route {
    char *name;
    uint16_t target;
    int listener;
    int64_t delay_us;
    bool hold, mute;
} route;

typedef struct chunk {
    int64_t due_us;
    size_t len, done;
    char bytes[];
} chunk;

typedef struct way { /* one direction of a connection */
    int from, to;
    GQueue waiting;
    size_t held;
    bool ended; /* nothing more comes; shut the other side when all is written */
    bool shut;
} way;

typedef struct link {
    const route *road;
    way up, down;
    bool lossy; /* answers were thrown away */
    bool dead;
} link_t;

static route routes[ROUTES_MAX];
static size_t n_routes;
static GPtrArray *links;

static void
nonblocking(int fd)
{
    int one = 1;

    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static struct sockaddr_in
loopback(uint16_t port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons(port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static bool
listen_on(route *r, uint16_t port)
{
    struct sockaddr_in at = loopback(port);
    int one = 1;

    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (r->listener < 0)
        return false;
    (void)setsockopt(r->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    nonblocking(r->listener);
    return bind(r->listener, (struct sockaddr *)&at, sizeof at) == 0
           && listen(r->listener, 64) == 0;
}

static bool
add_route(const char *spec)
{
    g_auto(GStrv) parts = g_strsplit(spec, ":", 3);
    route *r = &routes[n_routes];
    uint64_t port, target;

    if (n_routes == ROUTES_MAX || g_strv_length(parts) != 3
        || !g_ascii_string_to_unsigned(parts[1], 10, 1, 65535, &port, NULL)
        || !g_ascii_string_to_unsigned(parts[2], 10, 1, 65535, &target, NULL)) {
        (void)fprintf(stderr, "kouan-chaos-proxy: “%s” is not NAME:PORT:TARGET\n", spec);
        return false;
    }
    r->name = g_strdup(parts[0]);
    r->target = (uint16_t)target;
    if (!listen_on(r, (uint16_t)port)) {
        (void)fprintf(stderr, "kouan-chaos-proxy: port %s: %s\n", parts[1], strerror(errno));
        return false;
    }
    n_routes++;
    return true;
}

/* --- connections ----------------------------------------------------------------------------- */

static void
way_clear(way *w)
{
    g_queue_foreach(&w->waiting, (GFunc)(void (*)(void))g_free, NULL);
    g_queue_clear(&w->waiting);
}

/* Reset, not closed in order: what a cable pulled out looks like to the other side, only sooner. */
static void
reset(int fd)
{
    struct linger none = { .l_onoff = 1, .l_linger = 0 };

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    (void)close(fd);
}

static void
close_fd(int fd)
{
    (void)close(fd);
}

static void
link_free(void *data)
{
    link_t *l = data;
    void (*end)(int) = l->up.shut && l->down.shut && !l->dead ? close_fd : reset;

    end(l->up.from);
    end(l->up.to);
    way_clear(&l->up);
    way_clear(&l->down);
    g_free(l);
}

static void
take_client(const route *r)
{
    struct sockaddr_in at = loopback(r->target);
    int client = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
    int server;
    link_t *l;

    if (client < 0)
        return;
    server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* On loopback a connect is done or refused at once. */
    if (server < 0 || connect(server, (struct sockaddr *)&at, sizeof at) != 0) {
        if (server >= 0)
            (void)close(server);
        reset(client);
        return;
    }
    nonblocking(client);
    nonblocking(server);
    l = g_new0(link_t, 1);
    l->road = r;
    l->up = (way){ .from = client, .to = server, .waiting = G_QUEUE_INIT };
    l->down = (way){ .from = server, .to = client, .waiting = G_QUEUE_INIT };
    g_ptr_array_add(links, l);
}

static bool
read_some(link_t *l, way *w, int64_t now)
{
    static char bytes[CHUNK];
    ssize_t n = read(w->from, bytes, sizeof bytes);
    chunk *c;

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0) {
        w->ended = true;
        return true;
    }
    if (w == &l->down && l->road->mute) {
        l->lossy = true;
        return true;
    }
    c = g_malloc(sizeof *c + (size_t)n);
    *c = (chunk){ .due_us = now + l->road->delay_us, .len = (size_t)n };
    memcpy(c->bytes, bytes, (size_t)n);
    g_queue_push_tail(&w->waiting, c);
    w->held += (size_t)n;
    return true;
}

static bool
write_due(const link_t *l, way *w, int64_t now)
{
    chunk *c;

    while (!l->road->hold && (c = g_queue_peek_head(&w->waiting)) != NULL && c->due_us <= now) {
        ssize_t n = send(w->to, c->bytes + c->done, c->len - c->done, MSG_NOSIGNAL);

        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        c->done += (size_t)n;
        w->held -= (size_t)n;
        if (c->done == c->len)
            g_free(g_queue_pop_head(&w->waiting));
    }
    if (w->ended && !w->shut && g_queue_is_empty(&w->waiting)) {
        (void)shutdown(w->to, SHUT_WR);
        w->shut = true;
    }
    return true;
}

/* --- commands -------------------------------------------------------------------------------- */

static void
cut(const route *r, bool lossy_only)
{
    for (unsigned i = 0; i < links->len; i++) {
        link_t *l = g_ptr_array_index(links, i);

        if (l->road == r && (l->lossy || !lossy_only))
            l->dead = true;
    }
}

static void
obey_on(route *r, const char *verb, int64_t ms)
{
    if (strcmp(verb, "cut") == 0)
        cut(r, false);
    else if (strcmp(verb, "delay") == 0)
        r->delay_us = ms * 1000;
    else if (strcmp(verb, "hold") == 0)
        r->hold = true;
    else if (strcmp(verb, "mute") == 0)
        r->mute = true;
    else if (strcmp(verb, "pass") == 0) {
        r->hold = r->mute = false;
        r->delay_us = 0;
        cut(r, true);
    } else
        (void)fprintf(stderr, "kouan-chaos-proxy: no verb %s\n", verb);
}

static void
obey(const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 3);
    size_t n = g_strv_length(words);
    int64_t ms = 0;

    if (n < 2
        || (n == 3 && *words[2] && !g_ascii_string_to_signed(words[2], 10, 0, 60000, &ms, NULL))) {
        (void)fprintf(stderr, "kouan-chaos-proxy: no command: %s\n", line);
        return;
    }
    for (size_t i = 0; i < n_routes; i++)
        if (strcmp(routes[i].name, words[1]) == 0)
            obey_on(&routes[i], words[0], ms);
}

/* false: standard input has ended. */
static bool
read_commands(void)
{
    static char text[4096];
    static size_t used;
    ssize_t n = read(STDIN_FILENO, text + used, sizeof text - 1 - used);
    char *end;

    if (n <= 0)
        return false;
    used += (size_t)n;
    text[used] = '\0';
    while ((end = strchr(text, '\n')) != NULL) {
        *end = '\0';
        obey(text);
        used -= (size_t)(end + 1 - text);
        memmove(text, end + 1, used + 1);
    }
    if (used == sizeof text - 1)
        used = 0; /* a line without end is no command */
    return true;
}

/* --- the loop -------------------------------------------------------------------------------- */

static void
watch(GArray *fds, int fd, int events)
{
    struct pollfd p = { .fd = fd, .events = (short)events };

    g_array_append_val(fds, p);
}

static void
watch_way(GArray *fds, const link_t *l, const way *w, int64_t now)
{
    const chunk *c = g_queue_peek_head((GQueue *)(uintptr_t)&w->waiting);
    bool due = c && c->due_us <= now && !l->road->hold;

    watch(fds, w->ended || w->held > WAITING_MAX ? -1 : w->from, POLLIN);
    watch(fds, due ? w->to : -1, POLLOUT);
}

static bool
serve(link_t *l, const struct pollfd *fds, int64_t now)
{
    way *ways[] = { &l->up, &l->down };

    for (size_t i = 0; i < 2; i++) {
        const struct pollfd *in = &fds[i * 2];

        if (in->fd >= 0 && in->revents && !read_some(l, ways[i], now))
            return false;
        if (!write_due(l, ways[i], now))
            return false;
    }
    return !(l->up.shut && l->down.shut);
}

static bool
once(GArray *fds)
{
    int64_t now = g_get_monotonic_time();
    unsigned n_links = links->len;
    const struct pollfd *p;

    g_array_set_size(fds, 0);
    watch(fds, STDIN_FILENO, POLLIN);
    for (size_t i = 0; i < n_routes; i++)
        watch(fds, routes[i].listener, POLLIN);
    for (unsigned i = 0; i < n_links; i++) {
        const link_t *l = g_ptr_array_index(links, i);

        watch_way(fds, l, &l->up, now);
        watch_way(fds, l, &l->down, now);
    }
    /* 5 ms: a due byte needs no timer of its own */
    if (poll((struct pollfd *)(void *)fds->data, fds->len, 5) < 0)
        return errno == EINTR;
    p = (const struct pollfd *)(const void *)fds->data;
    now = g_get_monotonic_time();
    if (p[0].revents && !read_commands())
        return false;
    for (unsigned i = n_links; i-- > 0;) {
        link_t *l = g_ptr_array_index(links, i);

        if (l->dead || !serve(l, &p[1 + n_routes + i * 4UL], now))
            (void)g_ptr_array_remove_index_fast(links, i);
    }
    for (size_t i = 0; i < n_routes; i++)
        if (p[1 + i].revents)
            take_client(&routes[i]);
    return true;
}

int
main(int argc, char **argv)
{
    GArray *fds = NULL;

    (void)signal(SIGPIPE, SIG_IGN);
    links = g_ptr_array_new_with_free_func(link_free);
    for (int i = 1; i < argc; i++)
        if (!add_route(argv[i]))
            return 2;
    if (n_routes == 0) {
        (void)fprintf(stderr, "usage: kouan-chaos-proxy NAME:PORT:TARGET...\n");
        return 2;
    }
    (void)printf("ready\n");
    (void)fflush(stdout);
    fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    while (once(fds))
        ;
    g_ptr_array_unref(links);
    g_array_unref(fds);
    for (size_t i = 0; i < n_routes; i++) {
        (void)close(routes[i].listener);
        g_free(routes[i].name);
    }
    return 0;
}
