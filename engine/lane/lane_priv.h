/* SPDX-License-Identifier: Apache-2.0 */
/* One lane from the inside: what its steps hand to each other.
 *
 *   take -> gather -> admit (open, prove, check) -> settle (decide, write, COMMIT) -> relay
 *
 * A lane is one thread and owns everything here; lanes share only the engine.
 */
#ifndef KOUAN_LANE_PRIV_H
#define KOUAN_LANE_PRIV_H

#include "base/sm3.h"
#include "bus/consumer.h"
#include "bus/producer.h"
#include "decision/decision_priv.h"
#include "lane/engine.h"
#include "ops/metric.h"
#include "store/store.h"
#include "trust/certificate.h"
#include "xml/dxp.h"
#include "xml/msg.h"
#include "xml/open.h"
#include "xml/receipt.h"
#include "xml/verify.h"
#include "xml/xml_auto.h"

#include <stdatomic.h>

/* Stages whose CPU is counted (scripts/bench, metrics). */
typedef enum kn_stage {
    KN_STAGE_GATHER,
    KN_STAGE_OPEN,
    KN_STAGE_PROVE,
    KN_STAGE_CHECK,
    KN_STAGE_READ,
    KN_STAGE_DECIDE,
    KN_STAGE_ANSWER,
    KN_STAGE_WRITE,
    KN_STAGE_RELAY,
    KN_STAGE_COUNT
} kn_stage;

/* Where a lane stands, for whoever watches; what waits comes last. */
typedef enum kn_lane_state {
    KN_LANE_STARTING,
    KN_LANE_READY,
    KN_LANE_ENDED,
    KN_LANE_NO_STORE,
    KN_LANE_NO_BUS,
} kn_lane_state;

/* Counters of one lane; written by it alone, read by anyone. */
typedef struct kn_lane_stats {
    atomic_int_fast64_t messages, refused, repeated, dead, batches, relays, aborts, outputs;
    atomic_int_fast64_t cpu_us[KN_STAGE_COUNT];
    atomic_int_fast64_t state, partitions,
        behind;                       /* kn_lane_state; partitions owned, on an older set */
    atomic_int_fast64_t last_beat_us; /* steady clock; the watchdog looks at it */
} kn_lane_stats;

typedef struct kn_own_kind kn_own_kind;
typedef struct kn_act kn_act;
typedef struct kn_ring kn_ring;

/* An input partition this lane owns now. */
typedef struct kn_part {
    char *topic;
    kn_position position; /* as committed */
    int64_t expected;     /* next offset to gather */
    bool check_last;      /* first record must be last_off with last_hash, then it is dropped */
    int64_t relayed;      /* K in memory; everything below is published */
    GPtrArray *pending;   /* kn_store_message *, settled, not yet published */
    GArray *waiting;      /* int64_t: append times of messages settled, not yet published */
    int alone;            /* messages still to be run alone after an unclean take */
    bool halted;          /* stands still until a person acts; poison.h */
    kn_trust_set *set;    /* in force behind what is settled; a reference */
    kn_trust_set *ahead;  /* in force behind what is admitted of this batch; NULL = set */
} kn_part;

/* One message on its way through a batch. */
typedef struct kn_item {
    kn_bus_record record;
    json_t
        *headers; /* of a record that comes from the archive (again.h); NULL: the record has them */
    kn_part *part;
    unsigned generation;
    int64_t time_ms; /* max(position.clock, record time) */
    int32_t day;
    uint8_t payload_digest[32]; /* SM3 of the bytes */
    kn_trust_set *set;          /* it is judged by this one; a reference */
    const kn_own_kind *own;     /* the engine's own, proven (own.h); NULL = a partner's */
    kn_trust_set *to; /* a switch: in force behind it, when that is another; a reference */
    kn_ring *ring;    /* a timer's (ring.h) */
    kn_act *act;      /* an operator's (action.h); what follows is of the original it brings back */
    /* route */
    const kn_partner *partner; /* NULL: nobody to answer */
    const kn_route *route;     /* NULL: no handler */
    /* admitted */
    kn_msg *msg; /* business message, once it could be opened */
    bool in_shell;
    kn_dxp shell;        /* when in_shell */
    kn_dxp head;         /* its TransInfo as read, to be told back; cop_msg_id NULL = not known */
    bool proven;         /* signatures hold: guid and digest identify the message */
    char *guid;          /* root's guid as read, or "" */
    char *type;          /* root's local name as read, or "" */
    GByteArray *digest;  /* decoded DigestValue of the business message */
    char *owner;         /* home key */
    int64_t create_ms;   /* signed creation time */
    GError *why;         /* refusal before the handler; NULL = admitted */
    kn_why sig;          /* what was expected and found */
    bool sig_failed;     /* sig tells something */
    char sig_serial[80]; /* certificate that belongs to sig */
    const struct kn_trap *trap; /* a known mistake of signers that fits, or NULL */
    char *why_field, *why_rule;
    /* decided, valid for one attempt */
    const char *verdict;
    GPtrArray *outs; /* kn_store_message *: outgoing in idx order, last the incoming row */
    int next_idx;
    const kn_error_row *parked; /* it stays open for a person: why; NULL = settled for good */
    char *parked_detail;
    char *reads;       /* foreign reads, JSON text or NULL */
    GPtrArray *writes; /* kn_write of the accepted decision until archived */
} kn_item;

typedef struct kn_lane {
    const kn_engine *engine;
    int number;
    char *txn_id;
    char *owner_name;
    kn_store *store;
    kn_producer *producer;
    kn_consumer *consumer;
    kn_xml *xml;
    kn_writer *writer;
    kn_sm3 *sm3;    /* keyed with the engine's secret */
    GString *entry; /* scratch: the rows of one message, for the chain */
    bool sampled;   /* this message's stages are timed */
    unsigned sample;
    GPtrArray *caches; /* certificates, by trust set: kn_lane_trust */
    kn_context *context;
    kn_decision *decision;
    kn_decision *ledger; /* rows of the ledger beside the decision (ledger.h) */
    GPtrArray *parts;    /* kn_part * */
    GPtrArray *batch;    /* kn_item * */
    unsigned generation;
    rd_kafka_consumer_group_metadata_t *group;
    int aborts_in_row;
    int32_t days_made;      /* last archive day known to exist */
    int32_t dictionary_day; /* day the archive's dictionaries were last read */
    bool store_down;
    int64_t pause_ms; /* how long the last pause was; 0 = the last batch was settled */
    GPtrArray *wards; /* poison.c: what is known of a partition beyond one take */
    bool ready;       /* said so since the last take */
    atomic_bool *stop;
    kn_lane_stats stats;
    int64_t gauges_us; /* when partitions are looked at next */
    bool again;        /* judges the archive once more: nobody is alarmed (again.h) */
    bool control;      /* test control without Kafka transactions: must fail its judge */
} kn_lane;

/* --- take.c: partitions come and go -------------------------------------------------------------- */
bool kn_take_assign(void *lane, kn_consumer *consumer, kn_bus_part *parts, size_t n, GError **err);
void kn_take_revoke(void *lane, const kn_bus_part *parts, size_t n);
kn_part *kn_lane_part(kn_lane *lane, const char *topic, int part);

/* One partition more: fenced, with the trust set of its position; nothing is published or read. */
bool kn_take_partition(kn_lane *lane, const char *topic, int part, GError **err);

/* --- gather.c: a batch of records ---------------------------------------------------------------- */
bool kn_gather(kn_lane *lane, GError **err);
void kn_item_free(kn_item *item);

/* --- admit.c: open, prove, check of one message; a refusal is kept in the item ------------------- */
/* false: nothing was found out about the message, the lane is in trouble (PAUSE, STOP). */
bool kn_admit(kn_lane *lane, kn_item *item, GError **err);

/* --- action.c: the message that is judged: the record's own, or the original that an action brings back */
const kn_bus_record *kn_item_judged(const kn_item *item);
int64_t kn_item_came_ms(const kn_item *item); /* when it first came */
/* Header of the record itself, whatever it brings back; newly allocated, NULL = absent. */
char *kn_item_own_header(const kn_item *item, const char *name);
/* Header of its record, newly allocated; NULL = absent. */
char *kn_item_header(const kn_item *item, const char *name);

/* --- hint.c: a bounded look for known mistakes behind a refused signature (xml/trap.h); sets item->trap.
 * Never changes the verdict.  key: the proven certificate's, NULL after S8.  The Signature's place is
 * as before. */
void kn_hint_find(kn_lane *lane, kn_item *item, kn_role role, xmlDoc *doc, kn_shape *shape,
                  EVP_PKEY *key, const GError *why);

/* --- decide.c: the batch in memory --------------------------------------------------------------- */
typedef struct kn_work kn_work; /* everything one attempt of a batch makes */

kn_work *kn_work_new(kn_lane *lane, kn_item *const *items, size_t n);
void kn_work_free(kn_work *work);
/* Read trip and decisions of all items. */
bool kn_work_decide(kn_work *work, GError **err);
/* Forced verdict for one item (quarantine): no handler is entered. */
void kn_work_force(kn_work *work, kn_error code, const char *detail);
/* Write trip and COMMIT. */
bool kn_work_commit(kn_work *work, bool *in_doubt, GError **err);
/* After an answer was lost and the connection is back: did it commit? */
bool kn_work_doubt(kn_work *work, kn_doubt *out, GError **err);
/* Committed: positions, counters and pending outputs become the lane's. */
void kn_work_adopt(kn_work *work);

/* --- answer.c: decisions become signed bytes ----------------------------------------------------- */
bool kn_answer_reply(kn_lane *lane, kn_item *item, const kn_decision *decision, GError **err);
bool kn_answer_others(kn_lane *lane, kn_item *item, const kn_decision *decision, GError **err);
bool kn_answer_dead(kn_lane *lane, kn_item *item, const kn_error_row *row, const char *detail,
                    GError **err);
/* The original receipt again, byte for byte. */
void kn_answer_again(kn_lane *lane, kn_item *item, int dest, GBytes *key, const char *header,
                     GBytes *receipt);

/* --- lane.c */
kn_xml_limits kn_lane_limits(const kn_config *config);

/* --- settle.c, relay.c --------------------------------------------------------------------------- */
bool kn_settle(kn_lane *lane, GError **err);
/* One attempt at a batch, all or nothing.  force: this verdict, no handler is entered; KN_E_OK = none.
 * *todo is set where a statement failed. */
bool kn_settle_attempt(kn_lane *lane, kn_item *const *items, size_t n, kn_error force,
                       const char *detail, kn_store_todo *todo, GError **err);
bool kn_relay(kn_lane *lane, GError **err);

/* --- gauge.c: what the metrics are told ------------------------------------------------------------ */
void kn_gauge_settled(kn_lane *lane, const kn_item *item);
void kn_gauge_published(kn_lane *lane, kn_part *part);
void kn_gauge_dead(kn_lane *lane, const char *error);
void kn_gauge_state(kn_lane *lane, kn_lane_state state);
/* Lag of each partition; does nothing more than once a second. */
void kn_gauge_parts(kn_lane *lane);
/* A partition is owned no longer. */
void kn_gauge_gone(kn_lane *lane, const kn_part *part);

/* The lane will work with this set: its topics are known.  false: KN_E_BUS_WRONG, one is not
 * provisioned. */
bool kn_lane_enter_set(kn_lane *lane, kn_trust_set *set, GError **err);
/* The lane's cache of certificates for a set it works with. */
kn_trust *kn_lane_trust(kn_lane *lane, kn_trust_set *set);
/* Caches of sets that no partition goes by any more. */
void kn_lane_forget_sets(kn_lane *lane);

const char *kn_stage_name(kn_stage stage);
/* Adds CPU since *mark to a stage and moves the mark. */
void kn_lane_spent(kn_lane *lane, kn_stage stage, int64_t *mark);
/* The same for a stage of one message: one message in KN_SAMPLE is timed and stands for the others, since
 * reading the thread's clock is a system call. */
#define KN_SAMPLE 16
void kn_lane_sample(kn_lane *lane);
void kn_lane_sampled(kn_lane *lane, kn_stage stage, int64_t *mark);

#endif
