/* SPDX-License-Identifier: Apache-2.0 */
/* Consumer: one member of the group, one lane's.
 *
 * Assignment runs inside kn_consumer_poll: the assign call decides where each partition starts.
 * rd_kafka_consumer_poll only, no pause/resume, no seek: each has a reason in EXACTLY_ONCE §10.3.
 *
 * threads  one lane
 * errors   KN_E_BUS_DOWN (poll again), KN_E_BUS_FENCED, KN_E_LOG_LOST, KN_E_BUS_WRONG; or what the
 *          assign call failed with
 */
#ifndef KOUAN_BUS_CONSUMER_H
#define KOUAN_BUS_CONSUMER_H

#include "bus/conf.h"

typedef struct kn_consumer kn_consumer;

typedef struct kn_bus_part {
    const char *topic; /* borrowed during the call */
    int part;
    int64_t offset;    /* assign: to be set to where reading starts */
    int64_t committed; /* K, filled by kn_consumer_committed; -1 = the group has none */
    int64_t low, high; /* filled by kn_consumer_watermarks */
} kn_bus_part;

typedef struct kn_consumer_events {
    void *arg;
    bool (*assign)(void *arg, kn_consumer *consumer, kn_bus_part *parts, size_t n, GError **err);
    void (*revoke)(void *arg, const kn_bus_part *parts, size_t n);
} kn_consumer_events;

typedef struct kn_bus_record {
    rd_kafka_message_t *raw; /* owned; kn_bus_record_clear */
    const char *topic;
    int part;
    int64_t offset;
    int64_t time_ms;
    bool append_time; /* the broker's LogAppendTime, as it must be on kouan.in.* */
    const char *bytes;
    size_t len;
    const char *key;
    size_t key_len;
} kn_bus_record;

bool kn_consumer_new(const kn_bus_conf *conf, const char *const *topics, size_t n_topics,
                     const kn_consumer_events *events, kn_consumer **out, GError **err);
/* Closes under a deadline; when it does not come back the handle is left to process exit. */
void kn_consumer_free(kn_consumer *consumer);

/* true with out->raw set: a record; true with out->raw NULL: nothing within the time. */
bool kn_consumer_poll(kn_consumer *consumer, int timeout_ms, kn_bus_record *out, GError **err);
void kn_bus_record_clear(kn_bus_record *record);
/* Value of a header as text (not terminated beyond its length copy), newly allocated; NULL = absent. */
char *kn_bus_record_header(const kn_bus_record *record, const char *name);

/* K of each partition, stable (an open transaction of a predecessor is waited out); 30 s in all. */
bool kn_consumer_committed(kn_consumer *consumer, kn_bus_part *parts, size_t n, GError **err);
bool kn_consumer_watermarks(kn_consumer *consumer, kn_bus_part *part, GError **err);
/* The next offset of the partition as the last fetch knew it, without asking the broker; -1 = not known. */
int64_t kn_consumer_high(kn_consumer *consumer, const char *topic, int part);
/* Snapshot of the member's generation, for the producer; caller destroys. Never fetched at send time. */
rd_kafka_consumer_group_metadata_t *kn_consumer_generation(kn_consumer *consumer);
/* An outage of the database: nothing is assigned, membership is kept by polling; resume takes the same
 * partitions again through the assign call, the one way in.  (No rd_kafka_pause: EXACTLY_ONCE §10.3.) */
void kn_consumer_pause(kn_consumer *consumer);
void kn_consumer_resume(kn_consumer *consumer);

#endif
