/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/manifest.h"

#include "base/clock.h"
#include "base/hex.h"
#include "lane/own.h"

#include <kouan/error.h>
#include <string.h>

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
write_rows(kn_writer *w, const GArray *rows)
{
    for (unsigned i = 0; i < rows->len; i++) {
        const kn_manifest_row *row = &g_array_index(rows, kn_manifest_row, i);

        kn_writer_start(w, KN_OWN_PREFIX, "Member", NULL);
        kn_writer_text(w, KN_OWN_PREFIX, "name", row->name);
        kn_own_put_number(w, "bytes", row->bytes);
        kn_own_put_digest(w, "sm3", row->sm3);
        kn_writer_end(w);
    }
}

bool
kn_manifest_write(const kn_engine *e, const char *kind, const char *document, const GArray *rows,
                  GString *out, GError **err)
{
    g_autoptr(kn_writer) w = kn_writer_new();
    int64_t now_ms = kn_clock_wall_ms();
    g_autofree char *words = g_strdup_printf("%s\n%" G_GINT64_FORMAT, document, now_ms);
    char guid[37];

    kn_own_guid(e, KN_MANIFEST_TYPE, words, guid);
    kn_own_begin(w, e, KN_MANIFEST_TYPE, guid, now_ms);
    kn_writer_text(w, KN_OWN_PREFIX, "kind", kind);
    kn_writer_text(w, KN_OWN_PREFIX, "document", document);
    write_rows(w, rows);
    return kn_own_finish(w, e, KN_MANIFEST_TYPE, out, err);
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
