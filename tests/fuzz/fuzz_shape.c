/* SPDX-License-Identifier: Apache-2.0 */
/* Door: the signature of a message (rules S2..S9). */
#include "xml/shape.h"

#include "xml/open.h"

#include <assert.h>
#include <kouan/error.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
well_shaped(xmlDoc *doc, kn_shape *shape)
{
    xmlNode *root = xmlDocGetRootElement(doc);

    assert(kn_xml_has_signature(doc));
    assert(shape->root == root && shape->signature && shape->signed_info);
    assert(shape->signature->parent == root && shape->signed_info->parent == shape->signature);
    assert(shape->digest_len > 0 && shape->digest_len <= KN_DIGEST_MAX);
    assert(shape->value_len > 0 && shape->value_len <= KN_SIG_VALUE_MAX);
    assert((shape->cert && shape->cert_len > 0) || shape->key_name);
    kn_xml_signature_detach(shape);
    kn_xml_signature_detach(shape);
    for (const xmlNode *n = root->children; n; n = n->next)
        assert(n != shape->signature);
    kn_xml_signature_attach(shape);
    kn_xml_signature_attach(shape);
    assert(shape->signature->parent == root);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static kn_xml *xml;
    xmlDoc *doc = NULL;
    kn_shape shape = { 0 };
    g_autoptr(GError) err = NULL;

    if (!xml) {
        bool ready = kn_xml_setup(NULL);

        assert(ready);
        xml = kn_xml_new(NULL, NULL);
    }
    if (!kn_xml_open(xml, (const char *)data, len, false, &doc, NULL))
        return 0;
    bool ok = kn_xml_shape(doc, &shape, &err);

    assert(ok == (err == NULL) && ok == (shape.signature != NULL));
    if (ok)
        well_shaped(doc, &shape);
    else
        assert(kn_error_outcome(err) == KN_OUTCOME_REFUSE);
    kn_shape_clear(&shape);
    xmlFreeDoc(doc);
    return 0;
}
