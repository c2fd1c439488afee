/* SPDX-License-Identifier: Apache-2.0 */
/* Door: bodies of records and messages to customs, JSON that becomes XML.  What the writer gives is
 * well-formed, and already its own canonical form. */
#include "xml/write.h"

#include "xml/open.h"
#include "xml/verify.h"
#include "xml/xml_auto.h"

#include <assert.h>
#include <kouan/error.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
is_canonical(kn_xml *xml, const GString *text)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GString) form = g_string_new(NULL);
    bool ok = kn_xml_open(xml, text->str, text->len, false, &doc, NULL)
              && kn_xml_canonical(doc, form, NULL);

    assert(ok && g_string_equal(form, text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const kn_ns ns[] = { { "k", "urn:k" }, { NULL, NULL } };
    static kn_xml *xml;
    g_autoptr(kn_writer) writer = kn_writer_new();
    g_autoptr(kn_canonical) doc = NULL;
    g_autoptr(GError) err = NULL;
    json_t *body = json_loadb((const char *)data, len, JSON_ALLOW_NUL, NULL);

    if (!xml) {
        kn_xml_limits wide = kn_xml_limits_default;
        bool ready = kn_xml_setup(NULL);

        assert(ready);
        wide.max_depth = KN_XML_DEPTH_CEILING;
        wide.max_text = wide.max_tag_bytes = wide.max_elements = wide.max_bytes;
        xml = kn_xml_new(&wide, NULL);
    }
    if (!json_is_object(body)) {
        json_decref(body);
        return 0;
    }
    kn_writer_root_guid(writer, "k", "Root", ns, NULL, "1.0");
    kn_write_json(writer, "k", body);
    json_decref(body);
    bool ok = kn_writer_take(writer, &doc, &err);

    assert(ok == (doc != NULL) && ok == (err == NULL));
    if (!ok)
        assert(kn_error_code(err) == KN_E_ENGINE_ERROR);
    else if (strstr(doc->text->str, "<k:") == doc->text->str)
        is_canonical(xml, doc->text);
    return 0;
}
