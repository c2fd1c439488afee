/* SPDX-License-Identifier: Apache-2.0 */
#include "chaos_send.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD 256                   /* signed messages that wait */
#define RECENT 256                  /* repeats come from the last so many acknowledged */
#define POISON_BASE 999900000000ULL /* numbers whose rows the harness's trigger refuses */

const char *const chaos_kind_names[CHAOS_KINDS] = {
    [CHAOS_GOOD] = "good",       [CHAOS_REPEAT] = "repeat",     [CHAOS_TAMPERED] = "tampered",
    [CHAOS_GARBAGE] = "garbage", [CHAOS_STRANGER] = "stranger", [CHAOS_POISON] = "poison",
};

/* Of ten thousand; the rest is good.  Few poison: a flood of it is a stop of its own. */
static const struct {
    chaos_kind kind;
    int share;
} shares[] = { { CHAOS_REPEAT, 200 },
               { CHAOS_TAMPERED, 200 },
               { CHAOS_GARBAGE, 100 },
               { CHAOS_STRANGER, 50 },
               { CHAOS_POISON, 5 } };

struct chaos_plan {
    const chaos_options *options;
    const kn_bench_parties *parties;
    GRand *rand;
    uint64_t planned;
    GThread **threads;
    GMutex lock; /* of all below */
    GCond changed;
    bool ending;
    GQueue order;      /* of slots, in the order of the plan */
    GQueue todo;       /* those of them that nobody has begun to sign */
    GPtrArray *recent; /* copies of acknowledged good ones */
    unsigned recent_at;
};

typedef struct slot {
    chaos_message *message;
    bool made;
} slot;

void
chaos_message_free(chaos_message *message)
{
    if (!message)
        return;
    if (message->bytes)
        g_bytes_unref(message->bytes);
    g_free(message);
}

static void
free_message(void *message)
{
    chaos_message_free(message);
}

/* The last digit before the signature: the document still fits its schema, its digest does not. */
static void
tamper(GString *bytes)
{
    char *end = strstr(bytes->str, "Signature");
    char *at = end ? end : bytes->str + bytes->len;

    while (--at > bytes->str)
        if (g_ascii_isdigit(*at) && g_ascii_isdigit(at[-1])) {
            *at = *at == '1' ? '2' : '1';
            return;
        }
}

static GBytes *
sign(const chaos_plan *plan, kn_xml *xml, kn_writer *writer, const chaos_message *m)
{
    kn_bench_shape shape = { .bytes = (size_t)plan->options->bytes,
                             .shell = m->shell,
                             .declare = m->declare };
    GString *bytes = g_string_sized_new(8192);
    g_autoptr(GError) err = NULL;

    if (m->kind == CHAOS_GARBAGE)
        g_string_append_printf(bytes, "<<garbage %s", m->guid);
    else if (!kn_bench_message(xml, writer, plan->parties, m->who, &shape, m->number, m->guid,
                               kn_clock_wall_ms(), bytes, NULL, &err)) {
        (void)fprintf(stderr, "kouan-chaos-send: %s\n", err->message);
        exit(1);
    }
    if (m->kind == CHAOS_TAMPERED)
        tamper(bytes);
    return g_string_free_to_bytes(bytes);
}

static void *
work(void *data)
{
    chaos_plan *plan = data;
    kn_xml *xml = kn_xml_new(NULL, NULL);
    kn_writer *writer = kn_writer_new();

    g_mutex_lock(&plan->lock);
    while (!plan->ending) {
        slot *s = g_queue_pop_head(&plan->todo);
        GBytes *bytes;

        if (!s) {
            g_cond_wait(&plan->changed, &plan->lock);
            continue;
        }
        g_mutex_unlock(&plan->lock);
        bytes = sign(plan, xml, writer, s->message);
        g_mutex_lock(&plan->lock);
        s->message->bytes = bytes;
        s->made = true;
        g_cond_broadcast(&plan->changed);
    }
    g_mutex_unlock(&plan->lock);
    kn_writer_free(writer);
    kn_xml_free(xml);
    return NULL;
}

static chaos_kind
draw_kind(GRand *rand)
{
    int n = g_rand_int_range(rand, 0, 10000);

    for (size_t i = 0; i < G_N_ELEMENTS(shares); n -= shares[i].share, i++)
        if (n < shares[i].share)
            return shares[i].kind;
    return CHAOS_GOOD;
}

/* The generator is drawn from the same number of times whatever the kind. */
static void
plan_one(chaos_plan *plan)
{
    slot *s = g_new0(slot, 1);
    chaos_message *m = g_new0(chaos_message, 1);

    m->kind = draw_kind(plan->rand);
    m->who = g_rand_int(plan->rand) % plan->parties->n;
    m->shell = g_rand_boolean(plan->rand);
    m->declare = g_rand_boolean(plan->rand) && m->shell; /* only a card may declare */
    m->number = (uint64_t)plan->options->seed % 10000 * 10000000 + plan->planned++;
    if (m->kind == CHAOS_POISON)
        m->number = POISON_BASE + plan->planned % 100000000;
    kn_bench_guid(plan->rand, m->guid);
    s->message = m;
    s->made = m->kind == CHAOS_REPEAT; /* chosen when its turn comes */
    g_queue_push_tail(&plan->order, s);
    if (s->made)
        return;
    g_queue_push_tail(&plan->todo, s);
    g_cond_broadcast(&plan->changed);
}

/* Nothing acknowledged yet: it becomes a good message of no content, so: skipped by the caller. */
static void
become_repeat(const chaos_plan *plan, chaos_message *m)
{
    const chaos_message *old;

    if (plan->recent->len == 0)
        return;
    old = g_ptr_array_index(plan->recent, m->number % plan->recent->len);
    m->who = old->who;
    m->shell = old->shell;
    m->declare = old->declare;
    m->bytes = g_bytes_ref(old->bytes);
    memcpy(m->guid, old->guid, sizeof m->guid);
}

chaos_plan *
chaos_plan_new(const chaos_options *options, const kn_bench_parties *parties)
{
    chaos_plan *plan = g_new0(chaos_plan, 1);

    plan->options = options;
    plan->parties = parties;
    plan->rand = g_rand_new_with_seed((guint32)options->seed);
    plan->recent = g_ptr_array_new_with_free_func(free_message);
    g_queue_init(&plan->order);
    g_queue_init(&plan->todo);
    g_mutex_init(&plan->lock);
    g_cond_init(&plan->changed);
    plan->threads = g_new0(GThread *, (size_t)options->threads);
    for (int i = 0; i < options->threads; i++)
        plan->threads[i] = g_thread_new("sign", work, plan);
    return plan;
}

chaos_message *
chaos_plan_next(chaos_plan *plan)
{
    chaos_message *m = NULL;

    g_mutex_lock(&plan->lock);
    while (!m) {
        slot *s;

        while (g_queue_get_length(&plan->order) < AHEAD)
            plan_one(plan);
        s = g_queue_pop_head(&plan->order);
        while (!s->made)
            g_cond_wait(&plan->changed, &plan->lock);
        m = s->message;
        g_free(s);
        if (m->kind == CHAOS_REPEAT)
            become_repeat(plan, m);
        if (!m->bytes)
            g_clear_pointer(&m, chaos_message_free);
    }
    g_mutex_unlock(&plan->lock);
    return m;
}

void
chaos_plan_acked(chaos_plan *plan, const chaos_message *message)
{
    chaos_message *copy;

    if (message->kind != CHAOS_GOOD)
        return;
    copy = g_memdup2(message, sizeof *message);
    copy->bytes = g_bytes_ref(message->bytes);
    g_mutex_lock(&plan->lock);
    if (plan->recent->len < RECENT)
        g_ptr_array_add(plan->recent, copy);
    else {
        chaos_message_free(plan->recent->pdata[plan->recent_at % RECENT]);
        plan->recent->pdata[plan->recent_at++ % RECENT] = copy;
    }
    g_mutex_unlock(&plan->lock);
}

void
chaos_plan_free(chaos_plan *plan)
{
    g_mutex_lock(&plan->lock);
    plan->ending = true;
    g_cond_broadcast(&plan->changed);
    g_mutex_unlock(&plan->lock);
    for (int i = 0; i < plan->options->threads; i++)
        (void)g_thread_join(plan->threads[i]);
    g_free(plan->threads);
    g_queue_clear(&plan->todo);
    for (slot *s; (s = g_queue_pop_head(&plan->order)) != NULL;) {
        chaos_message_free(s->message);
        g_free(s);
    }
    g_ptr_array_unref(plan->recent);
    g_rand_free(plan->rand);
    g_mutex_clear(&plan->lock);
    g_cond_clear(&plan->changed);
    g_free(plan);
}
