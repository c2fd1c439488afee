/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes of a new database make the same days at the same moment: each must find them there. */
#include "kit.h"

#include <pthread.h>

#define LANES 4
#define ROUNDS 12
#define DAYS 3

typedef struct maker {
    const char *conninfo;
    pthread_barrier_t *together;
    GError *err;
} maker;

static void *
make_days(void *arg)
{
    maker *m = arg;
    g_autoptr(kn_store) store = NULL;

    (void)kn_store_open(m->conninfo, &store, &m->err);
    for (int round = 0; round < ROUNDS; round++) {
        (void)pthread_barrier_wait(m->together);
        if (!m->err)
            (void)kn_store_days(store, KIT_DAY + 10 + round * (DAYS + 1), DAYS, &m->err);
    }
    return NULL;
}

static void
days_made_by_many_at_once(void **state)
{
    kit *k = *state;
    maker makers[LANES] = { 0 };
    GThread *threads[LANES];
    pthread_barrier_t together;

    assert_int_equal(pthread_barrier_init(&together, NULL, LANES), 0);
    for (int i = 0; i < LANES; i++) {
        makers[i] = (maker){ k->conninfo, &together, NULL };
        threads[i] = g_thread_new("maker", make_days, &makers[i]);
    }
    for (int i = 0; i < LANES; i++)
        (void)g_thread_join(threads[i]);
    (void)pthread_barrier_destroy(&together);
    for (int i = 0; i < LANES; i++)
        if (makers[i].err)
            fail_msg("%s", makers[i].err->message);
    kit_expect(k, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'message'::regclass", "51");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(days_made_by_many_at_once),
    };

    return kit_main(tests);
}
