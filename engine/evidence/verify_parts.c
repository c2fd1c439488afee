/* SPDX-License-Identifier: Apache-2.0 */
/* Signed documents inside messages, and trust sets. */
#include "evidence/verify_priv.h"

#include "base/files.h"
#include "evidence/export_priv.h"

#include <kouan/error.h>
#include <string.h>

/* --- documents ------------------------------------------------------------------------------------- */

typedef struct document {
    kn_verify_run *run;
    const char *message;
    bool must_hold;
} document;

static bool
check_signature(const document *d, const char *bytes, size_t len)
{
    g_auto(kn_signed) s = { 0 };
    g_autoptr(GError) why = NULL;

    if (kn_signed_open(d->run->xml, NULL, bytes, len, &s, &why))
        d->run->report->signatures++;
    else if (d->must_hold)
        kn_verify_wrong(d->run, d->message, "%s", why->message);
    return true;
}

static bool
check_document(void *arg, bool inner, const char *bytes, size_t len)
{
    const document *d = arg;
    g_autofree char *stem = g_strndup(d->message, strlen(d->message) - 4);
    g_autofree char *name = g_strconcat(stem, ".inner.xml", NULL);
    const kn_tar_member *m = inner ? kn_tar_find(d->run->members, name) : NULL;
    g_autoptr(xmlDoc) doc = NULL;

    if (!inner)
        return check_signature(d, bytes, len);
    if (!m || m->len != len || memcmp(m->bytes, bytes, len) != 0)
        kn_verify_wrong(d->run, name, "is not what %s carries", d->message);
    if (kn_xml_open(d->run->xml, bytes, len, false, &doc, NULL) && !kn_xml_has_signature(doc))
        return true;
    return check_signature(d, bytes, len);
}

void
kn_verify_documents(kn_verify_run *run, const char *message, bool must_hold)
{
    const kn_tar_member *m = kn_tar_find(run->members, message);
    document d = { run, message, must_hold };

    if (m && g_str_has_suffix(message, ".xml"))
        (void)kn_export_documents(run->xml, m->bytes, m->len, check_document, &d);
}

/* --- trust sets ------------------------------------------------------------------------------------ */

typedef struct trust_files {
    kn_verify_run *run;
    int version;
    unsigned n;
} trust_files;

static void
check_file(void *arg, const char *area, const char *name, const char *bytes, size_t len)
{
    trust_files *t = arg;
    g_autofree char *file = kn_export_trust_name(t->version, ++t->n, area, name);
    const kn_tar_member *m = kn_tar_find(t->run->members, file);

    if (!m || m->len != len || memcmp(m->bytes, bytes, len) != 0)
        kn_verify_wrong(t->run, file, "is not the one in trust/%d.bundle", t->version);
}

/* A seal names the sets in force when it was made; one that was replaced before is bound by the manifest alone. */
static void
check_sealed(kn_verify_run *run, const kn_tar_member *m, int version)
{
    uint8_t digest[KN_SM3_BYTES];

    kn_sm3_of(run->sm3, m->bytes, m->len, digest);
    for (unsigned i = 0; i < run->seals->len; i++) {
        const uint8_t *named = kn_heads_set(g_ptr_array_index(run->seals, i), version);

        if (!named)
            continue;
        if (memcmp(named, digest, sizeof digest) != 0) {
            kn_verify_wrong(run, m->name, "is not the set that a seal names");
            return;
        }
        run->report->trusts_sealed++;
        return;
    }
}

void
kn_verify_trusts(kn_verify_run *run)
{
    for (unsigned i = 0; i < run->members->len; i++) {
        const kn_tar_member *m = g_ptr_array_index(run->members, i);
        g_autoptr(GBytes) bundle = NULL;
        g_autoptr(kn_files) files = NULL;
        trust_files t = { .run = run };
        int64_t version;
        g_autofree char *number = NULL;

        if (!g_str_has_prefix(m->name, "trust/") || !g_str_has_suffix(m->name, ".bundle"))
            continue;
        run->report->trusts++;
        number = g_strndup(m->name + 6, strlen(m->name) - 6 - 7);
        bundle = g_bytes_new_static(m->bytes, m->len);
        if (!g_ascii_string_to_signed(number, 10, 1, INT32_MAX, &version, NULL)
            || !kn_files_unpack(bundle, &files, NULL)) {
            kn_verify_wrong(run, m->name, "cannot be read");
            continue;
        }
        t.version = (int)version;
        kn_files_each(files, check_file, &t);
        check_sealed(run, m, t.version);
    }
}
