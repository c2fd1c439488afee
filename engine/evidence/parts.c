/* SPDX-License-Identifier: Apache-2.0 */
/* The members of an evidence file. */
#include "evidence/export_priv.h"

#include "base/clock.h"
#include "base/hex.h"
#include "store/trust.h"
#include "xml/dxp.h"

#include <kouan/error.h>
#include <kouan/handler.h>
#include <string.h>

static void
row_clear(void *row)
{
    g_free(((kn_manifest_row *)row)->name);
}

void
kn_export_file_init(kn_export_file *f, const kn_export_plan *plan, GString *tar)
{
    *f = (kn_export_file){ .plan = plan,
                           .xml = kn_signed_xml_new(),
                           .sm3 = kn_sm3_new((const uint8_t *)"", 0),
                           .tar = tar,
                           .rows = g_array_new(FALSE, TRUE, sizeof(kn_manifest_row)),
                           .names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                           .trusts = g_hash_table_new(NULL, NULL),
                           .seals = g_hash_table_new(NULL, NULL),
                           .messages = g_string_new(NULL),
                           .history = g_string_new(NULL),
                           .entry = g_string_new(NULL) };
    g_array_set_clear_func(f->rows, row_clear);
}

void
kn_export_file_clear(kn_export_file *f)
{
    kn_xml_free(f->xml);
    kn_sm3_free(f->sm3);
    g_array_unref(f->rows);
    g_hash_table_unref(f->names);
    g_hash_table_unref(f->trusts);
    g_hash_table_unref(f->seals);
    (void)g_string_free(f->messages, TRUE);
    (void)g_string_free(f->history, TRUE);
    (void)g_string_free(f->entry, TRUE);
}

void
kn_export_member(kn_export_file *f, const char *name, const void *bytes, size_t len)
{
    kn_manifest_row row = { .bytes = (int64_t)len };

    if (!g_hash_table_add(f->names, g_strdup(name)))
        return;
    row.name = g_strdup(name);
    kn_sm3_of(f->sm3, bytes, len, row.sm3);
    g_array_append_val(f->rows, row);
    kn_tar_add(f->tar, name, bytes, len);
}

/* --- messages -------------------------------------------------------------------------------------- */

static void
add_pem(GString *to, const uint8_t *der, size_t len)
{
    g_autofree char *text = g_base64_encode(der, len);

    (void)g_string_append(to, "-----BEGIN CERTIFICATE-----\n");
    for (size_t i = 0, n = strlen(text); i < n; i += 64)
        g_string_append_printf(to, "%.64s\n", text + i);
    (void)g_string_append(to, "-----END CERTIFICATE-----\n");
}

/* The certificate a document shows, however it was judged. */
static void
add_certificate(kn_export_file *f, const char *bytes, size_t len)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(X509) cert = NULL;
    g_autoptr(GString) pem = g_string_new(NULL);
    kn_shape shape = { 0 };
    const uint8_t *der;
    char print[65];

    if ((!kn_xml_open(f->xml, bytes, len, false, &doc, NULL)
         && !kn_xml_open(f->xml, bytes, len, true, &doc, NULL))
        || (!kn_xml_shape(doc, &shape, NULL) && !kn_xml_shape_w3c(doc, &shape, NULL)))
        return; /* refused for its form: it shows none that means anything */
    der = shape.cert;
    cert = der ? d2i_X509(NULL, &der, (long)shape.cert_len) : NULL;
    if (cert) {
        g_autofree char *name = NULL;

        kn_signed_fingerprint(cert, print);
        name = g_strdup_printf("certificates/%.32s.pem", print);
        add_pem(pem, shape.cert, shape.cert_len);
        kn_export_member(f, name, pem->str, pem->len);
    }
    kn_shape_clear(&shape);
}

bool
kn_export_documents(kn_xml *xml, const char *bytes, size_t len, kn_export_visit visit, void *arg)
{
    g_autoptr(xmlDoc) doc = NULL;
    kn_dxp dxp = { 0 };
    bool ok;

    if (!kn_xml_open(xml, bytes, len, false, &doc, NULL)
        && !kn_xml_open(xml, bytes, len, true, &doc, NULL))
        return true; /* no XML: nothing in it is signed */
    ok = !kn_xml_has_signature(doc) || visit(arg, false, bytes, len);
    if (ok && kn_dxp_is(doc) && kn_dxp_open(doc, &dxp, NULL)) {
        ok = visit(arg, true, (const char *)dxp.data->data, dxp.data->len);
        kn_dxp_clear(&dxp);
    }
    return ok;
}

typedef struct document {
    kn_export_file *f;
    const char *name; /* of the message, without ending */
} document;

static bool
add_document(void *arg, bool inner, const char *bytes, size_t len)
{
    const document *d = arg;
    g_autofree char *name = g_strconcat(d->name, ".inner.xml", NULL);

    add_certificate(d->f, bytes, len);
    if (inner)
        kn_export_member(d->f, name, bytes, len);
    return true;
}

static bool
add_payload(kn_export_file *f, const kn_store_message *m, GError **err)
{
    size_t len;
    const char *bytes = m->payload ? g_bytes_get_data(m->payload, &len) : NULL;
    g_autofree char *name = m->idx == 0 ? g_strdup_printf("messages/%03u-in", f->n)
                                        : g_strdup_printf("messages/%03u-out-%d", f->n, m->idx);
    g_autofree char *file = NULL;
    uint8_t digest[KN_SM3_BYTES];

    if (!m->payload)
        return true; /* erased; its entry says so */
    bytes = bytes ? bytes : "";
    kn_sm3_of(f->sm3, bytes, len, digest);
    if (memcmp(digest, m->digest, sizeof digest) != 0)
        return kn_fail(err, KN_E_EVIDENCE,
                       "offset %" G_GINT64_FORMAT
                       " row %d: its payload is not the one of its digest",
                       m->off, m->idx);
    file = g_strconcat(name, len > 0 && bytes[0] == '<' ? ".xml" : ".txt", NULL);
    kn_export_member(f, file, bytes, len);
    return kn_export_documents(f->xml, bytes, len, add_document, &(document){ f, name });
}

static void
time_text(int64_t ms, char out[32])
{
    kn_time_text(ms, KN_TIME_WIRE, out);
}

void
kn_export_history(GString *to, const kn_store_history *h)
{
    char when[32];

    time_text(h->at_ms, when);
    g_string_append_printf(to, "%s %s %s version %d: %s -> %s, %s%s%s by %s\n", when, h->kind,
                           h->key, h->version, h->state_from ? h->state_from : "(new)", h->state_to,
                           h->event, h->row ? " " : "", h->row ? h->row : "",
                           h->actor ? h->actor : "(engine)");
}

bool
kn_export_message(kn_export_file *f, const kn_entry *entry, GError **err)
{
    const kn_store_message *in = g_ptr_array_index(entry->messages, 0);
    g_autofree char *name = NULL;
    char when[32];

    f->n++;
    name = g_strdup_printf("chain/%03u.entry", f->n);
    kn_entry_text(entry, f->plan->store, f->entry);
    kn_export_member(f, name, f->entry->str, f->entry->len);
    for (unsigned i = 0; i < entry->messages->len; i++)
        if (!add_payload(f, g_ptr_array_index(entry->messages, i), err))
            return false;
    for (unsigned i = 0; i < entry->history->len; i++)
        kn_export_history(f->history, &g_array_index(entry->history, kn_store_history, i));
    time_text(in->at_ms, when);
    g_string_append_printf(f->messages, "%03u %s %s/%d/%" G_GINT64_FORMAT " %s trust set %d\n",
                           f->n, when, kn_store_topic_name(f->plan->store, in->topic), in->part,
                           in->off, in->verdict ? in->verdict : "-", in->trust);
    if (in->trust > 0)
        (void)g_hash_table_add(f->trusts, GINT_TO_POINTER(in->trust));
    return true;
}

/* --- trust sets and seals -------------------------------------------------------------------------- */

char *
kn_export_trust_name(int version, unsigned number, const char *area, const char *name)
{
    g_autofree char *base = g_path_get_basename(name);
    g_autofree char *plain = g_str_to_ascii(base, "C");

    /* Counted, so that two files of one name in different folders stay two. */
    return g_strdup_printf("trust/%d/%03u-%.16s-%.40s", version, number, area, plain);
}

typedef struct trust_files {
    kn_export_file *f;
    int version;
    unsigned n;
} trust_files;

static void
add_trust_file(void *arg, const char *area, const char *name, const char *bytes, size_t len)
{
    trust_files *t = arg;
    g_autofree char *file = kn_export_trust_name(t->version, ++t->n, area, name);

    kn_export_member(t->f, file, bytes, len);
}

bool
kn_export_trust(kn_export_file *f, int version, GError **err)
{
    g_autoptr(GBytes) bundle = NULL;
    g_autoptr(kn_files) files = NULL;
    g_autofree char *name = g_strdup_printf("trust/%d.bundle", version);
    trust_files t = { .f = f, .version = version };
    uint8_t digest[KN_SM3_BYTES];
    size_t len;
    const void *bytes;

    if (!kn_store_trust_get(f->plan->store, version, digest, &bundle, err)
        || !kn_files_unpack(bundle, &files, err))
        return false;
    bytes = g_bytes_get_data(bundle, &len);
    kn_export_member(f, name, bytes, len);
    kn_files_each(files, add_trust_file, &t);
    return true;
}

static void
seal_free(void *seal)
{
    kn_store_seal_free(seal);
}

bool
kn_export_seal(kn_export_file *f, int number, GError **err)
{
    g_autoptr(GPtrArray) seals = g_ptr_array_new_with_free_func(seal_free);
    g_autofree char *name = g_strdup_printf("seals/%d.xml", number);
    g_autofree char *token = g_strdup_printf("seals/%d.tsr", number);
    const kn_store_seal *seal;
    const void *bytes;
    size_t len;

    if (!kn_store_seals(f->plan->store, number, number, KN_SEAL_ALL, seals, err))
        return false;
    if (seals->len == 0)
        return kn_fail(err, KN_E_EVIDENCE, "seal %d is missing", number);
    seal = g_ptr_array_index(seals, 0);
    bytes = g_bytes_get_data(seal->document, &len);
    kn_export_member(f, name, bytes, len);
    add_certificate(f, bytes, len);
    if (seal->token) {
        bytes = g_bytes_get_data(seal->token, &len);
        kn_export_member(f, token, bytes, len);
    }
    return true;
}

/* --- the end --------------------------------------------------------------------------------------- */

/* As cksum writes and checks them. */
static void
add_sums(kn_export_file *f)
{
    g_autoptr(GString) sums = g_string_new(NULL);

    for (unsigned i = 0; i < f->rows->len; i++) {
        const kn_manifest_row *row = &g_array_index(f->rows, kn_manifest_row, i);
        char hex[2 * KN_SM3_BYTES + 1];

        kn_hex_encode(row->sm3, KN_SM3_BYTES, hex);
        g_string_append_printf(sums, "SM3 (%s) = %s\n", row->name, hex);
    }
    kn_export_member(f, "manifest.sm3", sums->str, sums->len);
}

bool
kn_export_close(kn_export_file *f, const char *kind, const char *key, GError **err)
{
    g_autoptr(GString) manifest = g_string_new(NULL);

    kn_export_member(f, "messages.txt", f->messages->str, f->messages->len);
    kn_export_member(f, "history.txt", f->history->str, f->history->len);
    add_sums(f);
    if (!kn_manifest_write(f->plan->engine, kind, key, f->rows, manifest, err))
        return false;
    kn_tar_add(f->tar, "manifest.xml", manifest->str, manifest->len);
    kn_tar_end(f->tar);
    return true;
}
