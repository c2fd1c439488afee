/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/trap.h"

#include "xml/trap_priv.h"
#include "xml/verify.h"

#include <assert.h>
#include <string.h>

const kn_trap_budget kn_trap_budget_lane = { .verifies = 8, .digests = 18, .lane = true };
const kn_trap_budget kn_trap_budget_tool = { .verifies = 64, .digests = 96, .lane = false };

#define SIG KN_TRAP_ON_SIG_BAD
#define DIG KN_TRAP_ON_DIGEST
#define FORM KN_TRAP_ON_FORM

/* TO ADD ONE: 1. a function in the file of its kind  2. a row here, at most KN_TRAP_MAX  3. a message that
 * falls into it and nothing else in tests/unit/xml/test_trap.c  4. the list in docs/XML_SECURITY.md.
 * Order: what is seen most and costs least first; a lane's budget must last to its last row. */
/* clang-format off */
const kn_trap kn_traps[] = {
    { "info-newline", SIG, true, kn_trap_newline,
      "签名时在</ds:SignedInfo>之后多签了一个换行符，请去掉后重新签名",
      "a line break behind </ds:SignedInfo> was signed with it; sign the canonical SignedInfo and nothing more" },
    { "info-xsi-added", SIG, true, kn_trap_xsi_added,
      "签名时SignedInfo带有xmlns:xsi声明，而报文根节点没有声明xmlns:xsi",
      "SignedInfo was signed with xmlns:xsi, the root does not declare it; declare it on the root before signing" },
    { "info-xsi-missing", SIG, true, kn_trap_xsi_missing,
      "报文根节点声明了xmlns:xsi，签名时SignedInfo却没有带上该声明",
      "the root declares xmlns:xsi, SignedInfo was signed without it; inclusive C14N renders every "
      "namespace in scope" },
    { "info-exclusive", SIG, true, kn_trap_exclusive,
      "SignedInfo按仅含ds命名空间的形式（即Exclusive C14N）签名，应使用Inclusive C14N",
      "SignedInfo was signed with its own namespace alone (exclusive C14N); use inclusive C14N, all "
      "namespaces of the root" },
    { "sm2-id", SIG, true, kn_trap_sm2_id,
      "SM2签名使用了空标识或其他标识，应使用用户标识1234567812345678",
      "the SM2 signature was made with another user id; set 1234567812345678 in the library that signs" },
    { "info-reformatted", SIG, true, kn_trap_info_reformatted,
      "签名之后SignedInfo被重新排版（空白或换行被改动），签名后不得再改动报文",
      "white space inside SignedInfo was changed after signing; send the bytes as they were signed" },
    { "value-der", FORM, true, kn_trap_der,
      "SignatureValue是DER编码，应为r和s各32字节直接拼接的64字节",
      "SignatureValue is DER; send r and s as 32 bytes each, one behind the other" },
    { "value-padding", SIG | FORM, true, kn_trap_padding,
      "SignatureValue长度不对：r或s（或RSA签名值）的前导零未补足或多余，应补足到固定长度",
      "leading zeros of r, s or the RSA value are missing or too many; write numbers at their fixed length" },
    { "digest-other", DIG | FORM, true, kn_trap_digest_other,
      "DigestValue是用另一种摘要算法计算的，与DigestMethod不一致",
      "DigestValue was computed with another digest than DigestMethod says" },
    { "digest-hex", DIG | FORM, true, kn_trap_digest_hex,
      "DigestValue由摘要的十六进制文本得出，应直接对摘要的二进制值做base64",
      "DigestValue was made of the digest's hexadecimal text; base64 the binary digest" },
    { "doc-space", DIG, true, kn_trap_space,
      "Signature之前的空白未计入摘要，插入签名时不得另加换行或空格",
      "white space before the Signature was added after the digest; insert the Signature without any" },
    { "doc-reformatted", DIG, true, kn_trap_reformatted,
      "签名之后报文被重新排版（缩进或换行被改动），签名后不得再改动报文",
      "the message was pretty-printed or stripped after signing; send the bytes as they were signed" },
    { "doc-crlf", DIG, true, kn_trap_crlf,
      "摘要中的换行为CRLF，报文经XML解析后换行为LF，请统一使用LF后再签名",
      "lines were digested with CRLF, an XML parser reads LF; use LF before signing" },
    { "doc-text", DIG, true, kn_trap_text,
      "摘要按报文的原始文本计算，未做C14N规范化（XML声明、属性顺序、空元素、引号）",
      "the text was digested as it stands, not its canonical form (declaration, attribute order, <a/>, quotes)" },
    { "doc-comments", DIG, false, kn_trap_comments,
      "计算摘要时保留了注释，应使用不带注释的C14N",
      "comments were kept in the digest; use C14N without comments" },
    { "doc-with-signature", DIG, false, kn_trap_with_signature,
      "计算摘要时没有去掉Signature节点，应先做enveloped-signature变换",
      "the Signature was not taken out before digesting; apply the enveloped-signature transform" },
    { "doc-gbk", DIG, false, kn_trap_gbk,
      "摘要按GBK/GB18030字节计算，规范化形式应为UTF-8",
      "the digest is over GBK or GB18030 bytes; the canonical form is UTF-8 whatever the file's charset" },
    { "doc-private-use", DIG, false, kn_trap_twins,
      "报文含有各系统编码不一致的字符（GB18030造字区），请改用标准字符",
      "characters that GB18030 tables map differently (private use area); write them as their standard characters" },
    { "doc-ns-moved", DIG, false, kn_trap_doc_moved,
      "签名之后命名空间声明被移动或增减（多为外壳或中间环节重新输出），请原样转发",
      "namespace declarations were moved, added or dropped after signing (a wrapper wrote the XML "
      "anew); pass bytes on unchanged" },
    { "info-ns-moved", SIG, false, kn_trap_info_moved,
      "签名之后根节点的命名空间声明被增减（多为外壳或中间环节重新输出），请原样转发",
      "the namespaces in scope of SignedInfo are not those it was signed with (a wrapper wrote the XML "
      "anew); pass bytes on unchanged" },
    { "info-text", SIG, false, kn_trap_info_text,
      "签名按SignedInfo的原始文本计算，未做C14N规范化",
      "SignedInfo was signed as text, not in its canonical form" },
    { "sig-digest", SIG, false, kn_trap_sig_digest,
      "签名值使用了另一种摘要算法，与SignatureMethod不一致",
      "the value was made with another digest than SignatureMethod says" },
    { "sig-hex", SIG, false, kn_trap_sig_hex,
      "对SignedInfo先做了摘要再签名（重复摘要或十六进制文本），应直接对规范化的SignedInfo签名",
      "SignedInfo was digested first and that digest (or its hexadecimal text) was signed; hand the "
      "canonical bytes to the signer" },
    { "other-key", SIG, false, kn_trap_other_key,
      "签名所用密钥与报文中的证书不符，是该用户的另一张证书",
      "signed with the key of another certificate of this partner than the one shown" },
    { NULL, 0, false, NULL, NULL, NULL },
};
/* clang-format on */
static_assert(G_N_ELEMENTS(kn_traps) <= KN_TRAP_MAX + 1, "XML_SECURITY §10: at most 24 hypotheses");

static const struct {
    kn_error error;
    unsigned bit;
} errors[] = { { KN_E_SIG_BAD, SIG },
               { KN_E_DIGEST_MISMATCH, DIG },
               { KN_E_SIG_VALUE_FORM, FORM } };

void
kn_trap_fit_clear(kn_trap_fit *fit)
{
    if (fit->bytes)
        (void)g_string_free(fit->bytes, TRUE);
    *fit = (kn_trap_fit){ 0 };
}

/* --- verdicts ------------------------------------------------------------------------------------------- */

bool
kn_trap_may_verify(kn_trap_work *w)
{
    if (w->fit->verifies >= w->budget->verifies)
        return false;
    w->fit->verifies++;
    return true;
}

bool
kn_trap_may_digest(kn_trap_work *w)
{
    if (w->fit->digests >= w->budget->digests)
        return false;
    w->fit->digests++;
    return true;
}

bool
kn_trap_md(kn_trap_work *w, kn_md md, const void *bytes, size_t len, uint8_t *out)
{
    return kn_crypto_digest(w->c->xml->md, md, bytes, len, out);
}

bool
kn_trap_fits(kn_trap_work *w, const char *note)
{
    (void)g_strlcpy(w->fit->note, note, sizeof w->fit->note);
    w->fit->offset = KN_TRAP_NOWHERE;
    return true;
}

static bool
fits_bytes(kn_trap_work *w, const GString *ours, const char *bytes, size_t len, const char *note)
{
    size_t at = 0;

    while (at < ours->len && at < len && ours->str[at] == bytes[at])
        at++;
    (void)kn_trap_fits(w, note);
    w->fit->signed_info = ours == w->info;
    w->fit->bytes = g_string_new_len(bytes, (gssize)len);
    w->fit->offset = at;
    kn_trap_path_at(ours->str, ours->len, at, w->fit->path, sizeof w->fit->path);
    return true;
}

bool
kn_trap_try_info(kn_trap_work *w, const char *bytes, size_t len, const char *note)
{
    return w->c->key && kn_trap_may_verify(w)
           && kn_crypto_verify(w->c->xml, w->c->shape->alg, w->c->key, bytes, len, w->value,
                               w->value_len, NULL)
           && fits_bytes(w, w->info, bytes, len, note);
}

bool
kn_trap_try_doc(kn_trap_work *w, const char *bytes, size_t len, const char *note)
{
    uint8_t digest[KN_DIGEST_MAX];

    return w->digest_len == w->row->digest_len && kn_trap_may_digest(w)
           && kn_trap_md(w, w->row->digest_md, bytes, len, digest)
           && memcmp(digest, w->digest, w->digest_len) == 0
           && fits_bytes(w, w->doc, bytes, len, note);
}

/* --- the run ---------------------------------------------------------------------------------------------- */

static const xmlNode *
last_element(const xmlNode *parent)
{
    const xmlNode *node = parent ? parent->last : NULL;

    while (node && node->type != XML_ELEMENT_NODE)
        node = node->prev;
    return node;
}

static const xmlNode *
next_element(const xmlNode *node)
{
    for (node = node ? node->next : NULL; node && node->type != XML_ELEMENT_NODE;)
        node = node->next;
    return node;
}

/* The two values as they stand; shape may have refused their lengths. */
static void
read_values(kn_trap_work *w)
{
    const xmlNode *value = next_element(w->c->shape->signed_info);
    const xmlNode *digest = last_element(last_element(w->c->shape->signed_info));
    const char *text = value ? kn_only_text(value) : NULL;

    if (!text || !kn_base64_decode(text, w->value, sizeof w->value, &w->value_len))
        w->value_len = 0;
    w->digest_text = digest ? kn_only_text(digest) : NULL;
    if (!w->digest_text
        || !kn_base64_decode(w->digest_text, w->digest, sizeof w->digest, &w->digest_len))
        w->digest_len = 0;
}

static bool
prepare(kn_trap_work *w)
{
    bool detached = w->c->shape->detached, ok;

    read_values(w);
    w->info = g_string_new(NULL);
    w->doc = g_string_new(NULL);
    kn_xml_signature_attach(w->c->shape);
    ok = kn_xml_canonical_signed_info(w->c->shape, w->info, NULL);
    kn_xml_signature_detach(w->c->shape);
    /* A bad value is a matter of SignedInfo alone: what a forger can reach stays cheap. */
    ok = ok && (w->c->error == KN_E_SIG_BAD || kn_xml_canonical(w->c->doc, w->doc, NULL));
    if (!detached)
        kn_xml_signature_attach(w->c->shape);
    return ok;
}

bool
kn_trap_find(const kn_trap_case *c, kn_trap_fit *out)
{
    kn_trap_work w = { .c = c,
                       .budget = c->budget ? c->budget : &kn_trap_budget_tool,
                       .row = kn_alg_row_of(c->shape->alg),
                       .fit = out };
    unsigned bit = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(errors); i++)
        if (errors[i].error == c->error)
            bit = errors[i].bit;
    out->offset = KN_TRAP_NOWHERE;
    if (bit == 0 || !prepare(&w))
        bit = 0;
    for (const kn_trap *t = kn_traps; t->name && bit && !out->trap; t++)
        if ((t->fails & bit) && (t->lane || !w.budget->lane) && t->try_it(&w))
            out->trap = t;
    if (w.info)
        (void)g_string_free(w.info, TRUE);
    if (w.doc)
        (void)g_string_free(w.doc, TRUE);
    return out->trap != NULL;
}

/* --- KeyName ---------------------------------------------------------------------------------------------- */

/* Upper-case digits without separators, prefix 0x and leading zeros. */
static char *
plain_number(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (g_ascii_strncasecmp(text, "0x", 2) == 0)
        text += 2;
    for (; *text; text++)
        if (!strchr(" :-", *text) && (out->len > 0 || *text != '0'))
            g_string_append_c(out, g_ascii_toupper(*text));
    return g_string_free(g_steal_pointer(&out), FALSE);
}

bool
kn_trap_key_name_differs(const char *key_name, const char *serial_hex)
{
    g_autofree char *name = plain_number(key_name), *serial = plain_number(serial_hex);

    return *name && strcmp(name, serial) != 0;
}
