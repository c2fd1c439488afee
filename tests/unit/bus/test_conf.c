/* SPDX-License-Identifier: Apache-2.0 */
/* What each error of librdkafka means to a lane (EXACTLY_ONCE §9.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "bus/conf.h"

#include <cmocka.h>
#include <string.h>

/* clang-format off */
static const struct {
    rd_kafka_resp_err_t code;
    kn_error error;
    kn_outcome outcome;
    const char *why;
} vectors[] = {
    /* leave: the ordinary start knows everything */
    { RD_KAFKA_RESP_ERR__FATAL, KN_E_BUS_FENCED, KN_OUTCOME_EXIT, "the handle is of no more use" },
    { RD_KAFKA_RESP_ERR__FENCED, KN_E_BUS_FENCED, KN_OUTCOME_EXIT, "another producer has our id" },
    { RD_KAFKA_RESP_ERR_PRODUCER_FENCED, KN_E_BUS_FENCED, KN_OUTCOME_EXIT, "the same, from the broker" },
    { RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, KN_E_BUS_FENCED, KN_OUTCOME_EXIT, "the same, older brokers" },
    { RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, KN_E_BUS_FENCED, KN_OUTCOME_EXIT, "static membership" },
    { RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, KN_E_BUS_FENCED, KN_OUTCOME_EXIT, "a zombie's offsets" },
    { RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, KN_E_BUS_FENCED, KN_OUTCOME_EXIT, "thrown out of the group" },
    { RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, KN_E_BUS_FENCED, KN_OUTCOME_EXIT, "stood still too long" },
    /* stop: data are gone, or P is wrong */
    { RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, KN_E_LOG_LOST, KN_OUTCOME_STOP, "offset out of range" },
    { RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, KN_E_LOG_LOST, KN_OUTCOME_STOP, "the same, from the broker" },
    /* stop: skipped it would be lost, tried again it would abort for ever */
    { RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, KN_E_BUS_WRONG, KN_OUTCOME_STOP, "output topic missing" },
    { RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, KN_E_BUS_WRONG, KN_OUTCOME_STOP, "the same, known to the client" },
    { RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, KN_E_BUS_WRONG, KN_OUTCOME_STOP, "fewer partitions" },
    { RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, KN_E_BUS_WRONG, KN_OUTCOME_STOP, "no right to a topic" },
    { RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, KN_E_BUS_WRONG, KN_OUTCOME_STOP, "no right to the group" },
    { RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, KN_E_BUS_WRONG, KN_OUTCOME_STOP, "no right to the cluster" },
    { RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, KN_E_BUS_WRONG, KN_OUTCOME_STOP, "nor to our id" },
    { RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, KN_E_BUS_WRONG, KN_OUTCOME_STOP, "broker allows less" },
    { RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, KN_E_BUS_WRONG, KN_OUTCOME_STOP, "broker takes less than decide allowed" },
    /* the rest passes: librdkafka recovers, nothing is parked */
    { RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, KN_E_BUS_DOWN, KN_OUTCOME_PAUSE, "broker away" },
    { RD_KAFKA_RESP_ERR__TRANSPORT, KN_E_BUS_DOWN, KN_OUTCOME_PAUSE, "connection lost" },
    { RD_KAFKA_RESP_ERR__TIMED_OUT, KN_E_BUS_DOWN, KN_OUTCOME_PAUSE, "no answer in time" },
    { RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, KN_E_BUS_DOWN, KN_OUTCOME_PAUSE, "leader moves" },
    { RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, KN_E_BUS_DOWN, KN_OUTCOME_PAUSE, "below min.insync.replicas" },
    { RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, KN_E_BUS_DOWN, KN_OUTCOME_PAUSE, "coordinator moves" },
    { RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, KN_E_BUS_DOWN, KN_OUTCOME_PAUSE, "the group is changing" },
};
/* clang-format on */

static void
conf_classes(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GError) err = NULL;

        assert_false(kn_bus_fail(&err, vectors[i].code, "produce", "x"));
        if (kn_error_code(err) != vectors[i].error || kn_error_outcome(err) != vectors[i].outcome)
            fail_msg("%s: %s, got %s", rd_kafka_err2name(vectors[i].code), vectors[i].why,
                     kn_error_row_of(kn_error_code(err))->name);
        if (!strstr(err->message, rd_kafka_err2name(vectors[i].code)))
            fail_msg("%s does not name the error", err->message);
    }
}

/* Neither the broker nor the group ever makes a message poison. */
static void
conf_nothing_parks(void **unused)
{
    (void)unused;
    for (int code = RD_KAFKA_RESP_ERR__BEGIN; code < RD_KAFKA_RESP_ERR_END_ALL; code++) {
        kn_outcome outcome = kn_error_row_of(kn_bus_classify((rd_kafka_resp_err_t)code))->outcome;

        if (outcome != KN_OUTCOME_PAUSE && outcome != KN_OUTCOME_STOP && outcome != KN_OUTCOME_EXIT)
            fail_msg("%s parks or refuses", rd_kafka_err2name((rd_kafka_resp_err_t)code));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conf_classes),
        cmocka_unit_test(conf_nothing_parks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
