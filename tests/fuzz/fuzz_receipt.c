/* SPDX-License-Identifier: Apache-2.0 */
/* Door: what a sender wrote comes back to it in a receipt.  Whatever the text is, the receipt is
 * bounded, well-formed, canonical and valid against its schema. */
#include "xml/receipt.h"

#include "base/hex.h"
#include "xml/open.h"
#include "xml/xml_auto.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static kn_xml *xml;
static kn_schemas *schemas;

static void
set_up(void)
{
    static const char *const names[] = { "receipt.xsd", NULL };
    bool ready = kn_xml_setup(NULL) && kn_schemas_load("schemas/xsd", names, &schemas, NULL);

    assert(ready); /* run from the root of the sources */
    xml = kn_xml_new(NULL, schemas);
}

static void
is_receipt(const kn_canonical *r)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GString) form = g_string_new(NULL);
    g_autoptr(GError) err = NULL;
    bool ok = kn_xml_open(xml, r->text->str, r->text->len, false, &doc, &err)
              && kn_xml_canonical(doc, form, &err)
              && kn_xml_validate(xml, doc, kn_schemas_get(schemas, "receipt.xsd"), &err);

    if (!ok)
        (void)fprintf(stderr, "%s\n", err->message);
    assert(ok && g_string_equal(form, r->text) && r->text->len < 40000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autofree char *all = g_strndup((const char *)data, len);
    g_auto(GStrv) part = g_strsplit(all, "\n", 6);
    unsigned n = g_strv_length(part);
    const char *text[6] = { "", "", "", "", "", "" };
    g_autoptr(kn_writer) writer = kn_writer_new();
    g_autoptr(kn_canonical) doc = NULL;

    if (!xml)
        set_up();
    for (unsigned i = 0; i < n; i++)
        text[i] = part[i];
    const kn_receipt_error error = { KN_E_FIELD_FORMAT, text[0], "CK-H01", text[1], false };
    const kn_why why = { .alg = KN_ALG_SM2_SM3, .expected = "x", .found = "y" };
    kn_receipt_data data_of = { .guid = "0A1B2C3D-0000-4000-8000-000000000001",
                                .ori_guid = kn_hex_is_uuid(text[2]) ? text[2]
                                                                    : "", /* as admit keeps it */
                                .ori_type = text[3],
                                .sender_id = "KOUAN",
                                .receiver_id = "P",
                                .final = true,
                                .return_status = -999,
                                .return_time = "20260715100000000",
                                .code = KN_E_FIELDS_WRONG,
                                .field = text[4],
                                .detail = text[5],
                                .errors = &error,
                                .n_errors = 1,
                                .why = &why,
                                .certificate_serial = text[0] };
    bool ok = kn_receipt_write(writer, &data_of, &doc, NULL);

    assert(ok);
    is_receipt(doc);
    return 0;
}
