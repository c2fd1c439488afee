/* SPDX-License-Identifier: Apache-2.0 */
/* Door: bytes of a message (rules X1..X6).  Either a tree or an error, and a tree holds elements,
 * attributes and text only. */
#include "xml/open.h"

#include <assert.h>
#include <kouan/error.h>
#include <libxml/tree.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
look_at(const xmlNode *first, size_t depth)
{
    assert(depth <= kn_xml_limits_default.max_depth);
    for (const xmlNode *n = first; n; n = n->next) {
        assert(n->type == XML_ELEMENT_NODE || n->type == XML_TEXT_NODE);
        assert(n->type != XML_TEXT_NODE || !n->next || n->next->type != XML_TEXT_NODE);
        if (n->type == XML_ELEMENT_NODE)
            look_at(n->children, depth + 1);
    }
}

static void
try_open(kn_xml *xml, const uint8_t *data, size_t len, bool gb18030)
{
    xmlDoc *doc = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = kn_xml_open(xml, (const char *)data, len, gb18030, &doc, &err);

    assert(ok == (doc != NULL) && ok == (err == NULL));
    if (!ok) {
        kn_outcome outcome = kn_error_outcome(err);

        assert(outcome == KN_OUTCOME_REFUSE); /* bytes alone can never quarantine, stop or pause */
        return;
    }
    assert(!doc->intSubset && !doc->extSubset);
    look_at(doc->children, 0);
    xmlFreeDoc(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static kn_xml
        *xml; /* reused, as a lane does: what one message leaves must not reach the next */

    if (!xml) {
        bool ready = kn_xml_setup(NULL);

        assert(ready);
        xml = kn_xml_new(NULL, NULL);
    }
    try_open(xml, data, len, false);
    try_open(xml, data, len, true);
    return 0;
}
