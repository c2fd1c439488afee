/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_rig.h"

#include <glib.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIN "/usr/lib/postgresql/15/bin/"
#define READY_S 30

struct kn_pg_rig {
    char *folder;
    const char *const *settings;
    char *uid, *gid; /* NULL: we are not root */
    GPid pid;        /* 0: stopped */
};

static _Noreturn void
give_up(const char *what, const char *why)
{
    (void)fprintf(stderr, "pg_rig: %s: %s\n", what, why ? why : "failed");
    exit(EXIT_FAILURE);
}

/* The server refuses to run as root; and it shall not outlive us. */
static GPtrArray *
command(const kn_pg_rig *rig)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup("setpriv"));
    g_ptr_array_add(argv, g_strdup("--pdeathsig=QUIT"));
    if (rig->uid) {
        g_ptr_array_add(argv, g_strdup_printf("--reuid=%s", rig->uid));
        g_ptr_array_add(argv, g_strdup_printf("--regid=%s", rig->gid));
        g_ptr_array_add(argv, g_strdup("--clear-groups"));
    }
    return argv;
}

static void
add(GPtrArray *argv, const char *const *words)
{
    for (; *words; words++)
        g_ptr_array_add(argv, g_strdup(*words));
}

static void
run(GPtrArray *argv)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *text = NULL, *more = NULL;
    int status = 0;

    g_ptr_array_add(argv, NULL);
    if (!g_spawn_sync("/", (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &text,
                      &more, &status, &err))
        give_up(argv->pdata[0], err->message);
    if (!g_spawn_check_wait_status(status, NULL))
        give_up(argv->pdata[0], more);
}

static char *
server_text(const kn_pg_rig *rig, const char *database)
{
    return g_strdup_printf("host=%s user=kouan dbname=%s", rig->folder, database);
}

void
kn_pg_rig_start(kn_pg_rig *rig)
{
    g_autoptr(GPtrArray) argv = command(rig);
    g_autoptr(GError) err = NULL;
    g_autofree char *data = g_build_filename(rig->folder, "data", NULL);
    g_autofree char *text = server_text(rig, "postgres");
    const char *words[] = { BIN "postgres",
                            "-D",
                            data,
                            "-k",
                            rig->folder,
                            "-c",
                            "listen_addresses=",
                            "-c",
                            "logging_collector=on",
                            "-c",
                            "log_directory=log",
                            NULL };

    add(argv, words);
    if (rig->settings)
        add(argv, rig->settings);
    g_ptr_array_add(argv, NULL);
    if (!g_spawn_async("/", (char **)argv->pdata, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL
                           | G_SPAWN_STDERR_TO_DEV_NULL,
                       NULL, NULL, &rig->pid, &err))
        give_up("postgres", err->message);
    for (int i = 0; i < READY_S * 20; i++) {
        if (PQping(text) == PQPING_OK)
            return;
        if (waitpid(rig->pid, NULL, WNOHANG) == rig->pid)
            give_up("postgres", "ended at once");
        g_usleep(50000);
    }
    give_up("postgres", "not ready in time");
}

void
kn_pg_rig_stop(kn_pg_rig *rig)
{
    if (!rig->pid)
        return;
    (void)kill(rig->pid, SIGQUIT);
    (void)waitpid(rig->pid, NULL, 0);
    rig->pid = 0;
}

/* A user without rights: the server's own, or nobody. */
static void
pick_user(kn_pg_rig *rig)
{
    const struct passwd *user;

    if (geteuid() != 0)
        return;
    user = getpwnam("postgres");
    if (!user)
        user = getpwnam("nobody");
    if (!user)
        give_up("user", "neither postgres nor nobody");
    rig->uid = g_strdup_printf("%u", user->pw_uid);
    rig->gid = g_strdup_printf("%u", user->pw_gid);
    if (chown(rig->folder, user->pw_uid, user->pw_gid) != 0)
        give_up("chown", rig->folder);
}

static char *
make_folder(void)
{
    static const char *const places[] = { "/var/tmp/kouan-pg-XXXXXX", "/tmp/kouan-pg-XXXXXX" };

    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *folder = g_strdup(places[i]);

        if (g_mkdtemp_full(folder, 0700))
            return g_steal_pointer(&folder);
    }
    give_up("folder", "neither /var/tmp nor /tmp takes one");
}

kn_pg_rig *
kn_pg_rig_new(const char *const *settings)
{
    g_autoptr(GPtrArray) argv = NULL;
    g_autofree char *data = NULL;
    kn_pg_rig *rig;

    if (!g_file_test(BIN "postgres", G_FILE_TEST_IS_EXECUTABLE)) {
        if (g_getenv("CI"))
            give_up("CI", "no PostgreSQL 15 server in " BIN);
        (void)fprintf(stderr, "skipped: no PostgreSQL 15 server\n");
        return NULL;
    }
    rig = g_new0(kn_pg_rig, 1);
    rig->settings = settings;
    rig->folder = make_folder();
    pick_user(rig);
    data = g_build_filename(rig->folder, "data", NULL);
    argv = command(rig);
    add(argv, (const char *[]){ BIN "initdb", "-D", data, "-U", "kouan", "-A", "trust", "-E",
                                "UTF8", "--locale=C.UTF-8", "--no-sync", NULL });
    run(argv);
    kn_pg_rig_start(rig);
    return rig;
}

void
kn_pg_rig_free(kn_pg_rig *rig)
{
    g_autoptr(GPtrArray) argv = NULL;

    if (!rig)
        return;
    kn_pg_rig_stop(rig);
    argv = g_ptr_array_new_with_free_func(g_free);
    add(argv, (const char *[]){ "rm", "-rf", rig->folder, NULL });
    run(argv);
    g_free(rig->folder);
    g_free(rig->uid);
    g_free(rig->gid);
    g_free(rig);
}

char *
kn_pg_rig_database(kn_pg_rig *rig, const char *name)
{
    g_autofree char *text = server_text(rig, "postgres");
    g_autofree char *sql = g_strdup_printf("CREATE DATABASE %s", name);
    PGconn *conn = PQconnectdb(text);
    PGresult *res = PQexec(conn, sql);

    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        give_up(sql, PQerrorMessage(conn));
    PQclear(res);
    PQfinish(conn);
    return server_text(rig, name);
}

const char *
kn_pg_rig_folder(const kn_pg_rig *rig)
{
    return rig->folder;
}
