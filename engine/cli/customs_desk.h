/* SPDX-License-Identifier: Apache-2.0 */
/* The desk of the simulated customs: requests that came in, answers that are due.
 * threads  one */
#ifndef KOUAN_CLI_CUSTOMS_DESK_H
#define KOUAN_CLI_CUSTOMS_DESK_H

#include "bus/producer.h"
#include "cli/customs.h"
#include "cli/make.h"
#include "lane/engine.h"

typedef struct kn_desk kn_desk;

typedef struct kn_desk_figures {
    int64_t requests, repeats, refused, answers;
} kn_desk_figures;

/* All borrowed.  false: KN_E_CONFIG (no certificate of the engine), KN_E_IO. */
bool kn_desk_new(const kn_engine *engine, kn_make *make, const kn_customs_plan *plan, kn_desk **out,
                 GError **err);
void kn_desk_free(kn_desk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_desk, kn_desk_free)

/* Forgets what is open: the partitions are given anew. */
void kn_desk_reset(kn_desk *desk);
/* One record of the customs topic: signature checked, repeat dropped, or steps laid down. */
void kn_desk_take(kn_desk *desk, const kn_bus_record *record);
/* Something is due, or an offset may move: worth a transaction. */
bool kn_desk_ready(kn_desk *desk, int64_t now_ms);
/* Queues what is due at now_ms; *sent counts.  It stays on the desk until kn_desk_done. */
bool kn_desk_send(kn_desk *desk, kn_producer *producer, int64_t now_ms, unsigned *sent,
                  GError **err);
void kn_desk_done(kn_desk *desk);
/* Offsets below which all is answered, as changed since the last kn_desk_done; borrowed until then. */
const kn_bus_part *kn_desk_offsets(kn_desk *desk, size_t *n);
bool kn_desk_empty(const kn_desk *desk);
const kn_desk_figures *kn_desk_read(const kn_desk *desk);

#endif
