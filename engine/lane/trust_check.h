/* SPDX-License-Identifier: Apache-2.0 */
/* Trust check: a trust set against what is compiled in and configured: what no single file can know.
 * A start, a reload and `kouan config check` ask the same. */
#ifndef KOUAN_LANE_TRUST_CHECK_H
#define KOUAN_LANE_TRUST_CHECK_H

#include "lane/engine.h"

typedef struct kn_trust_world {
    const kn_config *config;
    const char *file;                  /* of the configuration, in messages */
    const kn_doctype *const *doctypes; /* every type that some handler knows; NULL-ended */
    const kn_schemas *schemas;         /* NULL: not looked at */
    bool keys[KN_ALG_COUNT];           /* the engine has such a signing key */
    bool with_keys;                    /* false: keys were not looked at */
} kn_trust_world;

/* The types of all handlers; g_free. */
const kn_doctype **kn_trust_doctypes(void);
/* The world of a loaded engine; doctypes are the caller's to free. */
kn_trust_world kn_trust_world_of(const kn_engine *engine, bool with_keys);

/* Each mistake is added to mistakes, "file: [group] key: what"; what is only strange to hints (may be
 * NULL).  set may have mistakes of its own: what could not be read is passed over. */
void kn_trust_check(const kn_trust_world *world, const kn_trust_set *set, GPtrArray *mistakes,
                    GPtrArray *hints);

#endif
