/* SPDX-License-Identifier: Apache-2.0 */
/* A Signature into bytes that stay as they are.  Without a template one is put in; then there always is one,
 * and its empty values are filled: with zeros first, so that the gate can read it, then with the digest of the
 * tree that the gate gave, then with the value over SignedInfo as the gate sees it. */
#include "xml/internal.h"
#include "xml/sign.h"
#include "xml/span.h"
#include "xml/verify.h"

#include <string.h>

#define EXC_URI "http://www.w3.org/2001/10/xml-exc-c14n#"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_shape, kn_shape_clear)

typedef struct job {
    kn_xml *xml;
    const kn_signer *signer;
    bool gb18030;
    GString *text; /* with a template */
    xmlDoc *doc;   /* of text, as it stands */
} job;

/* Places below the root, names of the signature's namespace. */
#define PATH(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* --- templates ------------------------------------------------------------------------------------- */

static xmlNode *
ds_child(const xmlNode *parent, const char *name)
{
    for (xmlNode *n = parent ? parent->children : NULL; n; n = n->next)
        if (n->type == XML_ELEMENT_NODE && n->ns && n->ns->href
            && strcmp((const char *)n->ns->href, KN_DS_NS) == 0
            && strcmp((const char *)n->name, name) == 0)
            return n;
    return NULL;
}

static xmlNode *
at(const xmlDoc *doc, const char *const *path)
{
    xmlNode *n = xmlDocGetRootElement(doc);

    for (; n && *path; path++)
        n = ds_child(n, *path);
    return n;
}

static bool
is_blank(const xmlNode *n)
{
    xmlChar *text = xmlNodeGetContent(n);
    bool blank = !text || strspn((const char *)text, " \t\r\n") == strlen((const char *)text);

    xmlFree(text);
    return blank;
}

static char *
attribute(const xmlNode *node, const char *name)
{
    xmlChar *value = node ? xmlGetNoNsProp(node, BAD_CAST name) : NULL;
    char *copy = g_strdup((const char *)value);

    xmlFree(value);
    return copy;
}

kn_alg
kn_xml_template_algorithm(const xmlDoc *doc)
{
    const xmlNode *info = doc ? at(doc, PATH("Signature", "SignedInfo")) : NULL;
    g_autofree char *method = attribute(ds_child(info, "SignatureMethod"), "Algorithm");
    g_autofree char *digest = attribute(ds_child(ds_child(info, "Reference"), "DigestMethod"),
                                        "Algorithm");

    return kn_alg_by_uris(method, digest);
}

kn_profile
kn_xml_template_profile(const xmlDoc *doc)
{
    const xmlNode *info = at(doc, PATH("Signature", "SignedInfo"));
    const xmlNode *reference = ds_child(info, "Reference");
    const xmlNode *transforms = ds_child(reference, "Transforms");
    g_autofree char *c14n = attribute(ds_child(info, "CanonicalizationMethod"), "Algorithm");
    g_autofree char *uri = attribute(reference, "URI");
    size_t n = 0;

    for (const xmlNode *t = transforms ? transforms->children : NULL; t; t = t->next)
        n += t->type == XML_ELEMENT_NODE;
    return n > 1 || g_strcmp0(c14n, EXC_URI) == 0 || (uri && *uri == '#') ? KN_PROFILE_W3C
                                                                          : KN_PROFILE_EPORT;
}

/* --- a template with everything in it -------------------------------------------------------------------- */

static bool
reopen(job *j, GError **err)
{
    g_clear_pointer(&j->doc, xmlFreeDoc);
    return kn_xml_open(j->xml, j->text->str, j->text->len, j->gb18030, &j->doc, err);
}

static bool
span_of(const job *j, const xmlNode *node, kn_span *out, GError **err)
{
    return kn_span_of(j->text, j->gb18030, node, out)
           || kn_fail(err, KN_E_ENGINE_ERROR, "%s is not found in the text", node->name);
}

/* The root's Id that the signature will refer to; the only other bytes that may be added. */
static bool
put_id(job *j, const char *id, GError **err)
{
    xmlNode *root = xmlDocGetRootElement(j->doc);
    g_autofree char *there = attribute(root, "Id");
    g_autoptr(GString) text = g_string_new(" Id=\"");
    kn_span span;

    if (there)
        return strcmp(there, id) == 0
               || kn_fail(err, KN_E_SIG_REF_URI, "the root's Id is another one already");
    if (!span_of(j, root, &span, err))
        return false;
    kn_c14n_escape_attr(text, id);
    g_string_append_c(text, '"');
    kn_span_attribute(j->text, &span, text->str);
    return reopen(j, err);
}

static bool
put_template(job *j, const kn_w3c_form *form, GError **err)
{
    static const kn_w3c_form eport = { 0 };
    g_autoptr(GString) signature = g_string_new(NULL);
    kn_span span;

    form = form ? form : &eport;
    if ((form->id && !put_id(j, form->id, err))
        || !span_of(j, xmlDocGetRootElement(j->doc), &span, err))
        return false;
    kn_xml_put_signature(signature, j->signer, form, "", "");
    kn_span_append(j->text, &span, signature->str);
    return reopen(j, err);
}

static bool
may_be_filled(const job *j, const xmlNode *signature, const kn_w3c_form *form, GError **err)
{
    const xmlNode *value = ds_child(signature, "SignatureValue");

    if (value && !is_blank(value))
        return kn_fail(err, KN_E_SIG_COUNT, "the document is signed already");
    if (form)
        return kn_fail(err, KN_E_SIG_C14N_REFUSED,
                       "the document has a template, and that says which form it takes");
    return kn_xml_template_algorithm(j->doc) == j->signer->alg
           || kn_fail(err, KN_E_SIG_ALG_REFUSED, "the template names other algorithms than %s",
                      kn_alg_row_of(j->signer->alg)->name);
}

/* A child that tools leave out, behind what its parent has. */
static bool
complete(job *j, const char *const *parent, const char *child, GError **err)
{
    const xmlNode *node = at(j->doc, parent);
    g_autofree char *name = NULL, *text = NULL;
    const char *colon = NULL;
    kn_span span;

    if (!node || ds_child(node, child))
        return true;
    if (!span_of(j, node, &span, err))
        return false;
    name = kn_span_name(j->text, &span);
    colon = strchr(name, ':');
    text = g_strdup_printf("<%.*s%s></%.*s%s>", colon ? (int)(colon + 1 - name) : 0, name, child,
                           colon ? (int)(colon + 1 - name) : 0, name, child);
    kn_span_append(j->text, &span, text);
    return reopen(j, err);
}

static bool
prepare(job *j, const kn_w3c_form *form, GError **err)
{
    const xmlNode *signature = NULL;

    if (!reopen(j, err))
        return false;
    signature = at(j->doc, PATH("Signature"));
    if (signature ? !may_be_filled(j, signature, form, err) : !put_template(j, form, err))
        return false;
    return complete(j, PATH("Signature"), "KeyInfo", err)
           && complete(j, PATH("Signature", "KeyInfo"), "X509Data", err)
           && complete(j, PATH("Signature", "KeyInfo", "X509Data"), "X509Certificate", err);
}

/* --- its values -------------------------------------------------------------------------------------------- */

/* A copy of the text with the four values in it; from the last to the first, so that offsets stay good. */
static bool
fill(const job *j, const char *digest, const char *value, GString *out, GError **err)
{
    const struct {
        const char *const *path;
        const char *text;
        bool always; /* otherwise only where the template leaves it empty */
    } slots[] = {
        { PATH("Signature", "KeyInfo", "X509Data", "X509Certificate"), j->signer->cert_b64, false },
        { PATH("Signature", "KeyInfo", "KeyName"), j->signer->serial_hex, false },
        { PATH("Signature", "SignatureValue"), value, true },
        { PATH("Signature", "SignedInfo", "Reference", "DigestValue"), digest, true },
    };

    g_string_append_len(out, j->text->str, (gssize)j->text->len);
    for (size_t i = 0; i < G_N_ELEMENTS(slots); i++) {
        const xmlNode *node = at(j->doc, slots[i].path);
        kn_span span;

        if (!node && slots[i].always)
            return kn_fail(err, KN_E_SIG_CHILD,
                           "the template has no DigestValue or SignatureValue");
        if (!node || (!slots[i].always && !is_blank(node)))
            continue;
        if (!span_of(j, node, &span, err))
            return false;
        kn_span_fill(out, &span, slots[i].text);
    }
    return true;
}

/* Reads what has been filled so far through the gate. */
static bool
through_gate(const job *j, const GString *text, xmlDoc **doc, kn_shape *shape, GError **err)
{
    return kn_xml_open(j->xml, text->str, text->len, j->gb18030, doc, err)
           && kn_xml_shape_as(kn_xml_template_profile(j->doc), *doc, shape, err);
}

static char *
zeros(size_t size)
{
    g_autofree uint8_t *nothing = g_malloc0(size);

    return g_base64_encode(nothing, size);
}

static size_t
value_size(const kn_signer *signer)
{
    return kn_alg_row_of(signer->alg)->raw_rs ? 64 : (size_t)EVP_PKEY_get_size(signer->key);
}

static bool
find_digest(const job *j, char digest[64], GError **err)
{
    g_autofree char *no_digest = zeros(kn_alg_row_of(j->signer->alg)->digest_len);
    g_autofree char *no_value = zeros(value_size(j->signer)), *cert = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(xmlDoc) doc = NULL;
    g_auto(kn_shape) shape = { 0 };

    if (!fill(j, no_digest, no_value, text, err) || !through_gate(j, text, &doc, &shape, err))
        return false;
    cert = g_base64_encode(shape.cert, shape.cert_len);
    if (strcmp(cert, j->signer->cert_b64) != 0)
        return kn_fail(err, KN_E_KEY_INFO, "the template holds another certificate");
    kn_xml_signature_detach(&shape);
    return kn_xml_digest_shaped(j->xml, doc, &shape, digest, err);
}

static bool
find_value(const job *j, const char *digest, char **out, GError **err)
{
    g_autofree char *no_value = zeros(value_size(j->signer));
    g_autoptr(GString) text = g_string_new(NULL), info = g_string_new(NULL);
    g_autoptr(xmlDoc) doc = NULL;
    g_auto(kn_shape) shape = { 0 };
    uint8_t value[KN_SIG_VALUE_MAX];
    size_t len = 0;

    if (!fill(j, digest, no_value, text, err) || !through_gate(j, text, &doc, &shape, err)
        || !kn_xml_canonical_signed_info(&shape, info, err)
        || !kn_crypto_sign(j->xml, j->signer->alg, j->signer->key, info->str, info->len, value,
                           &len, err))
        return false;
    *out = g_base64_encode(value, len);
    return true;
}

bool
kn_xml_check_signed(kn_xml *xml, const kn_signer *signer, const GString *bytes, bool gb18030,
                    GError **err)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_auto(kn_shape) shape = { 0 };
    bool ok = kn_xml_open(xml, bytes->str, bytes->len, gb18030, &doc, err)
              && kn_xml_shape_as(kn_xml_template_profile(doc), doc, &shape, err)
              && kn_xml_verify(xml, doc, &shape, signer->key, NULL, err);

    if (!ok)
        g_prefix_error(err, "what was signed does not verify, so it is not given out: ");
    return ok;
}

bool
kn_xml_sign_bytes(kn_xml *xml, const kn_signer *signer, const kn_w3c_form *form, const char *bytes,
                  size_t len, bool gb18030, GString *out, GError **err)
{
    job j = { xml, signer, gb18030, g_string_new_len(bytes, (gssize)len), NULL };
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *value = NULL;
    char digest[64];
    bool ok = prepare(&j, form, err) && find_digest(&j, digest, err)
              && find_value(&j, digest, &value, err) && fill(&j, digest, value, text, err)
              && kn_xml_check_signed(xml, signer, text, gb18030, err);

    if (ok)
        g_string_append_len(out, text->str, (gssize)text->len);
    (void)g_string_free(j.text, TRUE);
    xmlFreeDoc(j.doc);
    return ok;
}
