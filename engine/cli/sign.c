/* SPDX-License-Identifier: Apache-2.0 */
/* kouan sign: a signature into a document whose bytes stay as they are, or a signed shell round it. */
#include "xml/sign.h"

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/content.h"
#include "cli/explain.h"
#include "cli/paper.h"
#include "xml/xml_auto.h"
#include "xml/xmlsec.h"

#include <kouan/handler.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

typedef struct wish {
    char *key, *cert, *dialect, *sender, *receiver, *out;
    char *c14n, *prefixes, *id;
    int shell, check, anyway, list;
} wish;

/* --- dialects ------------------------------------------------------------------------------------------- */

/* Other names that people use; the rows' own names are known as well. */
static const struct {
    const char *name;
    kn_alg alg;
} aliases[] = { { "chinaport", KN_ALG_SM2_SM3 },
                { "field", KN_ALG_SM2_SM3_FIELD },
                { "rsa", KN_ALG_RSA_SHA256 },
                { "p256", KN_ALG_ECDSA_SHA256 } };

static const struct {
    kn_alg alg;
    const char *what;    /* for the list */
    const char *warning; /* or NULL */
} dialects[] = {
    { KN_ALG_SM2_SM3, "SM2 with SM3, names of the platform's document of April 2022 (chinaport)",
      NULL },
    { KN_ALG_SM2_SM3_FIELD,
      "SM2 with SM3 over a SHA-1 digest, as programs of 2023 write it (field)",
      "this dialect is taken only where the partner's entry allows it, until its end date" },
    { KN_ALG_RSA_SHA256, "RSA, 2048 bits or more, with SHA-256", NULL },
    { KN_ALG_ECDSA_SHA256, "ECDSA on P-256 with SHA-256", NULL },
    { KN_ALG_RSA_SHA1, "RSA with SHA-1, for old programs",
      "SHA-1 is broken; this dialect is taken only where the partner's entry allows it, until its "
      "end date" },
};

static kn_alg
alg_of_name(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++)
        if (strcmp(aliases[i].name, name) == 0)
            return aliases[i].alg;
    return kn_alg_by_name(name);
}

static kn_alg
alg_of_key(const EVP_PKEY *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(dialects); i++)
        if (EVP_PKEY_is_a(key, kn_alg_row_of(dialects[i].alg)->key_type))
            return dialects[i].alg;
    return KN_ALG_NONE;
}

static void
print_dialects(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(dialects); i++)
        (void)printf("%-14s %s\n", kn_alg_row_of(dialects[i].alg)->name, dialects[i].what);
}

static void
warn(kn_alg alg)
{
    for (size_t i = 0; i < G_N_ELEMENTS(dialects); i++)
        if (dialects[i].alg == alg && dialects[i].warning)
            (void)fprintf(stderr, "kouan sign: warning: %s: %s\n", kn_alg_row_of(alg)->name,
                          dialects[i].warning);
}

/* --- the key ---------------------------------------------------------------------------------------------- */

/* What a gate would refuse is not signed with: K3, size and curve of K5. */
static bool
usable(X509 *cert, kn_alg alg, GError **err)
{
    EVP_PKEY *key = X509_get0_pubkey(cert);
    char curve[64] = "";
    int least = alg == KN_ALG_RSA_SHA1 ? 1024 : 2048;

    if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
        return kn_fail(err, KN_E_KEY_EXPIRED, "the certificate has expired; nobody would take it");
    if (X509_cmp_current_time(X509_get0_notBefore(cert)) > 0)
        return kn_fail(err, KN_E_KEY_NOT_YET, "the certificate is not valid yet");
    if (key && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) < least)
        return kn_fail(err, KN_E_KEY_WEAK, "the RSA key has %d bits, the gate wants %d",
                       EVP_PKEY_get_bits(key), least);
    if (key && EVP_PKEY_is_a(key, "EC")
        && (EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) != 1
            || strcmp(curve, "prime256v1") != 0))
        return kn_fail(err, KN_E_KEY_WEAK, "the key's curve is not P-256");
    return true;
}

/* --dialect, or what the template names, or what the key is made for. */
static bool
choose(const wish *w, const xmlDoc *doc, const EVP_PKEY *key, kn_alg *out, GError **err)
{
    *out = w->dialect ? alg_of_name(w->dialect) : kn_xml_template_algorithm(doc);
    if (*out == KN_ALG_NONE && !w->dialect)
        *out = alg_of_key(key);
    return *out != KN_ALG_NONE
           || kn_fail(err, KN_E_USAGE, "--dialect: no “%s”; kouan sign --dialects lists them",
                      w->dialect ? w->dialect : "for this key");
}

static bool
load_signer(const wish *w, const xmlDoc *doc, kn_signer **out, GError **err)
{
    g_autoptr(BIO) file = BIO_new_file(w->cert, "r");
    g_autoptr(X509) cert = file ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
    kn_alg alg;

    if (!cert || !X509_get0_pubkey(cert))
        return kn_fail(err, file ? KN_E_CONFIG : KN_E_IO, "%s: no PEM certificate", w->cert);
    if (!choose(w, doc, X509_get0_pubkey(cert), &alg, err)
        || (!w->anyway && !usable(cert, alg, err))
        || !kn_signer_load(alg, w->key, w->cert, out, err))
        return false;
    warn(alg);
    return true;
}

/* --- the two forms ------------------------------------------------------------------------------------------ */

static bool
wrap(kn_xml *xml, const wish *w, const kn_signer *signer, const char *bytes, size_t len, bool gb,
     GString *out, GError **err)
{
    g_auto(kn_paper) paper = { 0 };
    g_autoptr(kn_writer) writer = kn_writer_new();
    g_autoptr(kn_canonical) doc = NULL;
    char when[32], unused[64];

    if (!w->sender || !w->receiver)
        return kn_fail(err, KN_E_USAGE, "--shell needs --sender and --receiver");
    if (!kn_paper_read(xml, bytes, len, gb, &paper, err))
        return false;
    if (paper.in_shell)
        return kn_fail(err, KN_E_USAGE, "the document is a shell already; sign it without --shell");
    kn_time_text(kn_clock_wall_ms(), KN_TIME_WIRE, when);
    {
        kn_dxp dxp = { .cop_msg_id = paper.guid,
                       .sender = w->sender,
                       .receivers = { w->receiver },
                       .n_receivers = 1,
                       .create_time = when,
                       .msg_type = paper.type };

        return kn_dxp_write(writer, &dxp, bytes, len, &doc, err)
               && kn_xml_sign_canonical(xml, signer, doc, out, unused, err)
               && kn_xml_check_signed(xml, signer, out, false, err);
    }
}

/* The forms of profile w3c; with none of the three options *out is NULL: eport, or what the template says. */
static bool
form_of(const wish *w, kn_w3c_form *form, const kn_w3c_form **out, GError **err)
{
    bool exclusive = g_strcmp0(w->c14n, "exc") == 0;

    if (w->c14n && !exclusive && strcmp(w->c14n, "inc") != 0)
        return kn_fail(err, KN_E_USAGE, "--c14n: inc or exc");
    if (w->prefixes && !exclusive)
        return kn_fail(err, KN_E_USAGE, "--prefixes needs --c14n exc");
    if (w->shell && (w->c14n || w->id))
        return kn_fail(err, KN_E_USAGE, "a shell takes no --c14n and no --id");
    *form = (kn_w3c_form){ exclusive, exclusive, w->prefixes, w->id };
    *out = w->c14n || w->id ? form : NULL;
    return true;
}

/* The result before the same functions that a receiver without an installation has. */
static bool
check(const GString *bytes, kn_profile profile, GError **err)
{
    const kn_judge_plan plan = { NULL, NULL, profile };
    const kn_letter letter = { .bytes = bytes->str,
                               .len = bytes->len,
                               .at_ms = kn_clock_wall_ms() };
    g_autoptr(kn_judge) judge = NULL;
    g_auto(kn_explained) e = { 0 };
    g_autofree char *sentence = NULL;

    if (!kn_judge_open(&plan, &judge, err))
        return false;
    kn_explain(judge, &letter, NULL, 0, &e);
    sentence = kn_explained_sentence(&e);
    (void)fprintf(stderr, "kouan sign: %s\n", sentence);
    if (!e.verdict.why)
        return true;
    g_propagate_error(err, g_steal_pointer(&e.verdict.why));
    return false;
}

static bool
write_out(const wish *w, const GString *out, GError **err)
{
    g_autoptr(GError) why = NULL;

    if (!w->out)
        return fwrite(out->str, 1, out->len, stdout) == out->len
               || kn_fail(err, KN_E_IO, "standard output");
    return g_file_set_contents(w->out, out->str, (ssize_t)out->len, &why)
           || kn_fail(err, KN_E_IO, "%s", why->message);
}

static bool
sign(kn_xml *xml, const wish *w, const char *bytes, size_t len, GString *out, GError **err)
{
    bool gb = kn_content_says_gb(bytes, len);
    const kn_w3c_form *form = NULL;
    kn_w3c_form room;
    g_autoptr(kn_signer) signer = NULL;
    g_autoptr(xmlDoc) doc = NULL;

    return form_of(w, &room, &form, err) && kn_xml_open(xml, bytes, len, gb, &doc, err)
           && load_signer(w, w->shell ? NULL : doc, &signer, err)
           && (w->shell ? wrap(xml, w, signer, bytes, len, gb, out, err)
                        : kn_xml_sign_bytes(xml, signer, form, bytes, len, gb, out, err));
}

static kn_profile
profile_of(kn_xml *xml, const GString *text)
{
    g_autoptr(xmlDoc) doc = NULL;
    bool gb = kn_content_says_gb(text->str, text->len);

    return kn_xml_open(xml, text->str, text->len, gb, &doc, NULL) ? kn_xml_template_profile(doc)
                                                                  : KN_PROFILE_EPORT;
}

static bool
run(const wish *w, const char *path, GError **err)
{
    g_autofree char *text = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    size_t len = 0;
    kn_xml *xml;
    bool ok;

    if (!path || !w->key || !w->cert)
        return kn_fail(err, KN_E_USAGE, "--key, --cert and FILE must be given");
    if (!kn_xml_setup(err) || !kn_xmlsec_setup(err) || !kn_cli_read(path, &text, &len, err))
        return false;
    xml = kn_xml_new(NULL, NULL);
    kn_xml_set_verifier(xml, kn_xmlsec_verify, KN_OPINION_OFF, 0);
    ok = sign(xml, w, text, len, out, err) && (!w->check || check(out, profile_of(xml, out), err));
    kn_xml_free(xml);
    return ok && write_out(w, out, err);
}

static const char more[] =
    "FILE is a document without a signature, or with an empty one (a template).  The Signature "
    "goes\n"
    "before the root's end tag, or the template is filled; every other byte stays as it is, but "
    "for\n"
    "the Id that --id puts into the root.  What does not verify afterwards is not given out.  "
    "Without\n"
    "--dialect the template's algorithms are taken, or those usual for the key.\n"
    "\nExamples:\n"
    "  kouan sign -k card.key --cert card.pem declaration.xml > signed.xml\n"
    "  kouan sign -k card.key --cert card.pem --dialect field --check -o signed.xml "
    "declaration.xml\n"
    "  kouan sign -k portal.key --cert portal.pem --shell --sender PORTAL01 \\\n"
    "             --receiver KOUAN00000000001 signed.xml\n";

int
kn_cli_sign(int argc, char **argv)
{
    wish w = { 0 };
    /* clang-format off */
    const GOptionEntry entries[] = {
        { "key", 'k', 0, G_OPTION_ARG_FILENAME, &w.key, "private key (PEM, no passphrase)", "FILE" },
        { "cert", 0, 0, G_OPTION_ARG_FILENAME, &w.cert, "its certificate (PEM)", "FILE" },
        { "dialect", 'd', 0, G_OPTION_ARG_STRING, &w.dialect,
          "sm2-sm3, sm2-sm3-field, rsa-sha256, ecdsa-sha256 or rsa-sha1", "NAME" },
        { "algorithm", 'a', 0, G_OPTION_ARG_STRING, &w.dialect, "the same by its older name", "NAME" },
        { "dialects", 0, 0, G_OPTION_ARG_NONE, &w.list, "list the dialects and end", NULL },
        { "c14n", 0, 0, G_OPTION_ARG_STRING, &w.c14n,
          "canonicalization: inc, or exc for a partner of profile w3c (inc)", "inc|exc" },
        { "prefixes", 0, 0, G_OPTION_ARG_STRING, &w.prefixes,
          "PrefixList of --c14n exc, names separated by a space", "LIST" },
        { "id", 0, 0, G_OPTION_ARG_STRING, &w.id,
          "Id of the root, which the signature then refers to (profile w3c)", "ID" },
        { "shell", 0, 0, G_OPTION_ARG_NONE, &w.shell,
          "put the document, as it is, into a DxpMsg and sign that", NULL },
        { "sender", 0, 0, G_OPTION_ARG_STRING, &w.sender, "SenderId of the shell", "ID" },
        { "receiver", 0, 0, G_OPTION_ARG_STRING, &w.receiver, "ReceiverId of the shell", "ID" },
        { "check", 0, 0, G_OPTION_ARG_NONE, &w.check, "say on standard error what a receiver would see", NULL },
        { "anyway", 0, 0, G_OPTION_ARG_NONE, &w.anyway,
          "sign although nobody would take that certificate (for tests)", NULL },
        { "out", 'o', 0, G_OPTION_ARG_FILENAME, &w.out, "file to write (standard output)", "FILE" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    /* clang-format on */
    const kn_cli_syntax syntax = {
        .words = "FILE|-",
        .what = "Puts an enveloped signature into a document, as last child of its root, or wraps "
                "it into a\n"
                "signed shell.",
        .more = more,
        .entries = entries,
        .least = 0,
        .most = 1,
    };
    g_autoptr(GError) err = NULL;
    char **texts[] = { &w.key, &w.cert, &w.dialect,  &w.sender, &w.receiver,
                       &w.out, &w.c14n, &w.prefixes, &w.id };
    int code = KN_EXIT_OK;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (w.list)
        print_dialects();
    else if (!run(&w, argc > 1 ? argv[1] : NULL, &err))
        code = kn_cli_fail("sign", err);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*texts[i]);
    return code;
}
