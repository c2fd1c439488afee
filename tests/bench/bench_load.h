/* SPDX-License-Identifier: Apache-2.0 */
/* Load: messages made before the clock runs, published at full speed or at a rate, and the receipts read
 * back.  The ledger has a line for each message that the broker acknowledged, in the order of sending:
 *   guid  key  digest  sender  type  partition  offset  timestamp(ms, the broker's)
 * separated by tabs.
 */
#ifndef KOUAN_BENCH_LOAD_H
#define KOUAN_BENCH_LOAD_H

#include "bench_message.h"

typedef struct kn_load_options {
    char *folder, *family, *receipts, *brokers, *topic, *topics, *ledger;
    int enterprises, messages, bytes, declare, threads, seed, timeout;
    double rate;
    bool shell;
    bool all; /* receive from the beginning of the topics */
} kn_load_options;

typedef struct kn_load_entry {
    GString *bytes; /* freed when acknowledged */
    char guid[37];
    char digest[64];
    size_t who;
    bool declare;
    bool acked;
    int part;
    int64_t offset, time_ms;
} kn_load_entry;

typedef struct kn_load {
    const kn_load_options *options;
    kn_bench_parties parties;
    kn_load_entry *entries;
    size_t n;
} kn_load;

/* Makes all messages in options->threads threads. */
bool kn_load_make(kn_load *load, GError **err);
/* Publishes them; entries know then where they are. */
bool kn_load_send(kn_load *load, GError **err);
bool kn_load_write_ledger(const kn_load *load, GError **err);
/* Reads options->messages receipts from now on (or all), prints "ready" first, and one JSON line at the end. */
bool kn_load_receive(const kn_load_options *options, GError **err);

#endif
