/* SPDX-License-Identifier: Apache-2.0 */
/* Engine: everything lanes share, loaded and checked once, read-only afterwards.
 * threads  made in main before lanes start; lanes only read
 * errors   KN_E_CONFIG, KN_E_TABLE, KN_E_IO: the start stops, the text names file and key
 */
#ifndef KOUAN_LANE_ENGINE_H
#define KOUAN_LANE_ENGINE_H

#include "base/alg.h"
#include "bus/conf.h"
#include "bus/topics.h"
#include "lane/config.h"
#include "lane/trust_book.h"
#include "ops/metric.h"
#include "xml/schema.h"
#include "xml/sign.h"

#include <kouan/registry.h>

#define KN_SECRET_BYTES 32

/* A document type with everything looked up once. */
typedef struct kn_route {
    const kn_handler *handler;
    const kn_doctype *doctype;
    const kn_schema *schema;
    const void *conf; /* handler's */
} kn_route;

/* Schemas of the engine's own messages (lane/own.h). */
typedef enum kn_own_schema {
    KN_OWN_TRUST,
    KN_OWN_INTERNAL,
    KN_OWN_SCHEMAS,
} kn_own_schema;

typedef struct kn_engine {
    kn_config *config;
    kn_bus_conf bus;
    char *file;          /* of the configuration */
    kn_trust_set *set;   /* what the files said at start; lanes go by the set of each partition */
    kn_trust_book *book; /* all sets in memory */
    kn_metrics *metrics; /* what this process counts */
    kn_schemas *schemas;
    const kn_schema *shell_schema;
    const kn_schema *own_schemas[KN_OWN_SCHEMAS]; /* of the engine's own messages */
    kn_signer *signers[KN_ALG_COUNT];             /* NULL where no key is configured */
    GHashTable *routes;                           /* "ns root" -> kn_route */
    GPtrArray *handler_confs;
    uint8_t secret[KN_SECRET_BYTES];
} kn_engine;

/* Code lists of the configuration and of the modules loaded; free with kn_codes_free. */
bool kn_engine_codes(const kn_config *config, kn_codes **out, GError **err);
/* This process opens and encrypts archived payloads with [archive] key_file from here on; once, before threads.
 * false: KN_E_CONFIG; payloads that need a key are refused with the same reason. */
bool kn_engine_vault(const kn_config *config, GError **err);
/* Loads all of it.  with_keys false: no private keys, no secret (tools that only look). */
bool kn_engine_load(const char *config_file, bool with_keys, kn_engine **out, GError **err);
void kn_engine_free(kn_engine *engine);

/* The options of a handler; NULL where it has none. */
const void *kn_engine_conf(const kn_engine *engine, const kn_handler *handler);
/* <prefix>.in.internal where [kafka] in_topics has it, else NULL; free with g_free. */
char *kn_engine_internal_topic(const kn_engine *engine);
const kn_route *kn_engine_route(const kn_engine *engine, const char *ns, const char *root);
/* Signs what the engine says on its own behalf: any key will do, whoever reads it has the same ones; NULL
 * where no key is configured. */
const kn_signer *kn_engine_any_signer(const kn_engine *engine);
/* Gives a lane's contexts the verifier of profile w3c and of second opinions. */
void kn_engine_set_verifier(const kn_engine *engine, kn_xml *xml);
/* Every topic kouan reads or writes: [in], customs, dead, journal, each partner's receipt topic.
 * GArray of kn_topic_spec, names borrowed from the configuration; free with g_array_unref. */
GArray *kn_engine_topics(const kn_engine *engine);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_engine, kn_engine_free)

#endif
