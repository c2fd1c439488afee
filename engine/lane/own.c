/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/own.h"

#include "base/hex.h"
#include "lane/action.h"
#include "lane/ring.h"
#include "lane/switch.h"

#include <kouan/handler.h>
#include <string.h>

static const kn_own_kind kinds[] = {
    { KN_SWITCH_TYPE, KN_OWN_TRUST, kn_switch_admit },
    { KN_ACTION_TYPE, KN_OWN_INTERNAL, kn_action_admit },
    { KN_RING_TYPE, KN_OWN_INTERNAL, kn_ring_admit },
    { .root = NULL },
};

const kn_own_kind *
kn_own_of(const xmlDoc *doc)
{
    const xmlNode *root = xmlDocGetRootElement(doc);

    if (!root || !root->ns || strcmp((const char *)root->ns->href, KN_OWN_NS) != 0)
        return NULL;
    for (const kn_own_kind *k = kinds; k->root; k++)
        if (strcmp((const char *)root->name, k->root) == 0)
            return k;
    return NULL;
}

/* --- reading ------------------------------------------------------------------------------------- */

/* The engine's own key that belongs to the certificate shown; the same row. */
static const kn_signer *
own_signer(const kn_engine *e, const kn_shape *shape)
{
    const kn_signer *signer = shape->alg > KN_ALG_NONE && shape->alg < KN_ALG_COUNT
                                  ? e->signers[shape->alg]
                                  : NULL;
    g_autofree uint8_t *der = NULL;
    size_t len = 0;

    if (!signer || !shape->cert)
        return NULL;
    der = g_base64_decode(signer->cert_b64, &len);
    return len == shape->cert_len && memcmp(der, shape->cert, len) == 0 ? signer : NULL;
}

static bool
prove(kn_lane *lane, kn_item *item, const kn_own_kind *kind, xmlDoc *doc, GError **err)
{
    kn_shape shape = { 0 };
    const kn_signer *signer = NULL;
    bool ok = kn_xml_shape(doc, &shape, err);

    if (ok) {
        signer = own_signer(lane->engine, &shape);
        ok = signer
             || kn_fail(err, KN_E_KEY_NOT_BOUND,
                        "%s: a message of the engine's own that it has not signed", kind->root);
    }
    if (ok && !kn_xml_verify(lane->xml, doc, &shape, signer->key, &item->sig, err)) {
        item->sig_failed = true;
        (void)g_strlcpy(item->sig_serial, signer->serial_hex, sizeof item->sig_serial);
        ok = false;
    }
    kn_shape_clear(&shape);
    return ok && kn_xml_validate(lane->xml, doc, lane->engine->own_schemas[kind->schema], err);
}

static const xmlNode *
child(const xmlNode *parent, const char *name)
{
    for (const xmlNode *n = parent ? parent->children : NULL; n; n = n->next)
        if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0)
            return n;
    return NULL;
}

const char *
kn_own_text(const xmlDoc *doc, const char *group, const char *name)
{
    const xmlNode *leaf = child(child(xmlDocGetRootElement(doc), group), name);

    return leaf && leaf->children && leaf->children->content ? (const char *)leaf->children->content
                                                             : "";
}

bool
kn_own_admit(kn_lane *lane, kn_item *item, const kn_own_kind *kind, xmlDoc *doc, GError **err)
{
    const char *sender;

    if (!prove(lane, item, kind, doc, err))
        return false;
    sender = kn_own_text(doc, "Head", "senderId");
    if (strcmp(sender, lane->engine->config->id) != 0)
        return kn_fail(err, KN_E_SENDER_MISMATCH, "Head/senderId is “%.16s”, signed by %s", sender,
                       lane->engine->config->id);
    item->own = kind;
    item->partner = NULL; /* whoever put it there: nobody is answered */
    return kind->admit(lane, item, doc, err);
}

/* --- writing ------------------------------------------------------------------------------------- */

void
kn_own_guid(const kn_engine *e, const char *root, const char *words, char guid[37])
{
    g_autoptr(kn_sm3) sm3 = kn_sm3_new(e->secret, sizeof e->secret);
    g_autofree char *text = g_strconcat(root, "\n", words, NULL);
    uint8_t mac[KN_SM3_BYTES];

    kn_sm3_keyed(sm3, text, strlen(text), mac);
    kn_hex_uuid(mac, guid);
}

void
kn_own_put_number(kn_writer *w, const char *name, int64_t value)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);

    kn_writer_text(w, KN_OWN_PREFIX, name, text);
}

void
kn_own_put_digest(kn_writer *w, const char *name, const uint8_t digest[KN_SM3_BYTES])
{
    char hex[2 * KN_SM3_BYTES + 1];

    kn_hex_encode(digest, KN_SM3_BYTES, hex);
    kn_writer_text(w, KN_OWN_PREFIX, name, hex);
}

void
kn_own_begin(kn_writer *w, const kn_engine *e, const char *root, const char *guid, int64_t now_ms)
{
    const kn_ns ns[] = { { KN_OWN_PREFIX, KN_OWN_NS }, { NULL, NULL } };
    char when[32];

    kn_time_text(now_ms, KN_TIME_WIRE, when);
    kn_writer_root_guid(w, KN_OWN_PREFIX, root, ns, guid, "1.0");
    kn_writer_start(w, KN_OWN_PREFIX, "Head", NULL);
    kn_writer_text(w, KN_OWN_PREFIX, "senderId", e->config->id);
    kn_writer_text(w, KN_OWN_PREFIX, "createTime", when);
    kn_writer_end(w);
}

bool
kn_own_finish(kn_writer *w, const kn_engine *e, const char *root, GString *out, GError **err)
{
    const kn_signer *signer = kn_engine_any_signer(e);
    g_autoptr(kn_canonical) doc = NULL;
    kn_xml *xml;
    bool ok;

    if (!signer)
        return kn_fail(err, KN_E_CONFIG, "[sign]: no key to sign %s with", root);
    if (!kn_writer_take(w, &doc, err))
        return false;
    xml = kn_xml_new(NULL, e->schemas);
    ok = kn_xml_sign_canonical(xml, signer, doc, out, NULL, err);
    kn_xml_free(xml);
    return ok;
}

bool
kn_own_write(const kn_engine *e, const char *root, const char *guid, int64_t now_ms,
             const char *group, const kn_own_field *fields, GString *out, GError **err)
{
    g_autoptr(kn_writer) writer = kn_writer_new();

    kn_own_begin(writer, e, root, guid, now_ms);
    kn_writer_start(writer, KN_OWN_PREFIX, group, NULL);
    for (const kn_own_field *f = fields; f->name; f++)
        kn_writer_text(writer, KN_OWN_PREFIX, f->name, f->value);
    kn_writer_end(writer);
    return kn_own_finish(writer, e, root, out, err);
}
