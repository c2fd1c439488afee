/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/verify.h"

#include "evidence/manifest.h"
#include "evidence/verify_priv.h"

#include <kouan/error.h>
#include <openssl/pem.h>
#include <string.h>

#define MANIFEST "manifest.xml"

void
kn_verify_report_clear(kn_verify_report *report)
{
    g_clear_pointer(&report->wrong, g_ptr_array_unref);
    g_clear_pointer(&report->signers, g_ptr_array_unref);
    g_clear_pointer(&report->kind, g_free);
    g_clear_pointer(&report->document, g_free);
    g_clear_pointer(&report->time, g_free);
}

void
kn_verify_wrong(kn_verify_run *run, const char *member, const char *format, ...)
{
    va_list args;
    g_autofree char *what = NULL, *shown = g_utf8_make_valid(member, -1);

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(run->report->wrong, g_strdup_printf("%s: %s", shown, what));
}

static bool
fingerprints_of(const char *file, GPtrArray *out, GError **err)
{
    g_autoptr(BIO) in = BIO_new_file(file, "r");
    X509 *next;

    while (in && (next = PEM_read_bio_X509(in, NULL, NULL, NULL))) {
        g_autoptr(X509) cert = next;
        char print[65];

        kn_signed_fingerprint(cert, print);
        g_ptr_array_add(out, g_strdup(print));
    }
    return out->len > 0 || kn_fail(err, KN_E_IO, "%s: no certificate can be read", file);
}

void
kn_verify_signer(kn_verify_run *run, const char *member, const char *fingerprint)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free);

    if (!g_ptr_array_find_with_equal_func(run->report->signers, fingerprint, g_str_equal, NULL))
        g_ptr_array_add(run->report->signers, g_strdup(fingerprint));
    if (run->plan->signer && fingerprints_of(run->plan->signer, known, NULL)
        && !g_ptr_array_find_with_equal_func(known, fingerprint, g_str_equal, NULL))
        kn_verify_wrong(run, member, "is signed with another certificate (SHA-256 %s)",
                        fingerprint);
}

/* --- manifest -------------------------------------------------------------------------------------- */

static void
compare_member(kn_verify_run *run, const kn_manifest_row *row, const kn_tar_member *m)
{
    uint8_t digest[KN_SM3_BYTES];

    kn_sm3_of(run->sm3, m->bytes, m->len, digest);
    if ((int64_t)m->len != row->bytes || memcmp(digest, row->sm3, sizeof digest) != 0)
        kn_verify_wrong(run, m->name, "is not the one the manifest names");
}

static void
check_manifest(kn_verify_run *run)
{
    const kn_tar_member *m = kn_tar_find(run->members, MANIFEST);
    g_auto(kn_manifest) manifest = { 0 };
    g_autoptr(GError) why = NULL;
    unsigned i;

    if (!m) {
        kn_verify_wrong(run, MANIFEST, "there is none");
        return;
    }
    if (!kn_manifest_read(run->xml, m->bytes, m->len, &manifest, &why)) {
        kn_verify_wrong(run, MANIFEST, "%s", why->message);
        return;
    }
    kn_verify_signer(run, MANIFEST, manifest.signer);
    run->report->kind = g_steal_pointer(&manifest.kind);
    run->report->document = g_steal_pointer(&manifest.document);
    run->report->time = g_steal_pointer(&manifest.time);
    for (i = 0; i < manifest.rows->len; i++) {
        const kn_manifest_row *row = &g_array_index(manifest.rows, kn_manifest_row, i);
        const kn_tar_member *at = i < run->members->len ? g_ptr_array_index(run->members, i) : NULL;

        if (at && strcmp(at->name, row->name) == 0)
            compare_member(run, row, at);
        else
            kn_verify_wrong(run, row->name, "is not where the manifest names it");
    }
    for (i++; i < run->members->len; i++)
        kn_verify_wrong(run, ((kn_tar_member *)g_ptr_array_index(run->members, i))->name,
                        "the manifest does not name it");
}

/* --------------------------------------------------------------------------------------------------- */

static void
heads_free(void *data)
{
    kn_heads_clear(data);
    g_free(data);
}

bool
kn_verify(const kn_verify_plan *plan, kn_verify_report *out, GError **err)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free);
    kn_verify_run run = { .plan = plan, .report = out };

    if (plan->signer && !fingerprints_of(plan->signer, known, err))
        return false;
    *out = (kn_verify_report){ .wrong = g_ptr_array_new_with_free_func(g_free),
                               .signers = g_ptr_array_new_with_free_func(g_free) };
    run.xml = kn_signed_xml_new();
    run.sm3 = kn_sm3_new((const uint8_t *)"", 0);
    run.members = kn_tar_read(plan->bytes, plan->len, out->wrong);
    run.seals = g_ptr_array_new_with_free_func(heads_free);
    run.proven = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    run.history = g_string_new(NULL);
    out->members = (int)run.members->len;
    check_manifest(&run);
    kn_verify_seals(&run);
    kn_verify_proofs(&run);
    kn_verify_entries(&run);
    kn_verify_trusts(&run);
    kn_xml_free(run.xml);
    kn_sm3_free(run.sm3);
    g_ptr_array_unref(run.members);
    g_ptr_array_unref(run.seals);
    g_hash_table_unref(run.proven);
    (void)g_string_free(run.history, TRUE);
    return true;
}
