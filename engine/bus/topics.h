/* SPDX-License-Identifier: Apache-2.0 */
/* Topics: what kouan needs of the broker, made by provisioning and checked at every start.
 * errors   KN_E_BUS_WRONG naming topic and setting; KN_E_BUS_DOWN when no broker answers
 */
#ifndef KOUAN_BUS_TOPICS_H
#define KOUAN_BUS_TOPICS_H

#include "bus/conf.h"

typedef struct kn_topic_spec {
    const char *name;
    int parts;
    bool append_time; /* message.timestamp.type=LogAppendTime: time of decisions */
} kn_topic_spec;

/* Makes the topics that are missing (replication = what the cluster has by default when 0). */
bool kn_topics_create(const kn_bus_conf *conf, const kn_topic_spec *specs, size_t n,
                      int replication, GError **err);
/* All topics exist; those with parts > 0 have exactly that many partitions. */
bool kn_topics_check(const kn_bus_conf *conf, const kn_topic_spec *specs, size_t n, GError **err);
/* Partition the fixed partitioner (murmur2, as the Java client) gives a key. */
int kn_topics_partition(const void *key, size_t len, int parts);

#endif
