/* SPDX-License-Identifier: Apache-2.0 */
/* Seal: the heads of all partitions' chains in one document signed by the engine (docs/EVIDENCE.md).  It is
 * kept in the database and appended to the topic of evidence, where others can hold it against us.
 *
 * threads  one; store and producer are the caller's
 * errors   of store and bus; KN_E_CONFIG: no key in [sign]
 * source   schemas/xsd/evidence.xsd
 */
#ifndef KOUAN_LANE_SEAL_H
#define KOUAN_LANE_SEAL_H

#include "bus/producer.h"
#include "lane/engine.h"
#include "store/seal.h"

#define KN_SEAL_TYPE "ChainHeads"
#define KN_ENGINE_NS "urn:kouan:engine:1"

/* The signed document, appended to out. */
bool kn_seal_write(const kn_engine *engine, const kn_store_sealing *sealing, int64_t now_ms,
                   GString *out, GError **err);
/* Makes the next one and keeps it.  *number 0: nothing has moved since the last, or that is younger than
 * least_ms. */
bool kn_seal_make(const kn_engine *engine, kn_store *store, int64_t least_ms, int *number,
                  GError **err);
/* Appends what is not published yet, in order; one that comes twice after a death is the same bytes. */
bool kn_seal_publish(const kn_engine *engine, kn_store *store, kn_producer *producer, GError **err);

#endif
