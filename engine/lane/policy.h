/* SPDX-License-Identifier: Apache-2.0 */
/* Policy: what becomes of a batch that the database did not take (EXACTLY_ONCE §9.1), and when parked messages
 * are too many (§9.3).  Nothing here touches a database; the lane hands in what an attempt is.
 *
 * threads  one lane
 */
#ifndef KOUAN_LANE_POLICY_H
#define KOUAN_LANE_POLICY_H

#include "store/store.h"

/* What settles a stretch of a batch.  Positions are indices into it. */
typedef struct kn_policy_ops {
    void *arg;
    /* One attempt at [at, at + n), all or nothing.  *todo: what its failure means. */
    bool (*attempt)(void *arg, size_t at, size_t n, kn_store_todo *todo, GError **err);
    /* The message is parked; its failure ends the batch. */
    bool (*park)(void *arg, size_t at, const char *why, GError **err);
    /* Between two attempts of the same stretch; tries from 1. */
    void (*rest)(void *arg, int tries);
} kn_policy_ops;

/* Settles n messages in order, each once: as a whole, again, by halves, alone, or parked, as the table says.
 * false: the error of the attempt that nothing could be done about (its outcome says who must act), or
 * KN_E_POSITION_MOVED after too many tries. */
bool kn_policy_settle(const kn_policy_ops *ops, size_t n, GError **err);

/* Parked messages of one partition, by the minute. */
typedef struct kn_rate {
    int64_t since_us;
    unsigned messages, parked;
} kn_rate;

#define KN_RATE_PARKED 20    /* a minute */
#define KN_RATE_PERCENT 5    /* of a minute's messages, */
#define KN_RATE_MESSAGES 100 /* once there are so many: of ten messages one is no rate */

/* One message was settled, parked or not; now_us never runs back.  true: it is the deployment, not the
 * messages. */
bool kn_rate_note(kn_rate *rate, int64_t now_us, bool parked);

#endif
