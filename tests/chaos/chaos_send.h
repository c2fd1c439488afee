/* SPDX-License-Identifier: Apache-2.0 */
/* The sender of a chaos run: what is published is decided by the seed; each id is used once, except by repeats. */
#ifndef KOUAN_CHAOS_SEND_H
#define KOUAN_CHAOS_SEND_H

#include "bench/bench_message.h"

#include <librdkafka/rdkafka.h>

typedef enum chaos_kind {
    CHAOS_GOOD,
    CHAOS_REPEAT,   /* an earlier good one, byte for byte */
    CHAOS_TAMPERED, /* a digit changed after signing */
    CHAOS_GARBAGE,  /* no XML */
    CHAOS_STRANGER, /* a sender nobody knows: a dead letter */
    CHAOS_POISON,   /* good for the engine; a trigger of the harness makes the database refuse it */
    CHAOS_KINDS
} chaos_kind;

typedef struct chaos_options {
    char *folder, *brokers, *topic, *ledger;
    int enterprises, bytes, seed, seconds, threads;
    double rate;
} chaos_options;

typedef struct chaos_message {
    chaos_kind kind;
    size_t who;
    bool shell, declare;
    uint64_t number; /* ids inside differ by it; poison has numbers of its own */
    char guid[37];
    GBytes *bytes;
} chaos_message;

extern const char *const chaos_kind_names[CHAOS_KINDS];

/* --- chaos_plan.c: what the seed decides, made by threads of their own, in the order of the seed --- */

typedef struct chaos_plan chaos_plan;
chaos_plan *chaos_plan_new(const chaos_options *options, const kn_bench_parties *parties);
/* The next message; owned by the caller.  Waits until it is signed. */
chaos_message *chaos_plan_next(chaos_plan *plan);
/* A repeat is drawn from what was acknowledged: the sender tells.  Takes a copy. */
void chaos_plan_acked(chaos_plan *plan, const chaos_message *message);
void chaos_plan_free(chaos_plan *plan);
void chaos_message_free(chaos_message *message);

/* --- chaos_ledger.c: a line for each acknowledged id, on the disk before it counts ----------------- */

typedef struct chaos_ledger chaos_ledger;
chaos_ledger *chaos_ledger_new(const char *file);
/* threads: any.  offset < 0: sent, never acknowledged; it may be in the log or not. */
void chaos_ledger_add(chaos_ledger *ledger, const chaos_message *message, const char *key, int part,
                      int64_t offset);
/* Writes and fsyncs what was added; false when the disk refuses. */
bool chaos_ledger_flush(chaos_ledger *ledger);
size_t chaos_ledger_count(const chaos_ledger *ledger);
void chaos_ledger_free(chaos_ledger *ledger);

/* --- chaos_produce.c: two ways to publish ---------------------------------------------------------- */

typedef struct chaos_out chaos_out;
/* txn_id NULL: idempotent producer. */
chaos_out *chaos_out_new(const chaos_options *options, const kn_bench_parties *parties,
                         chaos_plan *plan, chaos_ledger *ledger, const char *txn_id);
/* Takes the message.  Comes back by delivery reports. */
void chaos_out_send(chaos_out *out, chaos_message *message);
void chaos_out_poll(chaos_out *out, int ms);
/* One Kafka transaction with these messages (taken); abort: on purpose, nothing of it counts. */
void chaos_out_transaction(chaos_out *out, GPtrArray *messages, bool abort);
/* Waits for what is on the way; what is not acknowledged then is written down as such. */
void chaos_out_free(chaos_out *out);

#endif
