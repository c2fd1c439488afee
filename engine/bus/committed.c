/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/committed.h"

#define CALL_MS 15000

static bool
ask(rd_kafka_t *rk, kn_bus_part *parts, size_t n, GError **err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    rd_kafka_resp_err_t code;

    for (size_t i = 0; i < n; i++)
        (void)rd_kafka_topic_partition_list_add(list, parts[i].topic, parts[i].part);
    code = rd_kafka_committed(rk, list, CALL_MS);
    for (int i = 0; i < list->cnt && !code; i++)
        code = list->elems[i].err;
    for (size_t i = 0; i < n && !code; i++)
        parts[i].committed = list->elems[i].offset < 0 ? -1 : list->elems[i].offset;
    rd_kafka_topic_partition_list_destroy(list);
    return !code || kn_bus_fail(err, code, "committed offsets", NULL);
}

bool
kn_bus_committed(const kn_bus_conf *conf, kn_bus_part *parts, size_t n, GError **err)
{
    char why[256];
    rd_kafka_conf_t *rk_conf = kn_bus_consumer_conf(conf, err);
    rd_kafka_t *rk;
    bool ok;

    if (!rk_conf)
        return false;
    rk = rd_kafka_new(RD_KAFKA_CONSUMER, rk_conf, why, sizeof why);
    if (!rk) {
        rd_kafka_conf_destroy(rk_conf);
        return kn_fail(err, KN_E_BUS_WRONG, "client: %s", why);
    }
    ok = ask(rk, parts, n, err);
    rd_kafka_destroy(rk);
    return ok;
}
