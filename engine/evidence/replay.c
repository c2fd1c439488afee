/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/replay.h"

#include "base/clock.h"
#include "evidence/drop.h"
#include "lane/again.h"
#include "store/scratch.h"

#include <string.h>
#include <unistd.h>

#define PROGRESS_US 500000LL

/* The messages of one partition of one topic, in order. */
typedef struct stream {
    const char *topic;
    int topic_id, part;
    kn_entry_walk walk;
    kn_entry *next; /* NULL: through */
} stream;

typedef struct run {
    const kn_replay_plan *plan;
    kn_replay_report *report;
    kn_store *live, *made; /* the installation's, read only; the scratch schema's */
    kn_scratch *scratch;
    kn_lane *lane;
    GPtrArray *streams; /* stream */
    int64_t all, shown_us;
} run;

static void
stream_free(void *data)
{
    stream *s = data;

    kn_entry_free(s->next);
    kn_entry_walk_clear(&s->walk);
    g_free(s);
}

void
kn_replay_report_clear(kn_replay_report *report)
{
    json_decref(report->examples);
    json_decref(report->groups);
    json_decref(report->records);
}

/* --- what is the same ----------------------------------------------------------------------------------- */

static bool
same_row(const kn_store_history *a, const kn_store_history *b)
{
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->key, b->key) == 0 && a->version == b->version
           && g_strcmp0(a->state_from, b->state_from) == 0 && strcmp(a->state_to, b->state_to) == 0
           && strcmp(a->event, b->event) == 0 && g_strcmp0(a->row, b->row) == 0
           && g_strcmp0(a->actor, b->actor) == 0 && a->at_ms == b->at_ms;
}

static bool
same_optional(const GBytes *a, const GBytes *b)
{
    return a && b ? g_bytes_equal(a, b) : a == b;
}

static bool
same_output(const kn_store_message *a, const kn_store_message *b)
{
    size_t a_len = 0, b_len = 0;
    const char *x = a->payload ? g_bytes_get_data(a->payload, &a_len) : "",
               *y = b->payload ? g_bytes_get_data(b->payload, &b_len) : "";

    return a->idx == b->idx && a->dest == b->dest && same_optional(a->key, b->key)
           && g_strcmp0(a->header, b->header) == 0 && kn_replay_same_bytes(x, a_len, y, b_len);
}

/* What differs first, in words; NULL: nothing. */
static const char *
difference(const kn_entry *then, const kn_entry *now)
{
    const kn_store_message *a = g_ptr_array_index(then->messages, 0),
                           *b = g_ptr_array_index(now->messages, 0);

    if (g_strcmp0(a->verdict, b->verdict) != 0)
        return "verdict";
    if (then->history->len != now->history->len)
        return "number of changes";
    for (unsigned i = 0; i < then->history->len; i++)
        if (!same_row(&g_array_index(then->history, kn_store_history, i),
                      &g_array_index(now->history, kn_store_history, i)))
            return "a change of a document";
    if (then->messages->len != now->messages->len)
        return "number of outputs";
    /* The dead letter of a failure of the database has that day's words. */
    for (unsigned i = 1; i < then->messages->len; i++)
        if (!same_output(g_ptr_array_index(then->messages, i), g_ptr_array_index(now->messages, i))
            && g_strcmp0(a->verdict, kn_error_row_of(KN_E_DATA_ERROR)->name) != 0)
            return "an output";
    return NULL;
}

static void
note(run *r, const stream *s, const kn_entry *then, const kn_entry *now, const char *what)
{
    const kn_store_message *a = g_ptr_array_index(then->messages, 0),
                           *b = now ? g_ptr_array_index(now->messages, 0) : NULL;
    json_t *header = a->header ? json_loads(a->header, 0, NULL) : NULL;
    const char *type = json_string_value(json_object_get(header, "type")),
               *guid = json_string_value(json_object_get(header, "guid"));
    g_autofree char *group = g_strdup_printf("%s: %s -> %s", type ? type : "not read", a->verdict,
                                             !b                                    ? "nothing"
                                             : strcmp(a->verdict, b->verdict) == 0 ? what
                                                                                   : b->verdict);
    json_int_t n = json_integer_value(json_object_get(r->report->groups, group));

    r->report->differ++;
    (void)json_object_set_new(r->report->groups, group, json_integer(n + 1));
    if (json_array_size(r->report->examples) < KN_REPLAY_EXAMPLES)
        (void)json_array_append_new(r->report->examples,
                                    json_pack("{ss si sI ss ss ss ss ss}", "topic", s->topic,
                                              "partition", s->part, "offset", (json_int_t)then->off,
                                              "type", type ? type : "", "guid", guid ? guid : "",
                                              "then", a->verdict, "now", b ? b->verdict : "",
                                              "what", what));
    json_decref(header);
}

/* The same message as it was made now. */
static bool
compare(run *r, const stream *s, const kn_entry *then, int64_t seq, GError **err)
{
    kn_store_head from = { .topic_id = s->topic_id, .part = s->part, .off = then->off, .seq = seq };
    g_auto(kn_entry_walk) walk = { 0 };
    g_autoptr(kn_entry) now = NULL;
    const char *what;

    kn_entry_walk_init(&walk, r->made, &from, then->off + 1, true);
    if (!kn_entry_walk_next(&walk, &now, err))
        return false;
    what = now ? difference(then, now) : "it was not settled";
    if (what)
        note(r, s, then, now, what);
    r->report->messages++;
    r->report->history += then->history->len;
    r->report->outputs += then->messages->len - 1;
    return true;
}

/* --- order ------------------------------------------------------------------------------------------------ */

static const kn_store_message *
incoming(const stream *s)
{
    return g_ptr_array_index(s->next->messages, 0);
}

static bool
view_of(run *r, const stream *s, kn_scratch_view *view, GError **err)
{
    const char *reads = incoming(s)->reads;

    *view = KN_SCRATCH_STANDS;
    return !reads || kn_scratch_stands(r->scratch, reads, view, err);
}

/* The earliest that is later than the one before by time, then by place. */
static stream *
next_by_time(const run *r, const stream *before)
{
    stream *found = NULL;
    bool passed = before == NULL;

    for (unsigned i = 0; i < r->streams->len; i++) {
        stream *s = g_ptr_array_index(r->streams, i);
        bool behind;

        if (before && s == before) {
            passed = true;
            continue;
        }
        if (!s->next)
            continue;
        behind = !before || incoming(s)->at_ms > incoming(before)->at_ms
                 || (incoming(s)->at_ms == incoming(before)->at_ms && passed);
        if (behind && (!found || incoming(s)->at_ms < incoming(found)->at_ms))
            found = s;
    }
    return found;
}

/* The earliest whose message finds what it had read then.  One whose records have moved on is not to be had any more,
 * and waits for nothing. */
static bool
choose(run *r, stream **out, GError **err)
{
    stream *earliest = next_by_time(r, NULL);

    for (*out = earliest; *out; *out = next_by_time(r, *out)) {
        kn_scratch_view view;

        if (!view_of(r, *out, &view, err))
            return false;
        r->report->unordered += view == KN_SCRATCH_PASSED;
        if (view != KN_SCRATCH_WAITS)
            return true;
    }
    r->report->unordered += earliest != NULL;
    *out = earliest;
    return true;
}

static void
tell(run *r)
{
    int64_t now = kn_clock_steady_us();

    if (!r->plan->progress || now - r->shown_us < PROGRESS_US)
        return;
    r->shown_us = now;
    r->plan->progress(r->report->messages, r->all);
}

static bool
run_all(run *r, GError **err)
{
    for (;;) {
        stream *s = NULL;
        int64_t seq;

        if (!choose(r, &s, err))
            return false;
        if (!s)
            return true;
        seq = kn_again_history(r->lane, s->topic, s->part);
        if (!kn_again_settle(r->lane, s->topic, s->next, err) || !compare(r, s, s->next, seq, err))
            return false;
        kn_entry_free(g_steal_pointer(&s->next));
        if (!kn_entry_walk_next(&s->walk, &s->next, err))
            return false;
        tell(r);
    }
}

/* --- the whole -------------------------------------------------------------------------------------------- */

static bool
open_streams(run *r, GError **err)
{
    g_autoptr(GArray) heads = g_array_new(FALSE, TRUE, sizeof(kn_store_head));
    g_autoptr(GPtrArray) wrong = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(kn_drops) drops = NULL;

    if (!kn_drops_open(r->live, wrong, &drops, err))
        return false;
    if (kn_drops_count(drops) > 0)
        return kn_fail(
            err, KN_E_EVIDENCE,
            "%u days of the archive were dropped: what came before the rest is not known",
            kn_drops_count(drops));
    if (!kn_store_heads(r->live, heads, err))
        return false;
    for (unsigned i = 0; i < heads->len; i++) {
        const kn_store_head *h = &g_array_index(heads, kn_store_head, i);
        stream *s = g_new0(stream, 1);
        kn_store_head from = { .topic_id = h->topic_id, .part = h->part };

        s->topic = h->topic;
        s->topic_id = h->topic_id;
        s->part = h->part;
        kn_entry_walk_init(&s->walk, r->live, &from, h->off, true);
        g_ptr_array_add(r->streams, s);
        if (!kn_again_take(r->lane, h->topic, h->part, err)
            || !kn_entry_walk_next(&s->walk, &s->next, err))
            return false;
        r->all += h->off - (s->next ? s->next->off : h->off);
    }
    return true;
}

static bool
execute(run *r, GError **err)
{
    return open_streams(r, err) && run_all(r, err)
           && kn_scratch_records(r->scratch, &r->report->records, &r->report->records_differ, err);
}

bool
kn_replay(const kn_replay_plan *plan, kn_replay_report *out, GError **err)
{
    run r = { .plan = plan, .report = out };
    g_autofree char *name = g_strdup_printf("kouan_replay_%d", (int)getpid());
    bool ok;

    *out = (kn_replay_report){ .examples = json_array(), .groups = json_object() };
    r.streams = g_ptr_array_new_with_free_func(stream_free);
    ok = kn_scratch_make(plan->conninfo, name, plan->sql, &r.scratch, err)
         && kn_store_open(plan->conninfo, &r.live, err)
         && kn_store_open(kn_scratch_conninfo(r.scratch), &r.made, err)
         && kn_again_new(plan->engine, kn_scratch_conninfo(r.scratch), &r.lane, err)
         && execute(&r, err);
    g_ptr_array_unref(r.streams);
    kn_lane_free(r.lane);
    kn_store_close(r.made);
    kn_store_close(r.live);
    kn_scratch_free(r.scratch);
    return ok;
}
