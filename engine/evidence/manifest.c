/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/manifest.h"

#include "base/clock.h"
#include "base/hex.h"
#include "lane/seal.h"

#include <kouan/error.h>
#include <string.h>

#define P "ke"

static void
row_clear(void *row)
{
    g_free(((kn_manifest_row *)row)->name);
}

void
kn_manifest_clear(kn_manifest *m)
{
    g_clear_pointer(&m->kind, g_free);
    g_clear_pointer(&m->document, g_free);
    g_clear_pointer(&m->time, g_free);
    g_clear_pointer(&m->rows, g_array_unref);
}

/* --- writing --------------------------------------------------------------------------------------- */

static void
derive_guid(const kn_engine *e, const char *document, const char *when, char guid[37])
{
    g_autoptr(kn_sm3) sm3 = kn_sm3_new(e->secret, sizeof e->secret);
    g_autofree char *text = g_strdup_printf("%s\n%s\n%s", KN_MANIFEST_TYPE, document, when);
    uint8_t mac[KN_SM3_BYTES];

    kn_sm3_keyed(sm3, text, strlen(text), mac);
    kn_hex_uuid(mac, guid);
}

static void
write_rows(kn_writer *w, const GArray *rows)
{
    for (unsigned i = 0; i < rows->len; i++) {
        const kn_manifest_row *row = &g_array_index(rows, kn_manifest_row, i);
        g_autofree char *bytes = g_strdup_printf("%" G_GINT64_FORMAT, row->bytes);
        char hex[2 * KN_SM3_BYTES + 1];

        kn_hex_encode(row->sm3, KN_SM3_BYTES, hex);
        kn_writer_start(w, P, "Member", NULL);
        kn_writer_text(w, P, "name", row->name);
        kn_writer_text(w, P, "bytes", bytes);
        kn_writer_text(w, P, "sm3", hex);
        kn_writer_end(w);
    }
}

bool
kn_manifest_write(const kn_engine *e, const char *kind, const char *document, const GArray *rows,
                  GString *out, GError **err)
{
    const kn_signer *signer = kn_engine_any_signer(e);
    g_autoptr(kn_writer) w = kn_writer_new();
    g_autoptr(kn_canonical) doc = NULL;
    const kn_ns ns[] = { { P, KN_ENGINE_NS }, { NULL, NULL } };
    char when[32], guid[37];
    kn_xml *xml;
    bool ok;

    if (!signer)
        return kn_fail(err, KN_E_CONFIG, "[sign]: no key to sign evidence with");
    kn_time_text(kn_clock_wall_ms(), KN_TIME_WIRE, when);
    derive_guid(e, document, when, guid);
    kn_writer_root_guid(w, P, KN_MANIFEST_TYPE, ns, guid, "1.0");
    kn_writer_start(w, P, "Head", NULL);
    kn_writer_text(w, P, "senderId", e->config->id);
    kn_writer_text(w, P, "createTime", when);
    kn_writer_end(w);
    kn_writer_text(w, P, "kind", kind);
    kn_writer_text(w, P, "document", document);
    write_rows(w, rows);
    if (!kn_writer_take(w, &doc, err))
        return false;
    xml = kn_xml_new(NULL, e->schemas);
    ok = kn_xml_sign_canonical(xml, signer, doc, out, NULL, err);
    kn_xml_free(xml);
    return ok;
}

/* --- reading --------------------------------------------------------------------------------------- */

static bool
read_row(const xmlNode *n, kn_manifest *out)
{
    kn_manifest_row row = { 0 };

    if (!g_ascii_string_to_signed(kn_signed_text(n, "bytes"), 10, 0, INT64_MAX, &row.bytes, NULL)
        || !kn_hex_decode(kn_signed_text(n, "sm3"), row.sm3, KN_SM3_BYTES))
        return false;
    row.name = g_strdup(kn_signed_text(n, "name"));
    g_array_append_val(out->rows, row);
    return true;
}

bool
kn_manifest_read(kn_xml *xml, const char *bytes, size_t len, kn_manifest *out, GError **err)
{
    g_auto(kn_signed) s = { 0 };
    g_auto(kn_manifest) m = { 0 };
    const xmlNode *root;

    if (!kn_signed_open(xml, KN_MANIFEST_TYPE, bytes, len, &s, err))
        return false;
    root = xmlDocGetRootElement(s.doc);
    kn_signed_fingerprint(s.cert, m.signer);
    m.kind = g_strdup(kn_signed_text(root, "kind"));
    m.document = g_strdup(kn_signed_text(root, "document"));
    m.time = g_strdup(kn_signed_text(kn_signed_next(root->children, "Head"), "createTime"));
    m.rows = g_array_new(FALSE, TRUE, sizeof(kn_manifest_row));
    g_array_set_clear_func(m.rows, row_clear);
    for (const xmlNode *n = kn_signed_next(root->children, "Member"); n;
         n = kn_signed_next(n->next, "Member"))
        if (!read_row(n, &m))
            return kn_fail(err, KN_E_EVIDENCE, "a value of the manifest cannot be read");
    *out = m;
    m = (kn_manifest){ 0 };
    return true;
}
