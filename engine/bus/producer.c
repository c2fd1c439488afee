/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/producer.h"

#include "base/clock.h"

#include <string.h>

#define CALL_MS 10000
#define SLOW_US 2500000
#define WARM_MS 2000

struct kn_producer {
    kn_bus_conf conf;
    char *txn_id;
    rd_kafka_t *rk;
    GPtrArray *warm;            /* topic names */
    GPtrArray *handles;         /* rd_kafka_topic_t *, kept so that the metadata stays */
    rd_kafka_resp_err_t failed; /* first delivery error of a plain producer */
};

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
    kn_producer *p = arg;

    (void)rk;
    if (m->err && !p->failed)
        p->failed = m->err;
}

/* Repeats a transactional call while it is retriable and time is left. *repeated tells. */
static rd_kafka_error_t *
retry(rd_kafka_error_t *(*call)(rd_kafka_t *, int), rd_kafka_t *rk, bool *repeated)
{
    int64_t until = kn_clock_steady_us() + CALL_MS * 1000LL;
    rd_kafka_error_t *error;

    while ((error = call(rk, CALL_MS)) != NULL && rd_kafka_error_is_retriable(error)
           && kn_clock_steady_us() < until) {
        rd_kafka_error_destroy(error);
        *repeated = true;
    }
    return error;
}

static bool
open_handle(kn_producer *p, GError **err)
{
    char why[256];
    rd_kafka_conf_t *conf = kn_bus_producer_conf(&p->conf, p->txn_id, err);
    bool repeated = false;
    rd_kafka_error_t *error;

    if (!conf)
        return false;
    if (!p->txn_id) { /* no delivery callback with transactions: the flush would never end */
        rd_kafka_conf_set_opaque(conf, p);
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    }
    p->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!p->rk) {
        rd_kafka_conf_destroy(conf);
        return kn_fail(err, KN_E_BUS_WRONG, "producer: %s", why);
    }
    if (!p->txn_id)
        return true;
    error = retry(rd_kafka_init_transactions, p->rk, &repeated);
    return error ? kn_bus_fail_error(err, error, "init_transactions") : true;
}

static void
drop_topic(void *topic)
{
    rd_kafka_topic_destroy(topic);
}

static void
warm_up(kn_producer *p, unsigned from)
{
    for (unsigned i = from; i < p->warm->len; i++) {
        rd_kafka_topic_t *topic = rd_kafka_topic_new(p->rk, g_ptr_array_index(p->warm, i), NULL);
        const rd_kafka_metadata_t *meta = NULL;

        if (!topic)
            continue;
        g_ptr_array_add(p->handles, topic);
        if (rd_kafka_metadata(p->rk, 0, topic, &meta, WARM_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_metadata_destroy(meta);
    }
}

void
kn_producer_warm(kn_producer *p, const char *const *topics, size_t n)
{
    unsigned from = p->warm->len;

    for (size_t i = 0; i < n; i++)
        if (!g_ptr_array_find_with_equal_func(p->warm, topics[i], g_str_equal, NULL))
            g_ptr_array_add(p->warm, g_strdup(topics[i]));
    warm_up(p, from);
}

bool
kn_producer_new(const kn_bus_conf *conf, const char *txn_id, kn_producer **out, GError **err)
{
    kn_producer *p = g_new0(kn_producer, 1);

    p->conf = *conf;
    p->txn_id = g_strdup(txn_id);
    p->warm = g_ptr_array_new_with_free_func(g_free);
    p->handles = g_ptr_array_new_with_free_func(drop_topic);
    if (!open_handle(p, err)) {
        kn_producer_free(p);
        return false;
    }
    *out = p;
    return true;
}

void
kn_producer_free(kn_producer *p)
{
    if (!p)
        return;
    g_ptr_array_unref(p->handles); /* before the client they belong to */
    g_ptr_array_unref(p->warm);
    if (p->rk)
        rd_kafka_destroy(p->rk);
    g_free(p->txn_id);
    g_free(p);
}

static rd_kafka_headers_t *
make_headers(const json_t *object)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(json_object_size(object));
    const char *name;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)object, name, value)
        if (json_is_string(value))
            (void)rd_kafka_header_add(headers, name, -1, json_string_value(value),
                                      (ssize_t)json_string_length(value));
    return headers;
}

bool
kn_producer_send(kn_producer *p, const kn_bus_send *s, GError **err)
{
    rd_kafka_headers_t *headers = s->headers ? make_headers(s->headers) : NULL;
    int64_t until = kn_clock_steady_us() + CALL_MS * 1000LL;
    rd_kafka_resp_err_t code;

    do {
        rd_kafka_headers_t *copy = headers ? rd_kafka_headers_copy(headers) : NULL;

        /* librdkafka's argument macros are GNU statement expressions */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
        code = rd_kafka_producev(p->rk, RD_KAFKA_V_TOPIC(s->topic),
                                 RD_KAFKA_V_PARTITION(s->placed ? s->part : RD_KAFKA_PARTITION_UA),
                                 RD_KAFKA_V_KEY((void *)(uintptr_t)s->key, s->key_len),
                                 RD_KAFKA_V_VALUE((void *)(uintptr_t)s->bytes, s->len),
                                 RD_KAFKA_V_HEADERS(copy), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_END);
#pragma GCC diagnostic pop
        if (code && copy)
            rd_kafka_headers_destroy(copy);
        if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            (void)rd_kafka_poll(p->rk, 50);
    } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && kn_clock_steady_us() < until);
    if (headers)
        rd_kafka_headers_destroy(headers);
    (void)rd_kafka_poll(p->rk, 0);
    return code ? kn_bus_fail(err, code, "produce", s->topic) : true;
}

bool
kn_producer_flush(kn_producer *p, int timeout_ms, GError **err)
{
    rd_kafka_resp_err_t code = rd_kafka_flush(p->rk, timeout_ms);

    if (!code)
        code = p->failed;
    p->failed = RD_KAFKA_RESP_ERR_NO_ERROR;
    return code ? kn_bus_fail(err, code, "flush", NULL) : true;
}

bool
kn_producer_begin(kn_producer *p, GError **err)
{
    rd_kafka_error_t *error = rd_kafka_begin_transaction(p->rk);

    return error ? kn_bus_fail_error(err, error, "begin_transaction") : true;
}

bool
kn_producer_offsets(kn_producer *p, const kn_bus_part *parts, size_t n,
                    const rd_kafka_consumer_group_metadata_t *generation, GError **err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    rd_kafka_error_t *error;

    for (size_t i = 0; i < n; i++)
        rd_kafka_topic_partition_list_add(list, parts[i].topic, parts[i].part)->offset =
            parts[i].offset;
    error = rd_kafka_send_offsets_to_transaction(p->rk, list, generation, CALL_MS);
    rd_kafka_topic_partition_list_destroy(list);
    return error ? kn_bus_fail_error(err, error, "send_offsets_to_transaction") : true;
}

bool
kn_producer_commit(kn_producer *p, bool *slow, GError **err)
{
    int64_t start = kn_clock_steady_us();
    bool repeated = false;
    rd_kafka_error_t *error = retry(rd_kafka_commit_transaction, p->rk, &repeated);

    *slow = repeated || kn_clock_steady_us() - start > SLOW_US;
    return error ? kn_bus_fail_error(err, error, "commit_transaction") : true;
}

bool
kn_producer_commit_send(kn_producer *p)
{
    rd_kafka_error_t *error;

    (void)rd_kafka_flush(p->rk, CALL_MS);
    error = rd_kafka_commit_transaction(p->rk, 1); /* mostly too short for an answer */
    if (!error)
        return true;
    rd_kafka_error_destroy(error);
    (void)rd_kafka_poll(p->rk, 20);
    return false;
}

bool
kn_producer_abort(kn_producer *p, GError **err)
{
    bool repeated = false;
    rd_kafka_error_t *error = retry(rd_kafka_abort_transaction, p->rk, &repeated);

    return error ? kn_bus_fail_error(err, error, "abort_transaction") : true;
}

bool
kn_producer_recycle(kn_producer *p, GError **err)
{
    g_ptr_array_set_size(p->handles, 0);
    rd_kafka_destroy(p->rk);
    p->rk = NULL;
    if (!open_handle(p, err))
        return false;
    warm_up(p, 0);
    return true;
}
