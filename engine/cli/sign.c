/* SPDX-License-Identifier: Apache-2.0 */
/* kouan sign: a signature into a document, or a signed shell round one. */
#include "xml/sign.h"
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/paper.h"

#include <kouan/handler.h>
#include <stdio.h>
#include <string.h>

typedef struct wish {
    char *key, *cert, *algorithm, *sender, *receiver, *out;
    char *c14n, *prefixes, *id;
    int shell;
} wish;

static bool
wrap(kn_xml *xml, const wish *w, const kn_signer *signer, const char *bytes, size_t len,
     GString *out, GError **err)
{
    g_auto(kn_paper) paper = { 0 };
    g_autoptr(kn_writer) writer = kn_writer_new();
    g_autoptr(kn_canonical) doc = NULL;
    char when[32], unused[64];

    if (!w->sender || !w->receiver)
        return kn_fail(err, KN_E_USAGE, "--shell needs --sender and --receiver");
    if (!kn_paper_read(xml, bytes, len, false, &paper, err))
        return false;
    kn_time_text(kn_clock_wall_ms(), KN_TIME_WIRE, when);
    {
        kn_dxp dxp = { .cop_msg_id = paper.guid,
                       .sender = w->sender,
                       .receivers = { w->receiver },
                       .n_receivers = 1,
                       .create_time = when,
                       .msg_type = paper.type };

        return kn_dxp_write(writer, &dxp, bytes, len, &doc, err)
               && kn_xml_sign_canonical(xml, signer, doc, out, unused, err);
    }
}

/* The forms of profile w3c; with none of the three options it is eport. */
static bool
sign(kn_xml *xml, const wish *w, const kn_signer *signer, const char *bytes, size_t len,
     GString *out, GError **err)
{
    bool exclusive = g_strcmp0(w->c14n, "exc") == 0;
    kn_w3c_form form = { exclusive, exclusive, w->prefixes, w->id };

    if (w->c14n && !exclusive && strcmp(w->c14n, "inc") != 0)
        return kn_fail(err, KN_E_USAGE, "--c14n: inc or exc");
    if (w->prefixes && !exclusive)
        return kn_fail(err, KN_E_USAGE, "--prefixes needs --c14n exc");
    if (!exclusive && !w->id)
        return kn_xml_sign(xml, signer, bytes, len, out, err);
    return kn_xml_sign_w3c(xml, signer, &form, bytes, len, out, err);
}

static bool
run(const wish *w, const char *path, GError **err)
{
    g_autoptr(kn_signer) signer = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) why = NULL;
    kn_alg alg = kn_alg_by_name(w->algorithm ? w->algorithm : "");
    size_t len = 0;
    kn_xml *xml;
    bool ok;

    if (alg == KN_ALG_NONE)
        return kn_fail(err, KN_E_USAGE,
                       "--algorithm: sm2-sm3, sm2-sm3-field, rsa-sha256, ecdsa-sha256 or rsa-sha1");
    if (!w->key || !w->cert)
        return kn_fail(err, KN_E_USAGE, "--key and --cert must be given");
    if (!kn_xml_setup(err) || !kn_signer_load(alg, w->key, w->cert, &signer, err)
        || !kn_cli_read(path, &text, &len, err))
        return false;
    xml = kn_xml_new(NULL, NULL);
    ok = w->shell ? wrap(xml, w, signer, text, len, out, err)
                  : sign(xml, w, signer, text, len, out, err);
    kn_xml_free(xml);
    if (!ok)
        return false;
    if (!w->out)
        return fwrite(out->str, 1, out->len, stdout) == out->len
               || kn_fail(err, KN_E_IO, "standard output");
    if (!g_file_set_contents(w->out, out->str, (ssize_t)out->len, &why))
        return kn_fail(err, KN_E_IO, "%s", why->message);
    return true;
}

int
kn_cli_sign(int argc, char **argv)
{
    wish w = { 0 };
    const GOptionEntry entries[] = {
        { "key", 'k', 0, G_OPTION_ARG_FILENAME, &w.key, "private key (PEM, no passphrase)",
          "FILE" },
        { "cert", 0, 0, G_OPTION_ARG_FILENAME, &w.cert, "its certificate (PEM)", "FILE" },
        { "algorithm", 'a', 0, G_OPTION_ARG_STRING, &w.algorithm,
          "sm2-sm3, sm2-sm3-field, rsa-sha256, ecdsa-sha256, rsa-sha1", "NAME" },
        { "c14n", 0, 0, G_OPTION_ARG_STRING, &w.c14n,
          "canonicalization: inc, or exc for a partner of profile w3c (inc)", "NAME" },
        { "prefixes", 0, 0, G_OPTION_ARG_STRING, &w.prefixes,
          "PrefixList of --c14n exc, names separated by a space", "LIST" },
        { "id", 0, 0, G_OPTION_ARG_STRING, &w.id,
          "Id of the root, which the signature then refers to (profile w3c)", "ID" },
        { "shell", 0, 0, G_OPTION_ARG_NONE, &w.shell,
          "put the document, as it is, into a DxpMsg and sign that", NULL },
        { "sender", 0, 0, G_OPTION_ARG_STRING, &w.sender, "SenderId of the shell", "ID" },
        { "receiver", 0, 0, G_OPTION_ARG_STRING, &w.receiver, "ReceiverId of the shell", "ID" },
        { "out", 'o', 0, G_OPTION_ARG_FILENAME, &w.out, "file to write (standard output)", "FILE" },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "FILE|-",
        .what = "Writes the canonical form of a document with an enveloped signature as last child "
                "of its root.",
        .entries = entries,
        .least = 1,
        .most = 1,
    };
    g_autoptr(GError) err = NULL;
    char **texts[] = { &w.key, &w.cert, &w.algorithm, &w.sender, &w.receiver,
                       &w.out, &w.c14n, &w.prefixes,  &w.id };
    int code;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    code = run(&w, argv[1], &err) ? KN_EXIT_OK : kn_cli_fail("sign", err);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*texts[i]);
    return code;
}
