/* SPDX-License-Identifier: Apache-2.0 */
/* One realistic checkpoint message, signed: what a portal or an enterprise would publish. */
#ifndef KOUAN_BENCH_MESSAGE_H
#define KOUAN_BENCH_MESSAGE_H

#include "bench_party.h"
#include "xml/dxp.h"

#define KN_BENCH_BYTES 4500

typedef struct kn_bench_shape {
    size_t bytes; /* wanted size of the (inner) message; rows and remarks fill it up */
    bool shell;   /* card-signed inside a portal's DxpMsg */
    bool
        declare; /* CKDeclareMessage with a whole document (needs a card, so: shell), else CKStageMessage */
} kn_bench_shape;

/* xml and writer belong to the calling thread.  number fills ids that must differ.  digest_b64 (or NULL):
 * DigestValue of the business message. */
bool kn_bench_message(kn_xml *xml, kn_writer *writer, const kn_bench_parties *parties, size_t who,
                      const kn_bench_shape *shape, uint64_t number, const char *guid,
                      int64_t now_ms, GString *out, char digest_b64[64], GError **err);
/* Random, upper case, version 4. */
void kn_bench_guid(GRand *rand, char out[37]);

#endif
