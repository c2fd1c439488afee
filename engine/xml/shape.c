/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/shape.h"

#include "xml/internal.h"
#include "xml/shape_rules.h"

#include <assert.h>
#include <string.h>

#define KEY_NAME_MAX 128

void
kn_shape_clear(kn_shape *shape)
{
    g_free(shape->cert);
    g_free(shape->key_name);
    g_strfreev(shape->info_form.prefixes);
    g_strfreev(shape->doc_form.prefixes);
    *shape = (kn_shape){ 0 };
}

static bool
is_ds_ns(const xmlNs *ns)
{
    return ns && ns->href && strcmp((const char *)ns->href, KN_DS_NS) == 0;
}

bool
kn_shape_is_ds(const xmlNode *node, const char *local)
{
    return node && node->type == XML_ELEMENT_NODE && is_ds_ns(node->ns)
           && strcmp((const char *)node->name, local) == 0;
}

static bool
only_blank(const xmlNode *text)
{
    return text->type == XML_TEXT_NODE
           && (!text->content
               || strspn((const char *)text->content, " \t\r\n")
                      == strlen((const char *)text->content));
}

const xmlNode *
kn_shape_next(const xmlNode *node, const xmlNode *top)
{
    if (node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node != top && !node->next)
        node = node->parent;
    return node == top ? NULL : node->next;
}

/* --- S2, S3: one walk over the whole tree ------------------------------------------------------ */

typedef struct census {
    const xmlNode *signature; /* the first one */
    size_t signatures;
    bool stray;  /* a ds element outside the first Signature */
    bool xml_id; /* somewhere */
} census;

static bool
has_xml_id(const xmlNode *node)
{
    for (const xmlAttr *attr = node->properties; attr; attr = attr->next)
        if (attr->ns && strcmp((const char *)attr->name, "id") == 0
            && strcmp((const char *)attr->ns->href, (const char *)XML_XML_NAMESPACE) == 0)
            return true;
    return false;
}

static bool
below(const xmlNode *node, const xmlNode *top)
{
    while (node && node != top)
        node = node->parent;
    return node != NULL;
}

static void
take_census(const xmlNode *root, census *out)
{
    const xmlNs *last = NULL;
    bool last_is_ds = false;

    *out = (census){ 0 };
    for (const xmlNode *node = root; node; node = kn_shape_next(node, root)) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (node->properties && has_xml_id(node))
            out->xml_id = true;
        if (node->ns != last) {
            last = node->ns;
            last_is_ds = is_ds_ns(last);
        }
        if (!last_is_ds)
            continue;
        if (strcmp((const char *)node->name, "Signature") == 0 && ++out->signatures == 1)
            out->signature = node;
        else if (!out->signature || !below(node, out->signature))
            out->stray = true;
    }
}

bool
kn_xml_has_signature(const xmlDoc *doc)
{
    const xmlNode *root = xmlDocGetRootElement(doc);
    census seen;

    if (!root)
        return false;
    take_census(root, &seen);
    return seen.signatures > 0 || seen.stray;
}

static bool
root_ok(const xmlNode *root, const census *seen, GError **err)
{
    for (const xmlAttr *attr = root->properties; attr; attr = attr->next)
        if (attr->ns && strcmp((const char *)attr->ns->href, (const char *)XML_XML_NAMESPACE) == 0)
            return kn_fail(err, KN_E_ROOT_XML_ATTR, "S2: xml:%.64s on the root", attr->name);
    if (seen->xml_id)
        return kn_fail(err, KN_E_ROOT_XML_ATTR, "S2: xml:id in the document");
    return true;
}

/* --- S4 --------------------------------------------------------------------------------------- */

static bool
place_ok(const xmlNode *root, const xmlNode *signature, GError **err)
{
    if (signature->parent != root)
        return kn_fail(err, KN_E_SIG_PLACE, "S4: Signature is not a child of the root");
    for (const xmlNode *node = signature->next; node; node = node->next)
        if (!only_blank(node))
            return kn_fail(err, KN_E_SIG_PLACE, "S4: something follows the Signature");
    return true;
}

/* --- S5: children by name and order ------------------------------------------------------------ */

bool
kn_shape_children(const xmlNode *parent, xmlNode **out, size_t max, size_t *n_out)
{
    size_t n = 0;

    assert(parent);
    for (xmlNode *node = parent->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            if (n < max)
                out[n] = node;
            n++;
        } else if (!only_blank(node)) {
            return false;
        }
    }
    *n_out = n;
    return true;
}

const char *
kn_shape_algorithm(const xmlNode *node)
{
    const xmlAttr *attr = NULL;

    assert(node);
    attr = node->properties;
    if (!attr || attr->next || attr->ns || strcmp((const char *)attr->name, "Algorithm") != 0)
        return NULL;
    if (!attr->children || attr->children->next || attr->children->type != XML_TEXT_NODE)
        return NULL;
    return (const char *)attr->children->content;
}

bool
kn_shape_leaf(const xmlNode *node)
{
    return kn_shape_algorithm(node) && !node->children;
}

typedef struct parts {
    xmlNode *info, *value, *key_info;
    xmlNode *c14n, *method;
    xmlNode *reference; /* the first */
    size_t references;
    xmlNode *transforms, *digest_method, *digest_value;
} parts;

static bool
signature_ok(const xmlNode *signature, parts *out, GError **err)
{
    xmlNode *child[3];
    size_t n = 0;
    const xmlAttr *attr;

    assert(signature);
    attr = signature->properties;
    if (attr && (attr->next || attr->ns || strcmp((const char *)attr->name, "Id") != 0))
        return kn_fail(err, KN_E_SIG_CHILD, "S5: attribute %.64s on Signature", attr->name);
    if (!kn_shape_children(signature, child, G_N_ELEMENTS(child), &n))
        return kn_fail(err, KN_E_SIG_CHILD, "S5: text inside Signature");
    if (n < 2 || n > 3 || !kn_shape_is_ds(child[0], "SignedInfo")
        || !kn_shape_is_ds(child[1], "SignatureValue")
        || (n == 3 && !kn_shape_is_ds(child[2], "KeyInfo")))
        return kn_fail(err, KN_E_SIG_CHILD,
                       "S5: Signature holds other than SignedInfo, SignatureValue, KeyInfo");
    out->info = child[0];
    out->value = child[1];
    out->key_info = n == 3 ? child[2] : NULL;
    if (out->info->properties || out->value->properties
        || (out->key_info && out->key_info->properties))
        return kn_fail(err, KN_E_SIG_CHILD, "S5: attribute on a child of Signature");
    return true;
}

static bool
signed_info_ok(const kn_shape_rules *rules, parts *out, GError **err)
{
    xmlNode *child[3];
    size_t n = 0, references = 0;

    if (!kn_shape_children(out->info, child, G_N_ELEMENTS(child), &n))
        return kn_fail(err, KN_E_SIG_CHILD, "S5: text inside SignedInfo");
    if (n < 2 || !kn_shape_is_ds(child[0], "CanonicalizationMethod")
        || !kn_shape_is_ds(child[1], "SignatureMethod"))
        return kn_fail(err, KN_E_SIG_CHILD, "S5: SignedInfo begins with other methods");
    for (const xmlNode *node = child[1]->next; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (!kn_shape_is_ds(node, "Reference"))
            return kn_fail(err, KN_E_SIG_CHILD, "S5: SignedInfo holds other than References");
        references++;
    }
    if (!rules->method(child[0]) || !kn_shape_leaf(child[1]))
        return kn_fail(err, KN_E_SIG_CHILD, "S5: a method needs Algorithm and nothing else");
    out->c14n = child[0];
    out->method = child[1];
    out->reference = references > 0 ? child[2] : NULL;
    out->references = references;
    return true;
}

static bool
reference_ok(parts *out, GError **err)
{
    xmlNode *child[3];
    size_t n = 0;

    if (!kn_shape_children(out->reference, child, G_N_ELEMENTS(child), &n))
        return kn_fail(err, KN_E_SIG_CHILD, "S5: text inside Reference");
    if (n == 2 && kn_shape_is_ds(child[0], "DigestMethod")
        && kn_shape_is_ds(child[1], "DigestValue"))
        return kn_fail(err, KN_E_SIG_TRANSFORM, "S7: no Transforms");
    if (n != 3 || !kn_shape_is_ds(child[0], "Transforms")
        || !kn_shape_is_ds(child[1], "DigestMethod") || !kn_shape_is_ds(child[2], "DigestValue"))
        return kn_fail(err, KN_E_SIG_CHILD,
                       "S5: Reference holds other than Transforms, DigestMethod, DigestValue");
    if (!kn_shape_leaf(child[1]))
        return kn_fail(err, KN_E_SIG_CHILD, "S5: DigestMethod needs Algorithm and nothing else");
    if (child[0]->properties || child[2]->properties)
        return kn_fail(err, KN_E_SIG_CHILD, "S5: attribute on Transforms or DigestValue");
    out->transforms = child[0];
    out->digest_method = child[1];
    out->digest_value = child[2];
    return true;
}

/* --- S6, S7 ----------------------------------------------------------------------------------- */

static bool
algorithms_ok(const kn_shape_rules *rules, const parts *p, kn_shape *out, GError **err)
{
    kn_alg alg = KN_ALG_NONE;

    if (!rules->c14n(p->c14n, out, err))
        return false;
    if (!p->reference)
        return true; /* S7 judges the count */
    alg = kn_alg_by_uris(kn_shape_algorithm(p->method), kn_shape_algorithm(p->digest_method));
    if (alg == KN_ALG_NONE || !(rules->rows & 1u << alg))
        return kn_fail(err, KN_E_SIG_ALG_REFUSED,
                       "S6: no algorithm row has this pair of SignatureMethod and DigestMethod");
    out->alg = alg;
    return true;
}

const char *
kn_shape_uri(const xmlNode *reference)
{
    const xmlAttr *attr = NULL;

    assert(reference);
    attr = reference->properties;
    if (!attr || attr->next || attr->ns || strcmp((const char *)attr->name, "URI") != 0)
        return NULL;
    return attr->children && attr->children->content ? (const char *)attr->children->content : "";
}

/* --- S8, S9 ----------------------------------------------------------------------------------- */

/* form false: nothing is asked and nothing stored. */
static bool
values_ok(const parts *p, bool form, kn_shape *out, GError **err)
{
    const kn_alg_row *row = kn_alg_row_of(out->alg);
    const char *digest = kn_only_text(p->digest_value);
    const char *value = kn_only_text(p->value);

    if (!form)
        return true;
    if (!digest || !kn_base64_decode(digest, out->digest, sizeof(out->digest), &out->digest_len)
        || out->digest_len != row->digest_len)
        return kn_fail(err, KN_E_SIG_VALUE_FORM, "S8: DigestValue is not base64 of %zu bytes",
                       row->digest_len);
    if (!value || !kn_base64_decode(value, out->value, sizeof(out->value), &out->value_len)
        || out->value_len == 0)
        return kn_fail(err, KN_E_SIG_VALUE_FORM, "S8: SignatureValue is not base64");
    if (row->raw_rs && out->value_len != 64)
        return kn_fail(err, KN_E_SIG_VALUE_FORM,
                       "S8: SignatureValue has %zu bytes; %s needs 64: r, then s, not DER",
                       out->value_len, row->name);
    return true;
}

static bool
certificate_ok(const xmlNode *data, kn_shape *out, GError **err)
{
    xmlNode *child[1];
    const char *text = NULL;
    size_t n = 0, len = 0;

    if (data->properties || !kn_shape_children(data, child, G_N_ELEMENTS(child), &n) || n != 1
        || !kn_shape_is_ds(child[0], "X509Certificate") || child[0]->properties)
        return kn_fail(err, KN_E_KEY_INFO, "S9: X509Data is not exactly one X509Certificate");
    text = kn_only_text(child[0]);
    len = text ? strlen(text) : 0;
    if (len == 0 || len > KN_CERT_TEXT_MAX)
        return kn_fail(err, KN_E_KEY_INFO, "S9: X509Certificate has %zu characters, limit %d", len,
                       KN_CERT_TEXT_MAX);
    out->cert = g_malloc(len);
    if (!kn_base64_decode(text, out->cert, len, &out->cert_len) || out->cert_len == 0)
        return kn_fail(err, KN_E_KEY_CERT_BAD, "K1: X509Certificate is not base64");
    return true;
}

static bool
key_info_ok(const parts *p, kn_shape *out, GError **err)
{
    bool seen_data = false;
    size_t names = 0;

    if (!p->key_info)
        return kn_fail(err, KN_E_KEY_MISSING, "S9: no KeyInfo");
    for (const xmlNode *node = p->key_info->children; node; node = node->next) {
        if (node->type == XML_TEXT_NODE && only_blank(node))
            continue;
        if (seen_data || (!kn_shape_is_ds(node, "KeyName") && !kn_shape_is_ds(node, "X509Data")))
            return kn_fail(err, KN_E_KEY_INFO, "S9: KeyInfo holds other than KeyName, X509Data");
        if (kn_shape_is_ds(node, "X509Data")) {
            if (!certificate_ok(node, out, err))
                return false;
            seen_data = true;
            continue;
        }
        if (node->properties)
            return kn_fail(err, KN_E_SIG_CHILD, "S5: attribute on KeyName");
        if (!kn_only_text(node))
            return kn_fail(err, KN_E_KEY_INFO, "S9: KeyName is not plain text");
        if (++names == 1)
            out->key_name = g_strstrip(g_strndup(kn_only_text(node), KEY_NAME_MAX));
    }
    if (!seen_data && names == 0)
        return kn_fail(err, KN_E_KEY_MISSING, "S9: KeyInfo is empty");
    if (out->key_name && !g_utf8_validate(out->key_name, -1, NULL))
        g_clear_pointer(&out->key_name, g_free); /* cut inside a character: no serial anyway */
    return true;
}

/* --- all of it, by the rules of one profile ---------------------------------------------------- */

/* S2..S4: the tree around the Signature. */
static bool
tree_ok(const kn_shape_rules *rules, const xmlNode *root, const xmlNode **signature, GError **err)
{
    census seen;

    take_census(root, &seen);
    if (!root_ok(root, &seen, err) || (rules->tree && !rules->tree(root, err)))
        return false;
    if (seen.signatures == 0)
        return kn_fail(err, KN_E_SIG_MISSING, "S3: no Signature");
    if (seen.signatures > 1 || seen.stray)
        return kn_fail(err, KN_E_SIG_COUNT, "S3: %s",
                       seen.stray ? "ds element outside the Signature" : "more than one Signature");
    *signature = seen.signature;
    return place_ok(root, seen.signature, err);
}

/* S5..S9. */
static bool
signature_by(const kn_shape_rules *rules, bool form, const xmlNode *signature, kn_shape *out,
             GError **err)
{
    parts p = { 0 };

    if (!signature_ok(signature, &p, err) || !signed_info_ok(rules, &p, err))
        return false;
    out->signature = p.info->parent;
    out->signed_info = p.info;
    out->after = out->signature->next;
    if (p.references != 1) /* more are not looked into */
        p.reference = NULL;
    if ((p.reference && !reference_ok(&p, err)) || !algorithms_ok(rules, &p, out, err))
        return false;
    if (!p.reference)
        return kn_fail(err, KN_E_SIG_REF_COUNT, "S7: %zu References", p.references);
    return rules->uri(p.reference, out, err) && rules->transforms(p.transforms, out, err)
           && values_ok(&p, form, out, err) && key_info_ok(&p, out, err);
}

bool
kn_shape_by(const kn_shape_rules *rules, bool form, xmlDoc *doc, kn_shape *out, GError **err)
{
    kn_shape shape = { .root = xmlDocGetRootElement(doc), .profile = rules->profile };
    const xmlNode *signature = NULL;

    if (!shape.root)
        return kn_fail(err, KN_E_MSG_UNKNOWN_ROOT, "no root element");
    if (!tree_ok(rules, shape.root, &signature, err)
        || !signature_by(rules, form, signature, &shape, err)) {
        kn_shape_clear(&shape);
        return false;
    }
    *out = shape;
    return true;
}

void
kn_xml_signature_detach(kn_shape *shape)
{
    if (shape->detached)
        return;
    xmlUnlinkNode(shape->signature);
    /* At document level it stays owned by the document; the root is the first element there. */
    xmlAddNextSibling(shape->root, shape->signature);
    shape->detached = true;
}

void
kn_xml_signature_attach(kn_shape *shape)
{
    if (!shape->detached)
        return;
    xmlUnlinkNode(shape->signature);
    if (shape->after)
        xmlAddPrevSibling(shape->after, shape->signature);
    else
        xmlAddChild(shape->root, shape->signature);
    shape->detached = false;
}
