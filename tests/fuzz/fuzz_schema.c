/* SPDX-License-Identifier: Apache-2.0 */
/* Door: schema files and their lint.  Nothing outside the folder is ever served, and what loads can
 * judge a document. */
#include "scratch.h"

#include "xml/open.h"
#include "xml/schema.h"
#include "xml/xml_auto.h"

#include <kouan/error.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
silent(void *unused, const char *text, ...)
{
    (void)unused, (void)text;
}

static void
judges(const kn_schemas *schemas)
{
    static const char text[] = "<a xmlns='urn:a' b='1'><c>1</c><d/></a>";
    kn_xml *xml = kn_xml_new(NULL, schemas);
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = kn_xml_open(xml, text, strlen(text), false, &doc, NULL);

    assert(ok);
    ok = kn_xml_validate(xml, doc, kn_schemas_get(schemas, "x.xsd"), &err);
    assert(ok == (err == NULL));
    assert(ok || kn_error_code(err) == KN_E_XSD_INVALID || kn_error_code(err) == KN_E_XSD_ABORTED);
    kn_xml_free(xml);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const names[] = { "x.xsd", NULL };
    kn_schemas *schemas = NULL;
    g_autoptr(GError) err = NULL;
    static bool ready;
    bool ok;

    if (!ready) {
        ready = kn_xml_setup(NULL);
        assert(ready);
        xmlSetGenericErrorFunc(NULL, silent);
    }
    scratch_put("x.xsd", data, len);
    ok = kn_schemas_load(scratch(), names, &schemas, &err);
    assert(ok == (schemas != NULL) && ok == (err == NULL));
    if (ok)
        judges(schemas);
    else
        assert(kn_error_code(err) == KN_E_CONFIG && strstr(err->message, "x.xsd"));
    kn_schemas_free(schemas);
    return 0;
}
