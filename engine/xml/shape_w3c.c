/* SPDX-License-Identifier: Apache-2.0 */
/* Profile w3c (XML_SECURITY §6): exclusive C14N with a PrefixList, an explicit second transform, the root
 * named by its Id.  Exclusive C14N leaves declarations unsigned that occur in values only, so whatever
 * could make a value name a prefix (xsi:type) is refused with it. */
#include "xml/internal.h"
#include "xml/shape_rules.h"

#include <string.h>

#define EXC_URI "http://www.w3.org/2001/10/xml-exc-c14n#"
#define XSI_URI "http://www.w3.org/2001/XMLSchema-instance"
#define PREFIXES_MAX 16
#define PREFIX_LEN_MAX 64
#define ID_LEN_MAX 64

/* --- S2: attributes that name a type ----------------------------------------------------------- */

static bool
xsi_harmless(const xmlAttr *attr)
{
    static const char *const allowed[] = { "nil", "schemaLocation", "noNamespaceSchemaLocation" };

    if (!attr->ns || strcmp((const char *)attr->ns->href, XSI_URI) != 0)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(allowed); i++)
        if (strcmp((const char *)attr->name, allowed[i]) == 0)
            return true;
    return false;
}

static bool
tree_w3c(const xmlNode *root, GError **err)
{
    for (const xmlNode *node = root; node; node = kn_shape_next(node, root)) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        for (const xmlAttr *attr = node->properties; attr; attr = attr->next)
            if (!xsi_harmless(attr))
                return kn_fail(err, KN_E_XSI_TYPE_REFUSED,
                               "S2: an attribute of the XSI namespace other than nil (line %ld)",
                               xmlGetLineNo(node));
    }
    return true;
}

/* --- a canonicalization: Algorithm, and for the exclusive one a PrefixList -------------------------- */

static const char *
only_attribute(const xmlNode *node, const char *name)
{
    const xmlAttr *attr = node->properties;

    if (!attr || attr->next || attr->ns || strcmp((const char *)attr->name, name) != 0)
        return NULL;
    if (!attr->children)
        return "";
    return !attr->children->next && attr->children->type == XML_TEXT_NODE
               ? (const char *)attr->children->content
               : NULL;
}

/* The element InclusiveNamespaces of an exclusive canonicalization; *ok false: some other content. */
static const xmlNode *
inclusive_of(const xmlNode *method, bool *ok)
{
    xmlNode *child[1];
    size_t n = 0;

    *ok = kn_shape_children(method, child, G_N_ELEMENTS(child), &n) && n <= 1;
    if (!*ok || n == 0)
        return NULL;
    *ok = child[0]->ns && strcmp((const char *)child[0]->ns->href, EXC_URI) == 0
          && strcmp((const char *)child[0]->name, "InclusiveNamespaces") == 0 && !child[0]->children
          && only_attribute(child[0], "PrefixList");
    return child[0];
}

static bool
method_w3c(const xmlNode *method)
{
    const char *algorithm = kn_shape_algorithm(method);
    bool ok = false;

    if (!algorithm)
        return false;
    if (strcmp(algorithm, EXC_URI) != 0)
        return kn_shape_leaf(method);
    (void)inclusive_of(method, &ok);
    return ok;
}

static bool
prefix_ok(const char *prefix)
{
    size_t len = strlen(prefix);

    if (len == 0 || len > PREFIX_LEN_MAX)
        return false;
    return strcmp(prefix, "#default") == 0 || xmlValidateNCName((const xmlChar *)prefix, 0) == 0;
}

/* Names separated by one space each: nothing that two readers could split in two ways.  NULL: wrong. */
static char **
prefixes_of(const char *list)
{
    g_auto(GStrv) names = g_strsplit(list, " ", PREFIXES_MAX + 1);
    size_t n = 0;

    for (; names[n]; n++)
        if (n == PREFIXES_MAX || !prefix_ok(names[n])
            || g_strv_contains((const char *const *)names + n + 1, names[n]))
            return NULL;
    return g_steal_pointer(&names);
}

/* method has passed method_w3c.  false: not one of the two, or a PrefixList beyond the limits. */
static bool
form_of(const xmlNode *method, kn_c14n_form *out)
{
    const char *algorithm = kn_shape_algorithm(method);
    const xmlNode *inclusive = NULL;
    bool ok = false;

    if (strcmp(algorithm, KN_C14N_URI) == 0)
        return true;
    if (strcmp(algorithm, EXC_URI) != 0)
        return false;
    out->exclusive = true;
    inclusive = inclusive_of(method, &ok);
    if (!inclusive)
        return ok;
    out->prefixes = prefixes_of(only_attribute(inclusive, "PrefixList"));
    return out->prefixes != NULL;
}

static bool
c14n_w3c(const xmlNode *method, kn_shape *out, GError **err)
{
    return form_of(method, &out->info_form)
           || kn_fail(err, KN_E_SIG_C14N_REFUSED,
                      "S6: only inclusive or exclusive C14N without comments, at most %d prefixes",
                      PREFIXES_MAX);
}

/* --- S7 ----------------------------------------------------------------------------------------- */

/* [A-Za-z_][A-Za-z0-9._-]{0,63}: nothing that could end the quotes xmlsec1 puts round it. */
static bool
id_ok(const char *id)
{
    size_t len = strlen(id);

    if (len == 0 || len > ID_LEN_MAX || (!g_ascii_isalpha(*id) && *id != '_'))
        return false;
    for (; *id; id++)
        if (!g_ascii_isalnum(*id) && !strchr("._-", *id))
            return false;
    return true;
}

static bool
has_value(const xmlAttr *attr, const char *value)
{
    const xmlNode *text = attr->children;

    return text && !text->next && text->content && strcmp((const char *)text->content, value) == 0;
}

static xmlAttr *
root_id(const xmlNode *root, const char *id)
{
    for (xmlAttr *attr = root->properties; attr; attr = attr->next)
        if (!attr->ns && strcmp((const char *)attr->name, "Id") == 0 && has_value(attr, id))
            return attr;
    return NULL;
}

/* Another attribute that somebody might take for an identifier with this value. */
static bool
id_elsewhere(const xmlNode *root, const xmlAttr *own, const char *id)
{
    for (const xmlNode *node = root; node; node = kn_shape_next(node, root)) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        for (const xmlAttr *attr = node->properties; attr; attr = attr->next)
            if (attr != own && g_ascii_strcasecmp((const char *)attr->name, "id") == 0
                && has_value(attr, id))
                return true;
    }
    return false;
}

static bool
uri_w3c(const xmlNode *reference, kn_shape *out, GError **err)
{
    const char *uri = kn_shape_uri(reference);

    if (!uri)
        return kn_fail(err, KN_E_SIG_REF_URI, "S7: Reference has other attributes than URI");
    if (!*uri)
        return true;
    if (*uri != '#' || !id_ok(uri + 1))
        return kn_fail(err, KN_E_SIG_REF_URI, "S7: Reference URI is neither empty nor a plain #id");
    out->id = root_id(out->root, uri + 1);
    if (!out->id)
        return kn_fail(err, KN_E_SIG_REF_URI, "S7: Reference URI is not the root's Id");
    if (id_elsewhere(out->root, out->id, uri + 1))
        return kn_fail(err, KN_E_ID_AMBIGUOUS, "S7: a second identifier has the root's Id");
    return true;
}

/* enveloped-signature, then at most one canonicalization. */
static bool
transforms_w3c(const xmlNode *transforms, kn_shape *out, GError **err)
{
    xmlNode *child[2];
    size_t n = 0;

    if (!kn_shape_children(transforms, child, G_N_ELEMENTS(child), &n) || n < 1 || n > 2
        || !kn_shape_is_ds(child[0], "Transform") || !kn_shape_leaf(child[0])
        || strcmp(kn_shape_algorithm(child[0]), KN_ENVELOPED_URI) != 0)
        return kn_fail(err, KN_E_SIG_TRANSFORM,
                       "S7: not enveloped-signature and at most one canonicalization");
    if (n == 2
        && (!kn_shape_is_ds(child[1], "Transform") || !method_w3c(child[1])
            || !form_of(child[1], &out->doc_form)))
        return kn_fail(err, KN_E_SIG_TRANSFORM,
                       "S7: the second transform is not inclusive or exclusive C14N without "
                       "comments with at most %d prefixes",
                       PREFIXES_MAX);
    return true;
}

static const kn_shape_rules w3c_rules = {
    .profile = KN_PROFILE_W3C,
    .rows = 1u << KN_ALG_SM2_SM3 | 1u << KN_ALG_RSA_SHA256 | 1u << KN_ALG_ECDSA_SHA256,
    .tree = tree_w3c,
    .method = method_w3c,
    .c14n = c14n_w3c,
    .uri = uri_w3c,
    .transforms = transforms_w3c,
};

bool
kn_xml_shape_w3c(xmlDoc *doc, kn_shape *out, GError **err)
{
    return kn_shape_by(&w3c_rules, true, doc, out, err);
}
