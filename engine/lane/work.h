/* SPDX-License-Identifier: Apache-2.0 */
/* One attempt of a batch from the inside: decide.c fills it, effects.c turns decisions into rows. */
#ifndef KOUAN_LANE_WORK_H
#define KOUAN_LANE_WORK_H

#include "lane/lane_priv.h"
#include "lane/overlay.h"

/* An id already used: in the archive, or by an earlier message of this batch. */
typedef struct kn_seen_id {
    char *name;
    kn_item *item;               /* this batch */
    const kn_store_seen *stored; /* the archive */
} kn_seen_id;

struct kn_work {
    kn_lane *lane;
    kn_item *const *items;
    size_t n;
    GPtrArray *parts;    /* kn_part *, each once */
    GPtrArray *before;   /* const kn_position *, of the same parts */
    GPtrArray *after;    /* kn_position *, as they shall be */
    GPtrArray *counters; /* GHashTable *, serial counters of the same parts */
    GHashTable *ids;     /* kn_seen_id by name */
    GPtrArray *seen;
    kn_overlay *overlay;
    GPtrArray *histories; /* decisions' writes kept alive until COMMIT */
    kn_store_batch batch;
    kn_error force; /* KN_E_OK = none */
    char *force_detail;
};

/* Context, ask and decision as new, for entering a handler. */
void kn_work_enter(kn_work *work, const kn_item *item, const void *conf, int op, const char *owner,
                   kn_ask *ask);
/* A record has one home: whoever writes it comes by its owner's partition (EXACTLY_ONCE §7.2). */
bool kn_work_at_home(const kn_work *work, const kn_item *item, const kn_decision *decision);
unsigned kn_work_part_index(const kn_work *work, const kn_item *item);
/* What the decision hung on beyond this partition's own records. */
void kn_work_reads(kn_work *work, kn_item *item, const kn_ask *ask);
/* Writes (taken, kn_write) join the message's and are seen by those behind it. */
void kn_work_writes(kn_work *work, kn_item *item, GPtrArray *writes);
/* The accepted decision's records, history and serials join the work. */
void kn_work_effects(kn_work *work, kn_item *item, const kn_ask *ask);
/* The message's archive rows, its place in the chain, and the position behind it. */
void kn_work_archive(kn_work *work, kn_item *item);

#endif
