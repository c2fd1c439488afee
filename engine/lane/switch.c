/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/switch.h"

#include "base/fault.h"
#include "base/hex.h"
#include "lane/lane_priv.h"

#include <kouan/handler.h>
#include <string.h>

#define NS "urn:kouan:engine:1"
#define P "ke"

bool
kn_switch_is(const xmlDoc *doc)
{
    const xmlNode *root = xmlDocGetRootElement(doc);

    return root && root->ns && strcmp((const char *)root->ns->href, NS) == 0
           && strcmp((const char *)root->name, KN_SWITCH_TYPE) == 0;
}

/* --- writing ------------------------------------------------------------------------------------- */

static void
derive_guid(const kn_engine *e, int version, const uint8_t digest[KN_SM3_BYTES], char guid[37])
{
    g_autoptr(kn_sm3) sm3 = kn_sm3_new(e->secret, sizeof e->secret);
    g_autoptr(GByteArray) text = g_byte_array_new();
    g_autofree char *head = g_strdup_printf("%s\n%d\n", KN_SWITCH_TYPE, version);
    uint8_t mac[KN_SM3_BYTES];

    (void)g_byte_array_append(text, (const uint8_t *)head, (unsigned)strlen(head));
    (void)g_byte_array_append(text, digest, KN_SM3_BYTES);
    kn_sm3_keyed(sm3, text->data, text->len, mac);
    kn_hex_uuid(mac, guid);
}

bool
kn_switch_write(const kn_engine *e, int version, const uint8_t digest[KN_SM3_BYTES], int64_t now_ms,
                char guid[37], GString *out, GError **err)
{
    const kn_signer *signer = kn_engine_any_signer(e);
    g_autoptr(kn_writer) writer = kn_writer_new();
    g_autoptr(kn_canonical) doc = NULL;
    g_autofree char *number = g_strdup_printf("%d", version);
    const kn_ns ns[] = { { P, NS }, { NULL, NULL } };
    char when[32], hex[2 * KN_SM3_BYTES + 1];
    kn_xml *xml;
    bool ok;

    if (!signer)
        return kn_fail(err, KN_E_CONFIG, "[sign]: no key to sign a switch of trust sets with");
    derive_guid(e, version, digest, guid);
    kn_time_text(now_ms, KN_TIME_WIRE, when);
    kn_hex_encode(digest, KN_SM3_BYTES, hex);
    kn_writer_root_guid(writer, P, KN_SWITCH_TYPE, ns, guid, "1.0");
    kn_writer_start(writer, P, "Head", NULL);
    kn_writer_text(writer, P, "senderId", e->config->id);
    kn_writer_text(writer, P, "createTime", when);
    kn_writer_end(writer);
    kn_writer_start(writer, P, "Switch", NULL);
    kn_writer_text(writer, P, "version", number);
    kn_writer_text(writer, P, "digest", hex);
    kn_writer_end(writer);
    if (!kn_writer_take(writer, &doc, err))
        return false;
    xml = kn_xml_new(NULL, e->schemas);
    ok = kn_xml_sign_canonical(xml, signer, doc, out, NULL, err);
    kn_xml_free(xml);
    return ok;
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
prove(kn_lane *lane, kn_item *item, xmlDoc *doc, GError **err)
{
    kn_shape shape = { 0 };
    const kn_signer *signer = NULL;
    bool ok = kn_xml_shape(doc, &shape, err);

    if (ok) {
        signer = own_signer(lane->engine, &shape);
        ok = signer
             || kn_fail(err, KN_E_KEY_NOT_BOUND,
                        "a switch of trust sets that the engine has not signed");
    }
    if (ok && !kn_xml_verify(lane->xml, doc, &shape, signer->key, &item->sig, err)) {
        item->sig_failed = true;
        (void)g_strlcpy(item->sig_serial, signer->serial_hex, sizeof item->sig_serial);
        ok = false;
    }
    kn_shape_clear(&shape);
    return ok && kn_xml_validate(lane->xml, doc, lane->engine->trust_schema, err);
}

static const xmlNode *
child(const xmlNode *parent, const char *name)
{
    for (const xmlNode *n = parent ? parent->children : NULL; n; n = n->next)
        if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0)
            return n;
    return NULL;
}

/* The schema has seen to it that there is one text node. */
static const char *
text_of(const xmlDoc *doc, const char *group, const char *name)
{
    const xmlNode *leaf = child(child(xmlDocGetRootElement(doc), group), name);

    return leaf && leaf->children && leaf->children->content ? (const char *)leaf->children->content
                                                             : "";
}

/* A number that is not above the one in force came again, or late: nothing to do.  Otherwise what it
 * names must be had, whole, before anything behind it is judged. */
static bool
find_set(kn_lane *lane, kn_item *item, const xmlDoc *doc, GError **err)
{
    uint8_t digest[KN_SM3_BYTES];
    int version = (int)g_ascii_strtoll(text_of(doc, "Switch", "version"), NULL, 10);

    if (!kn_hex_decode(text_of(doc, "Switch", "digest"), digest, sizeof digest))
        return kn_fail(err, KN_E_XSD_INVALID, "Switch/digest is not %d hexadecimal digits",
                       2 * KN_SM3_BYTES);
    if (version <= item->set->version)
        return true;
    (void)kn_fault("switch.read");
    return kn_trust_book_get(lane->engine->book, lane->store, version, digest, &item->to, err)
           && kn_lane_enter_set(lane, item->to, err);
}

bool
kn_switch_admit(kn_lane *lane, kn_item *item, xmlDoc *doc, GError **err)
{
    const char *sender;

    if (!prove(lane, item, doc, err))
        return false;
    sender = text_of(doc, "Head", "senderId");
    if (strcmp(sender, lane->engine->config->id) != 0)
        return kn_fail(err, KN_E_SENDER_MISMATCH, "Head/senderId is “%.16s”, signed by %s", sender,
                       lane->engine->config->id);
    item->is_switch = true;
    item->partner = NULL; /* whoever put it there: nobody is answered */
    return find_set(lane, item, doc, err);
}
