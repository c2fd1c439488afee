/* SPDX-License-Identifier: Apache-2.0 */
/* Producers: the lane's transactional one (relay), and a plain idempotent one (tools, simulators).
 *
 * threads  each belongs to one thread
 * errors   KN_E_BUS_DOWN: abort, back off, again; KN_E_BUS_FENCED: leave the process;
 *          KN_E_BUS_WRONG: stop (a topic is missing, or not ours to write)
 * source   EXACTLY_ONCE §5
 */
#ifndef KOUAN_BUS_PRODUCER_H
#define KOUAN_BUS_PRODUCER_H

#include "bus/consumer.h"

#include <jansson.h>

typedef struct kn_producer kn_producer;

/* txn_id NULL: plain idempotent.  Otherwise init_transactions has succeeded on return, which ends the
 * open transaction of a dead predecessor with the same id. */
bool kn_producer_new(const kn_bus_conf *conf, const char *txn_id, kn_producer **out, GError **err);
void kn_producer_free(kn_producer *producer);
/* Learns where these topics live before the first record needs it: a topic met inside a transaction
 * holds that transaction up for most of a second.  Kept over a recycle.  Best effort: a topic that
 * cannot be asked for now is met later.  topics is copied and adds to what was named before. */
void kn_producer_warm(kn_producer *producer, const char *const *topics, size_t n);

typedef struct kn_bus_send {
    const char *topic;
    bool placed; /* to partition part, whatever the key says */
    int part;
    const void *key;
    size_t key_len;
    const void *bytes;
    size_t len;
    const json_t *headers; /* object of strings, or NULL */
} kn_bus_send;

/* Queues one record; waits while the queue is full. */
bool kn_producer_send(kn_producer *producer, const kn_bus_send *send, GError **err);
/* Plain producer: all queued records are acknowledged, or the first error. */
bool kn_producer_flush(kn_producer *producer, int timeout_ms, GError **err);

bool kn_producer_begin(kn_producer *producer, GError **err);
/* Offsets of the group with the metadata of the generation under which the outputs were taken. */
bool kn_producer_offsets(kn_producer *producer, const kn_bus_part *parts, size_t n,
                         const rd_kafka_consumer_group_metadata_t *generation, GError **err);
/* *slow: a call had to be repeated or it took long: recycle the producer (§5 step 5). */
bool kn_producer_commit(kn_producer *producer, bool *slow, GError **err);
/* Flushes and sends EndTxn without reading its answer: the moment fault point relay.commit_sent is
 * about.  true: the answer came all the same; otherwise kn_producer_commit goes on from there. */
bool kn_producer_commit_send(kn_producer *producer);
bool kn_producer_abort(kn_producer *producer, GError **err);
/* New handle, same id, new epoch: shuts the door on a late EndTxn of the old one. */
bool kn_producer_recycle(kn_producer *producer, GError **err);

#endif
