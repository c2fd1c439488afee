/* SPDX-License-Identifier: Apache-2.0 */
/* Store: one lane's PostgreSQL connection and the few bulk statements of a batch.
 *
 * shape    read trip: BEGIN, position lock (the compare of the compare-and-set), inbox, records;
 *          write trip: inbox, history, record, message, position, COMMIT — one pipeline, one sync each
 * errors   every failure is classified once (SQLSTATE table, EXACTLY_ONCE §9.1): KN_E_STORE_DOWN,
 *          _STORE_BUSY, _STORE_RETRY, _DATA_ERROR, _STORE_WRONG, _POSITION_MOVED
 * threads  a store belongs to one lane; nothing here is shared
 * source   EXACTLY_ONCE §2-§4, §9.1, §10.1
 */
#ifndef KOUAN_STORE_STORE_H
#define KOUAN_STORE_STORE_H

#include <glib.h>
#include <kouan/record.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct kn_store kn_store;

/* conninfo: libpq text.  Session options (plan pins, time-outs, UTC) are set by us.  Checks the
 * schema version: KN_E_STORE_WRONG names `kouan migrate` when it does not fit. */
bool kn_store_open(const char *conninfo, kn_store **out, GError **err);
void kn_store_close(kn_store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_store, kn_store_close)
/* Drops the connection and opens it again (same checks).  An open transaction is gone. */
bool kn_store_reopen(kn_store *store, GError **err);

/* What to do about the last failure, finer than its error code (EXACTLY_ONCE §9.1). */
typedef enum kn_store_todo {
    KN_TODO_RECONNECT, /* connection dropped: kn_store_reopen, pause while it fails */
    KN_TODO_AGAIN,     /* whole batch again after 20-70 ms */
    KN_TODO_RACE,    /* whole batch again, three times, then singles: an id, a claim or a version */
    KN_TODO_HALVE,   /* statement time-out: half the batch; alone and still: pause */
    KN_TODO_PAUSE,   /* the server is out of something; never poison */
    KN_TODO_SINGLES, /* each message alone; the one that fails alone is quarantined */
    KN_TODO_STOP,    /* alarm; a person decides */
} kn_store_todo;

kn_store_todo kn_store_todo_of(const kn_store *store);
/* SQLSTATE of the last failure; "" when the connection was lost. Borrowed until the next call. */
const char *kn_store_sqlstate(const kn_store *store);

/* --- position ------------------------------------------------------------------------------- */

typedef struct kn_position {
    int topic; /* id in table topic */
    int part;
    int slot;
    int64_t next_off; /* P */
    int64_t epoch;
    int64_t relayed;     /* lower bound of K */
    int32_t relayed_day; /* days since 2000-01-01 (PostgreSQL date) */
    int64_t reapply_to;  /* -1 = null */
    int64_t clock_ms;    /* newest record time seen */
    int rules;
    int trust; /* trust set in force; 0 = none settled yet */
    int64_t seq;
    uint8_t chain[32];
    json_t *serial;   /* counters by name; owned */
    int64_t last_off; /* -1 = null */
    uint8_t last_hash[32];
    int64_t suspect; /* -1 = null */
    int tries;
    bool unclean; /* another owner was still set when taken: it died, or was fenced */
} kn_position;

void kn_position_clear(kn_position *position);

/* Topic id by name (table topic, filled by provisioning); -1 when unknown. Cached at open. */
int kn_store_topic(const kn_store *store, const char *name);
const char *kn_store_topic_name(const kn_store *store, int topic);
/* Reads them again: topics provisioned since. */
bool kn_store_load_topics(kn_store *store, GError **err);
/* Provisioning (`kouan provision`): makes topic and position rows that are missing, with explicit start
 * offsets and slots never given before; existing rows are left alone.
 * parts 0: the topic alone (one that is only written to). */
bool kn_store_provision(kn_store *store, const char *topic, int parts, int64_t start_off,
                        GError **err);

/* Bumps the epoch, notes the owner: from here the former owner's settle finds no row.
 * The same owner again has lived through whatever made it take again: what it had begun is one try less.
 * owner is therefore unlike that of any other process, also of one with the same number.
 * KN_E_STORE_WRONG when there is no row. Own transaction. */
bool kn_store_take(kn_store *store, int topic, int part, const char *owner, kn_position *out,
                   GError **err);
/* Clears owner where the epoch is still ours; best effort, tells a clean hand-over from a death. */
void kn_store_release(kn_store *store, int topic, int part, int64_t epoch);
/* suspect/tries of a message about to be run alone (§9.3); own transaction; returns tries. */
bool kn_store_suspect(kn_store *store, const kn_position *position, int64_t off, int *tries,
                      GError **err);

/* The message marked by kn_store_suspect failed without killing anybody: that try does not count.  Best
 * effort, where the epoch is still ours. */
void kn_store_calm(kn_store *store, const kn_position *position);

/* --- messages: archive and outbox ------------------------------------------------------------ */

/* One row of table message.  Incoming: idx 0. Outgoing: idx 1.. */
typedef struct kn_store_message {
    int32_t day;
    int topic, part;
    int64_t off;
    int idx;
    int dest;           /* topic id of the destination; -1 = null (incoming, or nothing to send) */
    GBytes *key;        /* may be NULL */
    char *header;       /* JSON text of the Kafka headers; may be NULL */
    GBytes *payload;    /* raw bytes (compression is the store's secret) */
    uint8_t digest[32]; /* SM3 of the raw payload */
    int64_t at_ms;
    const char *verdict; /* static text; NULL for outgoing */
    int rules;
    int trust;         /* incoming: trust set it was judged by; 0 = null */
    char *reads;       /* JSON text, or NULL */
    uint8_t chain[32]; /* incoming: head of the partition's chain behind it (chain.h) */
} kn_store_message;

void kn_store_message_clear(kn_store_message *message);

/* Outgoing rows (idx > 0) of [from, to) in (off, idx) order, at most limit rows but never a part of a
 * message's rows; appended to out (GPtrArray of kn_store_message*, freed by its own free function).
 * *more: call again from the next offset. */
bool kn_store_pending(kn_store *store, const kn_position *position, int64_t from, int64_t to,
                      int limit, GPtrArray *out, bool *more, GError **err);

/* --- a batch --------------------------------------------------------------------------------- */

typedef struct kn_store_id {
    const char *sender; /* partner id */
    const char *msgid;  /* guid */
} kn_store_id;

/* What the inbox knows of an id, with the original receipt (idx 1 of the same message). */
typedef struct kn_store_seen {
    char *sender, *msgid;
    GBytes *digest;
    int64_t off; /* of the original */
    int topic, part;
    int dest;
    GBytes *key;
    char *header;
    GBytes *receipt; /* NULL when the original had no receipt */
} kn_store_seen;

typedef struct kn_store_key {
    const char *kind;
    const char *key;
} kn_store_key;

/* A record as stored, with its last writer (foreign reads, EXACTLY_ONCE §7.2). */
typedef struct kn_store_record {
    kn_record *record;
    int topic, part;
    int64_t off;
} kn_store_record;

/* Read trip: BEGIN; locks and compares (topic, part, epoch, next_off) of all positions: fewer rows →
 * KN_E_POSITION_MOVED.  seen: GPtrArray to append kn_store_seen*; records: to append kn_store_record*
 * (both arrays have free functions set by kn_store_seen_array / kn_store_record_array).
 * Whatever fails, here and below, is rolled back: no transaction stays open. */
bool kn_store_begin(kn_store *store, const kn_position *const *positions, size_t n_positions,
                    const kn_store_id *ids, size_t n_ids, const kn_store_key *keys, size_t n_keys,
                    GPtrArray *seen, GPtrArray *records, GError **err);
/* Further records of the open transaction: same statement, one trip for the whole batch. */
bool kn_store_records(kn_store *store, const kn_store_key *keys, size_t n_keys, GPtrArray *records,
                      GError **err);
void kn_store_rollback(kn_store *store);

GPtrArray *kn_store_seen_array(void);
GPtrArray *kn_store_record_array(void);
GPtrArray *kn_store_message_array(void);

typedef struct kn_store_inbox {
    const char *sender, *msgid;
    const uint8_t *digest;
    size_t digest_len;
    int32_t day;
    int topic, part;
    int64_t off;
    bool moves; /* the row is there: from here on its receipt is this message's */
} kn_store_inbox;

typedef struct kn_store_history {
    int topic, part;
    int64_t seq, off;
    const char *kind, *key;
    int version;
    const char *state_from; /* NULL = new */
    const char *state_to, *event, *row, *actor;
    int64_t at_ms;
    uint8_t chain[32]; /* head behind its message */
} kn_store_history;

/* Last version of each record only (collapsed by the caller), any order: the store sorts.  Its line in
 * history must be in the same batch (KN_E_STORE_WRONG): that unique key is what stops a stale writer. */
typedef struct kn_store_write {
    const kn_record *record; /* version = new version */
    int topic, part;
    int64_t off;
    int64_t due_ms; /* timer (EXACTLY_ONCE §7.5); 0 = none */
} kn_store_write;

typedef struct kn_store_batch {
    GArray *inbox;        /* kn_store_inbox */
    GArray *history;      /* kn_store_history */
    GArray *records;      /* kn_store_write */
    GPtrArray *messages;  /* kn_store_message* , borrowed */
    GPtrArray *positions; /* kn_position* as they shall be afterwards (epoch unchanged) */
} kn_store_batch;

/* Write trip and COMMIT.  true only when every statement worked and COMMIT answered COMMIT.
 * KN_E_STORE_DOWN after COMMIT was sent means in doubt: *in_doubt is true, ask kn_store_doubt. */
bool kn_store_settle(kn_store *store, const kn_store_batch *batch, bool *in_doubt, GError **err);

typedef enum kn_doubt { KN_DOUBT_COMMITTED, KN_DOUBT_NOT, KN_DOUBT_FENCED } kn_doubt;
/* After kn_store_reopen: did the batch that ends at these positions commit?  before/after hold the
 * positions in the same order.  Disagreement of one batch's partitions: KN_E_BATCH_PARTIAL.
 * KN_E_STORE_RETRY: the former backend still holds the rows (at most 10 s); ask again. */
bool kn_store_doubt(kn_store *store, const kn_position *const *before,
                    const kn_position *const *after, size_t n, kn_doubt *out, GError **err);

/* Day partitions of message from day to day + ahead (days since 2000-01-01) exist afterwards. */
bool kn_store_days(kn_store *store, int32_t day, int ahead, GError **err);

#endif
