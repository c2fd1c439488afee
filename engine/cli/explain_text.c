/* SPDX-License-Identifier: Apache-2.0 */
/* What a person at an integrator reads: first what is wrong and what to do, then the facts. */
#include "base/clock.h"
#include "base/rule.h"
#include "cli/explain.h"
#include "cli/life.h"

#include <string.h>

/* Where the table of errors is too short for somebody who has to act.  %s: the certificate's serial. */
static const struct {
    kn_error code;
    const char *sentence;
} advice[] = {
    { KN_E_SIG_BAD, "the signature value does not fit SignedInfo under the certificate shown "
                    "(serial %s), and no known "
                    "mistake explains it: is it the right private key, and was SignedInfo left "
                    "alone after signing?" },
    { KN_E_DIGEST_MISMATCH, "the signature is good, but the document is not the one that was "
                            "digested, and no known mistake "
                            "explains it: something was changed after signing (certificate %s)" },
    { KN_E_SIG_VALUE_FORM, "DigestValue or SignatureValue is not base64 of the length its "
                           "algorithm has (certificate %s)" },
    { KN_E_SIG_MISSING, "the document carries no signature; sign it before sending" },
    { KN_E_SIG_PLACE, "the Signature must be the last child element of the root" },
    { KN_E_SIG_C14N_REFUSED, "CanonicalizationMethod must be inclusive C14N 1.0, "
                             "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" },
    { KN_E_SIG_ALG_REFUSED, "SignatureMethod and DigestMethod must be one of the pairs that are "
                            "switched on for this partner; the "
                            "method of one pair with the digest of another is refused, too" },
    { KN_E_SIG_ALG_EXPIRED,
      "this algorithm's last day for this partner is over; move to another one" },
    { KN_E_KEY_UNTRUSTED, "the certificate (serial %s) does not lead to a CA this partner is "
                          "registered with; was it issued "
                          "by another one, or is an intermediate missing in the partner's entry?" },
    { KN_E_KEY_NOT_BOUND, "the certificate (serial %s) is genuine but not registered for this "
                          "partner; register it, or sign "
                          "with the registered one" },
    { KN_E_KEY_EXPIRED,
      "the certificate (serial %s) had expired when the message arrived; renew it" },
    { KN_E_KEY_NOT_YET, "the certificate (serial %s) was not valid yet when the message arrived" },
    { KN_E_KEY_REVOKED, "the certificate (serial %s) was revoked; sign with a new one" },
    { KN_E_KEY_TYPE,
      "the key in the certificate (serial %s) is of another kind than SignatureMethod" },
    { KN_E_SENDER_UNKNOWN,
      "the sender is not registered here; is the id in the message (or --partner) the right one?" },
    { KN_E_SENDER_MISMATCH, "the message names another sender than the one whose key signed it" },
    { KN_E_XSD_INVALID, "the signatures are good, the document breaks its schema" },
};

static const char *
advice_for(kn_error code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(advice); i++)
        if (advice[i].code == code)
            return advice[i].sentence;
    return kn_error_row_of(code)->english;
}

/* The one %s of the table above. */
static char *
with_serial(const char *format, const kn_finding *f)
{
    const char *at = strstr(format, "%s");

    return at ? g_strdup_printf("%.*s%s%s", (int)(at - format), format,
                                f && f->serial ? f->serial : "not readable", at + 2)
              : g_strdup(format);
}

char *
kn_explained_sentence(const kn_explained *e)
{
    const kn_finding *f = kn_explained_refused(e);
    g_autofree char *text = NULL;

    if (!e->verdict.why && strchr(e->checks, '-'))
        text = g_strdup(
            strcmp(e->checks, "-XSKGD--") == 0
                ? "the signature is good and its certificate leads to the anchors given; whose "
                  "it is, schema and binding were not checked"
                : "the signature is good under the certificate shown; whether anybody trusts "
                  "that certificate was not checked");
    else if (!e->verdict.why)
        text = g_strdup("nothing is wrong: the message passes every step up to the business rules");
    else if (f && f->fit.trap)
        text = g_strdup_printf("%s%s%s%s", f->fit.trap->english, *f->fit.note ? " (" : "",
                               f->fit.note, *f->fit.note ? ")" : "");
    else
        text = with_serial(advice_for(kn_error_code(e->verdict.why)), f);
    *text = g_ascii_toupper(*text);
    return g_strconcat(text, g_str_has_suffix(text, "?") ? "" : ".", NULL);
}

/* --- facts ----------------------------------------------------------------------------------------------- */

static void
fact(GString *out, const char *name, const char *value)
{
    if (value && *value)
        g_string_append_printf(out, "    %-14s %s\n", name, value);
}

static void
add_verdict(GString *out, const kn_explained *e)
{
    kn_error code = e->verdict.why ? kn_error_code(e->verdict.why) : KN_E_OK;
    const kn_error_row *row = kn_error_row_of(code);
    g_autofree char *passed = kn_explained_steps(e, 'p'), *behind = kn_explained_steps(e, 't'),
                    *unchecked = kn_explained_steps(e, 'c');
    const char *at = strchr(KN_JUDGE_STEPS, e->verdict.step);

    if (e->verdict.why) {
        g_string_append_printf(out, "\nrefused at step %c, the %d. of %s%s%s\n", e->verdict.step,
                               (int)(at - KN_JUDGE_STEPS) + 1, KN_JUDGE_STEPS,
                               e->n > 1 ? ", in the " : "",
                               e->n > 1 ? e->findings[e->verdict.inner].what : "");
        g_string_append_printf(out, "    %-14s %s%s%s, receipt code %s %s\n", "error",
                               *kn_rule_of(code) ? kn_rule_of(code) : "",
                               *kn_rule_of(code) ? " " : "", row->name, row->receipt, row->text);
        fact(out, "why", e->verdict.why->message);
    } else {
        g_string_append(out, "\npasses\n");
    }
    fact(out, "passed", passed);
    fact(out, "not tried", behind);
    fact(out, "not checked", unchecked);
    fact(out, "partner", e->partner);
}

#define BEFORE 16
#define AFTER 24

static void
add_excerpt(GString *out, const char *name, const GString *bytes, size_t offset)
{
    size_t from = offset > BEFORE ? offset - BEFORE : 0, to = MIN(offset + AFTER, bytes->len);

    g_string_append_printf(out, "      %-8s", name);
    for (size_t i = from; i < to; i++)
        g_string_append_printf(out, "%s%02x", i == offset ? "|" : "", (uint8_t)bytes->str[i]);
    if (to <= offset)
        g_string_append(out, "|");
    g_string_append_printf(out, "\n      %-8s", "");
    for (size_t i = from; i < to; i++) {
        char c = bytes->str[i];

        g_string_append_printf(out, "%s%c ", i == offset ? "|" : "",
                               c >= ' ' && c <= '~' ? c : '.');
    }
    g_string_append_c(out, '\n');
}

static void
add_trap(GString *out, const kn_finding *f)
{
    const kn_trap_fit *fit = &f->fit;

    g_string_append_printf(out, "    %-14s %s: %s\n", "trap", fit->trap->name, fit->trap->text);
    if (fit->offset == KN_TRAP_NOWHERE || !fit->bytes)
        return;
    g_string_append_printf(out, "    first difference: byte %zu of the canonical %s%s%s\n",
                           fit->offset, fit->signed_info ? "SignedInfo" : "document",
                           *fit->path ? ", in " : "", fit->path);
    add_excerpt(out, "ours", fit->signed_info ? f->info : f->canonical, fit->offset);
    add_excerpt(out, "signed", fit->bytes, fit->offset);
}

static void
bytes_fact(GString *out, const char *name, const json_t *bytes)
{
    if (bytes)
        g_string_append_printf(out, "    %-14s %" JSON_INTEGER_FORMAT " bytes, sha256 %s\n", name,
                               json_integer_value(json_object_get(bytes, "bytes")),
                               json_string_value(json_object_get(bytes, "sha256")));
}

static void
add_finding(GString *out, const kn_finding *f)
{
    static const char *const texts[][2] = {
        { "guid", "guid" },
        { "algorithm", "algorithm" },
        { "certificate", "certificate" },
        { "subject", "subject" },
        { "class", "class" },
        { "keyName", "keyName" },
        { "warning", "warning" },
        { "unusualCharacters", "odd characters" },
        { "expected", "expected" },
        { "found", "found" },
    };
    json_t *facts = kn_finding_json(f);

    g_string_append_printf(out, "\n%s %s%s\n", f->what,
                           json_string_value(json_object_get(facts, "root")),
                           f->has_signature ? "" : ": not signed");
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        fact(out, texts[i][1], json_string_value(json_object_get(facts, texts[i][0])));
    bytes_fact(out, "SignedInfo", json_object_get(facts, "signedInfo"));
    bytes_fact(out, "canonical", json_object_get(facts, "canonical"));
    if (f->fit.trap)
        add_trap(out, f);
    json_decref(facts);
}

static const char *
text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static void
add_archive(GString *out, const json_t *archive)
{
    const json_t *answer = json_object_get(archive, "answer");

    g_string_append_printf(
        out, "\narchive\n    %-14s %s/%" JSON_INTEGER_FORMAT " offset %" JSON_INTEGER_FORMAT "\n",
        "at", text_of(archive, "topic"), json_integer_value(json_object_get(archive, "part")),
        json_integer_value(json_object_get(archive, "off")));
    fact(out, "judged at", text_of(archive, "time"));
    fact(out, "verdict", text_of(archive, "verdict"));
    fact(out, "answered", text_of(answer, "returnInfo"));
    fact(out, "detail", text_of(answer, "detail"));
}

char *
kn_explained_text(const kn_explained *e)
{
    g_autofree char *sentence = kn_explained_sentence(e);
    g_autoptr(GString) out = g_string_new(sentence);

    g_string_append_c(out, '\n');
    add_verdict(out, e);
    for (size_t i = 0; i < e->n; i++)
        add_finding(out, &e->findings[i]);
    if (e->archive)
        add_archive(out, e->archive);
    return g_string_free(g_steal_pointer(&out), FALSE);
}
