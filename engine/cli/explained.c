/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rule.h"
#include "cli/explain.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

static const struct {
    char letter;
    const char *name;
} steps[] = {
    { 'R', "R route" },     { 'X', "X bytes and parse" }, { 'S', "S shape" },  { 'K', "K key" },
    { 'G', "G signature" }, { 'D', "D digest" },          { 'V', "V schema" }, { 'B', "B binding" },
};

void
kn_explained_clear(kn_explained *e)
{
    for (size_t i = 0; i < e->n; i++)
        kn_finding_clear(&e->findings[i]);
    kn_paper_clear(&e->paper);
    kn_judgement_clear(&e->verdict);
    json_decref(e->archive);
    g_free(e->partner);
    *e = (kn_explained){ 0 };
}

const kn_finding *
kn_explained_refused(const kn_explained *e)
{
    size_t at = e->verdict.inner ? 1 : 0;

    return at < e->n ? &e->findings[at] : NULL;
}

/* A shell that does not open is still read itself. */
static void
read_documents(kn_xml *xml, const kn_letter *letter, bool gb18030, kn_explained *e)
{
    kn_paper *p = &e->paper;

    if (!kn_paper_read(xml, letter->bytes, letter->len, gb18030, p, NULL)
        && !kn_xml_open(xml, letter->bytes, letter->len, gb18030, &p->outer, NULL))
        return;
    kn_finding_read(xml, p->in_shell ? "shell" : "message", p->outer, letter->bytes, letter->len,
                    gb18030, &e->findings[e->n++]);
    if (p->inner)
        kn_finding_read(xml, "message", p->inner, (const char *)p->shell.data->data,
                        p->shell.data->len, gb18030, &e->findings[e->n++]);
}

static void
look_for_trap(kn_xml *xml, kn_explained *e, EVP_PKEY *const *others, size_t n_others)
{
    kn_finding *f = e->verdict.why ? (kn_finding *)(uintptr_t)kn_explained_refused(e) : NULL;
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    EVP_PKEY *const *pinned = NULL;
    size_t n_pinned = e->verdict.partner ? kn_partner_keys(e->verdict.partner, &pinned) : 0;

    if (!f)
        return;
    for (size_t i = 0; i < n_others; i++)
        g_ptr_array_add(keys, others[i]);
    for (size_t i = 0; i < n_pinned; i++)
        g_ptr_array_add(keys, pinned[i]);
    (void)kn_finding_trap(xml, f, kn_error_code(e->verdict.why), (EVP_PKEY *const *)keys->pdata,
                          keys->len);
}

void
kn_explain(kn_judge *judge, const kn_letter *letter, EVP_PKEY *const *others, size_t n_others,
           kn_explained *out)
{
    kn_xml *xml = kn_judge_xml(judge);

    out->checks = kn_judge_checks(judge);
    kn_judge_letter(judge, letter, &out->verdict);
    read_documents(xml, letter, out->verdict.partner && out->verdict.partner->gb18030, out);
    look_for_trap(xml, out, others, n_others);
    out->partner = g_strdup(out->verdict.partner ? out->verdict.partner->id : "");
    out->verdict.partner = NULL; /* goes with the judge */
}

char *
kn_explained_steps(const kn_explained *e, char which)
{
    g_autoptr(GString) out = g_string_new(NULL);
    bool behind = false;

    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        bool here = steps[i].letter == e->verdict.step;
        char kind = e->checks[i] == '-' ? 'c' : here ? '!' : behind ? 't' : 'p';

        if (kind == which)
            g_string_append_printf(out, "%s%s", out->len ? ", " : "", steps[i].name);
        behind |= here;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* --- JSON ------------------------------------------------------------------------------------------------ */

static json_t *
letters(const kn_explained *e, char which)
{
    g_autofree char *names = kn_explained_steps(e, which);
    g_auto(GStrv) list = g_strsplit(names, ", ", -1);
    json_t *out = json_array();

    for (size_t i = 0; list[i] && *list[i]; i++)
        (void)json_array_append_new(out, json_stringn(list[i], 1));
    return out;
}

static const char *
trust_of(const kn_explained *e)
{
    return e->checks[3] == '-' ? "not checked" : e->checks[0] == '-' ? "anchors given" : "checked";
}

json_t *
kn_explained_json(const kn_explained *e)
{
    kn_error code = e->verdict.why ? kn_error_code(e->verdict.why) : KN_E_OK;
    const kn_error_row *row = kn_error_row_of(code);
    g_autofree char *sentence = kn_explained_sentence(e);
    json_t *documents = json_array(), *out;
    char step[2] = { e->verdict.step, '\0' };

    for (size_t i = 0; i < e->n; i++)
        (void)json_array_append_new(documents, kn_finding_json(&e->findings[i]));
    out = json_pack("{sb ss ss ss ss ss ss ss so so so ss ss so}", "good", !e->verdict.why,
                    "sentence", sentence, "error", row->name, "code", row->receipt, "text",
                    row->text, "rule", kn_rule_of(code), "step", step, "why",
                    e->verdict.why ? e->verdict.why->message : "", "passed", letters(e, 'p'),
                    "notTried", letters(e, 't'), "notChecked", letters(e, 'c'), "trust",
                    trust_of(e), "partner", e->partner, "documents", documents);
    if (e->archive)
        (void)json_object_set(out, "archive", e->archive);
    return out;
}

/* --- files ------------------------------------------------------------------------------------------------- */

static bool
write_bytes(const char *folder, const char *what, const char *suffix, const GString *bytes,
            GError **err)
{
    g_autofree char *name = g_strconcat(what, suffix, NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) why = NULL;

    if (!bytes || bytes->len == 0)
        return true;
    if (!g_file_set_contents_full(path, bytes->str, (ssize_t)bytes->len,
                                  G_FILE_SET_CONTENTS_CONSISTENT, 0600, &why))
        return kn_fail(err, KN_E_IO, "%s", why->message);
    (void)fprintf(stderr, "kouan explain: %s, %zu bytes\n", path, bytes->len);
    return true;
}

bool
kn_explained_write(const kn_explained *e, const char *folder, GError **err)
{
    if (g_mkdir_with_parents(folder, 0700) != 0)
        return kn_fail(err, KN_E_IO, "%s: cannot be made", folder);
    for (size_t i = 0; i < e->n; i++) {
        const kn_finding *f = &e->findings[i];

        if (!write_bytes(folder, f->what, "-signedinfo.xml", f->info, err)
            || !write_bytes(folder, f->what, "-canonical.xml", f->canonical, err)
            || !write_bytes(folder, f->what,
                            f->fit.signed_info ? "-signedinfo-as-signed.bin"
                                               : "-canonical-as-signed.bin",
                            f->fit.bytes, err))
            return false;
    }
    return true;
}
