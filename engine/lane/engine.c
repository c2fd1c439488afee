/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/engine.h"

#include "base/hex.h"
#include "lane/reload.h"
#include "registry/module.h"
#include "store/vault.h"
#include "trust/card.h"
#include "xml/open.h"
#include "xml/xmlsec.h"

#include <kouan/error.h>
#include <string.h>
#include <sys/stat.h>

static const char *const shell_schema_name = "dxp-terminal.xsd";
static const char *const receipt_schema_name = "receipt.xsd";
static const char *const own_schema_names[KN_OWN_SCHEMAS] = {
    [KN_OWN_TRUST] = "trust.xsd",
    [KN_OWN_INTERNAL] = "internal.xsd",
};

static void
conf_free(void *p)
{
    g_free(p);
}

void
kn_engine_free(kn_engine *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < KN_ALG_COUNT; i++)
        kn_signer_free(e->signers[i]);
    if (e->routes)
        g_hash_table_unref(e->routes);
    for (unsigned i = 0; e->handler_confs && i < e->handler_confs->len; i++)
        if (kn_handlers[i]->options)
            kn_options_clear(kn_handlers[i]->options, g_ptr_array_index(e->handler_confs, i));
    if (e->handler_confs)
        g_ptr_array_unref(e->handler_confs);
    kn_schemas_free(e->schemas);
    kn_trust_set_unref(e->set);
    kn_trust_book_free(e->book);
    kn_metrics_free(e->metrics);
    g_free(e->file);
    kn_config_free(e->config);
    g_free(e);
}

static void
set_bus(kn_engine *e)
{
    const kn_config *c = e->config;

    e->bus = (kn_bus_conf){
        .brokers = c->brokers,
        .group = c->group,
        .client_id = c->instance,
        .max_message_bytes = c->max_message_bytes,
        .queue_kbytes = c->queue_kbytes,
        .session_ms = c->session_ms,
        .transaction_ms = c->transaction_ms,
        .extra = c->extra,
    };
}

static bool
load_secret(kn_engine *e, GError **err)
{
    g_autofree char *path = kn_config_path(e->config, e->config->secret_file);
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;
    struct stat st;

    if (!g_file_get_contents(path, &text, NULL, &why))
        return kn_fail(err, KN_E_CONFIG, "[engine] secret_file: %s", why->message);
    if (stat(path, &st) == 0 && (st.st_mode & 077))
        return kn_fail(err, KN_E_CONFIG,
                       "[engine] secret_file: %s may be read by others (chmod 600)", path);
    if (!kn_hex_decode(g_strstrip(text), e->secret, KN_SECRET_BYTES))
        return kn_fail(err, KN_E_CONFIG, "[engine] secret_file: %s is not 64 hexadecimal digits",
                       path);
    return true;
}

static bool
load_signer(kn_engine *e, kn_alg alg, const char *key, const char *cert, GError **err)
{
    g_autofree char *key_path = NULL, *cert_path = NULL;

    if (!*key && !*cert)
        return true;
    key_path = kn_config_path(e->config, key);
    cert_path = kn_config_path(e->config, cert);
    if (kn_signer_load(alg, key_path, cert_path, &e->signers[alg], err))
        return true;
    g_prefix_error(err, "[sign] ");
    return false;
}

static bool
load_signers(kn_engine *e, GError **err)
{
    const kn_config *c = e->config;

    return load_signer(e, KN_ALG_ECDSA_SHA256, c->ecdsa_key, c->ecdsa_cert, err)
           && load_signer(e, KN_ALG_RSA_SHA256, c->rsa_key, c->rsa_cert, err)
           && load_signer(e, KN_ALG_SM2_SM3, c->sm2_key, c->sm2_cert, err)
           && load_signer(e, KN_ALG_RSA_SHA1, c->rsa_key, c->rsa_cert, err)
           && load_signer(e, KN_ALG_SM2_SM3_FIELD, c->sm2_key, c->sm2_cert, err);
}

/* The set against what is compiled in and configured. */
static bool
judge_set(const kn_engine *e, bool with_keys, GError **err)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);

    kn_reload_judge(e, e->set, with_keys, mistakes, NULL);
    if (mistakes->len == 0)
        return true;
    g_ptr_array_add(mistakes, NULL);
    g_autofree char *all = g_strjoinv("\n", (char **)mistakes->pdata);

    return kn_fail(err, KN_E_CONFIG, "%s", all);
}

/* Schemas of one handler; those of a module from its own folder, where it has one. */
static bool
load_handler_schemas(kn_engine *e, const kn_handler *h, const char *folder, GError **err)
{
    const kn_module *module = kn_module_of(h);
    const char *own = module ? module->schemas : NULL;
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (const kn_doctype *d = h->doctypes; d->root; d++) {
        if (own && kn_schemas_get(e->schemas, d->xsd))
            return kn_fail(err, KN_E_CONFIG, "%s: schema %s is there already: give it another name",
                           module->file, d->xsd);
        g_ptr_array_add(names, (char *)(uintptr_t)d->xsd);
    }
    g_ptr_array_add(names, NULL);
    return kn_schemas_add(e->schemas, own ? own : folder, (const char *const *)names->pdata, err);
}

static bool
load_schemas(kn_engine *e, GError **err)
{
    const char *const names[] = { shell_schema_name, receipt_schema_name,
                                  own_schema_names[KN_OWN_TRUST], own_schema_names[KN_OWN_INTERNAL],
                                  NULL };
    g_autofree char *folder = kn_config_path(e->config, e->config->schemas);

    if (!kn_schemas_load(folder, names, &e->schemas, err))
        return false;
    for (size_t h = 0; kn_handlers[h]; h++)
        if (!load_handler_schemas(e, kn_handlers[h], folder, err))
            return false;
    e->shell_schema = kn_schemas_get(e->schemas, shell_schema_name);
    for (size_t i = 0; i < KN_OWN_SCHEMAS; i++)
        e->own_schemas[i] = kn_schemas_get(e->schemas, own_schema_names[i]);
    return true;
}

bool
kn_engine_codes(const kn_config *config, kn_codes **out, GError **err)
{
    g_autofree char *folder = kn_config_path(config, config->codes);
    kn_codes *codes;

    if (!kn_codes_load(folder, &codes, err))
        return false;
    for (size_t h = 0; kn_handlers[h]; h++) {
        const kn_module *module = kn_module_of(kn_handlers[h]);

        if (module && module->codes && !kn_codes_add(codes, module->codes, err)) {
            kn_codes_free(codes);
            return false;
        }
    }
    *out = codes;
    return true;
}

void
kn_engine_set_verifier(const kn_engine *e, kn_xml *xml)
{
    kn_xml_set_verifier(xml, kn_xmlsec_verify, (kn_opinion)e->config->second_opinion, e->secret[0]);
}

static bool
load_handler(kn_engine *e, const kn_handler *h, GKeyFile *file, const char *file_name, GError **err)
{
    g_autofree char *group = g_strconcat("handler.", h->name, NULL);
    void *conf = g_malloc0(MAX(h->conf_size, 1));

    g_ptr_array_add(e->handler_confs, conf);
    if (h->options && !kn_options_load(h->options, file, file_name, group, conf, err))
        return false;
    if (h->check && !h->check(conf, e->set->codes, err)) {
        g_prefix_error(err, "%s: [%s]: ", file_name, group);
        return false;
    }
    for (const kn_doctype *d = h->doctypes; d->root; d++) {
        kn_route *r = g_new0(kn_route, 1);

        *r = (kn_route){ h, d, kn_schemas_get(e->schemas, d->xsd), conf };
        (void)g_hash_table_insert(e->routes, g_strconcat(d->ns, " ", d->root, NULL), r);
    }
    return true;
}

static bool
check_handler_groups(GKeyFile *file, const char *file_name, GError **err)
{
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

    for (size_t i = 0; groups[i]; i++)
        if (g_str_has_prefix(groups[i], "handler.") && !kn_handlers_by_name(groups[i] + 8))
            return kn_fail(err, KN_E_CONFIG,
                           "%s: [%s]: no such handler is compiled in; module = FILE loads one",
                           file_name, groups[i]);
    return true;
}

static bool
load_handlers(kn_engine *e, GKeyFile *file, const char *file_name, GError **err)
{
    if (!check_handler_groups(file, file_name, err) || !kn_handlers_check(e->set->codes, err))
        return false;
    for (size_t h = 0; kn_handlers[h]; h++)
        if (!load_handler(e, kn_handlers[h], file, file_name, err))
            return false;
    return true;
}

bool
kn_engine_vault(const kn_config *config, GError **err)
{
    g_autofree char *path = *config->key_file ? kn_config_path(config, config->key_file) : NULL;
    g_autoptr(GError) why = NULL;

    return kn_vault_init(path, &why)
           || kn_fail(err, KN_E_CONFIG, "[archive] key_file: %s", why->message);
}

static bool
load(kn_engine *e, const char *config_file, bool with_keys, GError **err)
{
    g_autoptr(GKeyFile) file = NULL;
    g_autoptr(GError) locked = NULL;

    if (!kn_xml_setup(err) || !kn_xmlsec_setup(err)
        || !kn_config_load(config_file, &e->config, &file, err))
        return false;
    set_bus(e);
    e->file = g_strdup(config_file);
    e->book = kn_trust_book_new(e->config);
    if (!kn_trust_set_load(e->config, file, config_file, &e->set, err) || !load_schemas(e, err)
        || !load_handlers(e, file, config_file, err))
        return false;
    if (!kn_engine_vault(e->config, &locked)
        && with_keys) { /* who only looks may still see the rest */
        g_propagate_error(err, g_steal_pointer(&locked));
        return false;
    }
    return (!with_keys || (load_secret(e, err) && load_signers(e, err)))
           && judge_set(e, with_keys, err);
}

bool
kn_engine_load(const char *config_file, bool with_keys, kn_engine **out, GError **err)
{
    g_autoptr(kn_engine) e = g_new0(kn_engine, 1);

    e->metrics = kn_metrics_new();
    e->routes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    e->handler_confs = g_ptr_array_new_with_free_func(conf_free);
    if (!load(e, config_file, with_keys, err))
        return false;
    *out = g_steal_pointer(&e);
    return true;
}

const kn_signer *
kn_engine_any_signer(const kn_engine *e)
{
    static const kn_alg order[] = { KN_ALG_ECDSA_SHA256, KN_ALG_SM2_SM3, KN_ALG_RSA_SHA256 };

    for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
        if (e->signers[order[i]])
            return e->signers[order[i]];
    return NULL;
}

const void *
kn_engine_conf(const kn_engine *e, const kn_handler *handler)
{
    for (size_t i = 0; i < e->handler_confs->len && kn_handlers[i]; i++)
        if (kn_handlers[i] == handler)
            return g_ptr_array_index(e->handler_confs, i);
    return NULL;
}

char *
kn_engine_internal_topic(const kn_engine *e)
{
    g_autofree char *name = g_strconcat(e->config->prefix, ".in.internal", NULL);

    return g_strv_contains((const char *const *)e->config->in_topics, name) ? g_steal_pointer(&name)
                                                                            : NULL;
}

const kn_route *
kn_engine_route(const kn_engine *e, const char *ns, const char *root)
{
    g_autofree char *name = g_strconcat(ns, " ", root, NULL);

    return g_hash_table_lookup(e->routes, name);
}

static void
add_topic(GArray *list, const char *name, int parts, bool append_time)
{
    kn_topic_spec spec = { name, parts, append_time };

    for (unsigned i = 0; i < list->len; i++)
        if (strcmp(g_array_index(list, kn_topic_spec, i).name, name) == 0)
            return;
    g_array_append_val(list, spec);
}

GArray *
kn_engine_topics(const kn_engine *e)
{
    const kn_config *c = e->config;
    GArray *list = g_array_new(FALSE, FALSE, sizeof(kn_topic_spec));

    for (size_t i = 0; c->in_topics[i]; i++)
        add_topic(list, c->in_topics[i], (int)c->partitions, true);
    add_topic(list, c->customs_topic, (int)c->partitions, false);
    add_topic(list, c->dead_topic, 1, false);
    add_topic(list, c->journal_topic, 1, false);
    add_topic(list, c->evidence_topic, 1, false);
    add_topic(list, c->alarm_topic, 1, false);
    for (size_t i = 0; i < kn_partners_count(e->set->partners); i++)
        add_topic(list, kn_trust_set_topic(e->set, kn_partners_at(e->set->partners, i)),
                  (int)c->partitions, false);
    return list;
}
