/* SPDX-License-Identifier: Apache-2.0 */
/* Profile eport (XML_SECURITY §2): where its rules differ from others. */
#include "xml/internal.h"
#include "xml/shape_rules.h"

#include <string.h>

static bool
c14n_eport(const xmlNode *method, kn_shape *out, GError **err)
{
    (void)out;
    return strcmp(kn_shape_algorithm(method), KN_C14N_URI) == 0
           || kn_fail(err, KN_E_SIG_C14N_REFUSED, "S6: only inclusive C14N without comments");
}

static bool
uri_eport(const xmlNode *reference, kn_shape *out, GError **err)
{
    const char *uri = kn_shape_uri(reference);

    (void)out;
    if (!uri)
        return kn_fail(err, KN_E_SIG_REF_URI, "S7: Reference has other attributes than URI");
    return !*uri || kn_fail(err, KN_E_SIG_REF_URI, "S7: Reference URI is not empty");
}

static bool
transforms_eport(const xmlNode *transforms, kn_shape *out, GError **err)
{
    xmlNode *child[1];
    size_t n = 0;

    (void)out;
    if (!kn_shape_children(transforms, child, G_N_ELEMENTS(child), &n) || n != 1
        || !kn_shape_is_ds(child[0], "Transform") || !kn_shape_leaf(child[0])
        || strcmp(kn_shape_algorithm(child[0]), KN_ENVELOPED_URI) != 0)
        return kn_fail(err, KN_E_SIG_TRANSFORM,
                       "S7: not exactly the enveloped-signature transform");
    return true;
}

static const kn_shape_rules eport_rules = {
    .profile = KN_PROFILE_EPORT,
    .rows = ~0u,
    .method = kn_shape_leaf,
    .c14n = c14n_eport,
    .uri = uri_eport,
    .transforms = transforms_eport,
};

bool
kn_xml_shape(xmlDoc *doc, kn_shape *out, GError **err)
{
    return kn_shape_by(&eport_rules, true, doc, out, err);
}

bool
kn_xml_shape_of_form(xmlDoc *doc, kn_shape *out, GError **err)
{
    return kn_shape_by(&eport_rules, false, doc, out, err);
}

bool
kn_xml_shape_as(kn_profile profile, xmlDoc *doc, kn_shape *out, GError **err)
{
    return profile == KN_PROFILE_W3C ? kn_xml_shape_w3c(doc, out, err)
                                     : kn_xml_shape(doc, out, err);
}
