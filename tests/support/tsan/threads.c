/* SPDX-License-Identifier: Apache-2.0 */
/* Only in thread-sanitizer builds: librdkafka makes its threads with C11's thrd_create, which the
 * sanitizer does not intercept, and a thread it does not know of crashes in its allocator.  These two
 * stand in front of the C library's and go the way it knows. */
#include <glib.h>
#include <pthread.h>
#include <stdint.h>
#include <threads.h>

typedef struct start {
    thrd_start_t function;
    void *arg;
} start;

static void *
run(void *data)
{
    start s = *(start *)data;

    g_free(data);
    return (void *)(intptr_t)s.function(s.arg);
}

int
thrd_create(thrd_t *thread, thrd_start_t function, void *arg)
{
    start *s = g_new(start, 1);

    *s = (start){ function, arg };
    return pthread_create(thread, NULL, run, s) == 0 ? thrd_success : thrd_error;
}

int
thrd_join(thrd_t thread, int *result)
{
    void *value = NULL;

    if (pthread_join(thread, &value) != 0)
        return thrd_error;
    if (result)
        *result = (int)(intptr_t)value;
    return thrd_success;
}
