/* SPDX-License-Identifier: Apache-2.0 */
#include "chaos_send.h"

#include "base/clock.h"

#include <fcntl.h>
#include <unistd.h>

struct chaos_ledger {
    GMutex lock;
    GString *waiting;
    size_t count;
    int fd;
};

chaos_ledger *
chaos_ledger_new(const char *file)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    chaos_ledger *ledger;

    if (fd < 0)
        return NULL;
    ledger = g_new0(chaos_ledger, 1);
    ledger->fd = fd;
    ledger->waiting = g_string_new(NULL);
    g_mutex_init(&ledger->lock);
    return ledger;
}

void
chaos_ledger_add(chaos_ledger *ledger, const chaos_message *message, const char *key, int part,
                 int64_t offset)
{
    g_mutex_lock(&ledger->lock);
    g_string_append_printf(
        ledger->waiting, "%s\t%s\t%s\t%d\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\n",
        message->guid, key, chaos_kind_names[message->kind], part, offset, kn_clock_wall_ms());
    ledger->count += offset >= 0;
    g_mutex_unlock(&ledger->lock);
}

static bool
write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return fdatasync(fd) == 0;
}

bool
chaos_ledger_flush(chaos_ledger *ledger)
{
    GString *ready;
    bool ok;

    g_mutex_lock(&ledger->lock);
    ready = ledger->waiting;
    ledger->waiting = g_string_new(NULL);
    g_mutex_unlock(&ledger->lock);
    ok = ready->len == 0 || write_all(ledger->fd, ready->str, ready->len);
    (void)g_string_free(ready, TRUE);
    return ok;
}

size_t
chaos_ledger_count(const chaos_ledger *ledger)
{
    return ledger->count;
}

void
chaos_ledger_free(chaos_ledger *ledger)
{
    (void)chaos_ledger_flush(ledger);
    (void)close(ledger->fd);
    (void)g_string_free(ledger->waiting, TRUE);
    g_mutex_clear(&ledger->lock);
    g_free(ledger);
}
