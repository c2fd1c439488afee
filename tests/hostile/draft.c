/* SPDX-License-Identifier: Apache-2.0 */
/* Honest messages from a signer that shares no code with the engine: libxml2's canonicaliser and EVP.
 * Our own writer, canonicaliser and signer are what is tested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "hostile.h"

#include <cmocka.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <string.h>

#define DS "http://www.w3.org/2000/09/xmldsig#"

/* clang-format off */
const hostile_base hostile_bases[HOSTILE_BASES] = {
    { .name = "p256", .signer = "a-p256" },
    { .name = "rsa", .signer = "a-rsa" },
    { .name = "sm2", .signer = "a-sm2" },
    { .name = "field", .signer = "a-sm2", .alg = KN_ALG_SM2_SM3_FIELD },
    { .name = "sha1", .signer = "old-rsa", .alg = KN_ALG_RSA_SHA1 },
    { .name = "gb", .signer = "gb-p256", .header = "HOSTGB", .gb18030 = true },
    { .name = "shell-p256", .signer = "p-p256", .card = "c-sm2" },
    { .name = "shell-rsa", .signer = "p-rsa", .card = "c-sm2" },
    { .name = "shell-sm2", .signer = "p-sm2", .card = "c-p256" },
    { .name = "inner-sm2", .signer = "p-p256", .card = "c-sm2", .inside = true },
    { .name = "inner-p256", .signer = "p-sm2", .card = "c-p256", .inside = true },
    { .name = "inner-rsa", .signer = "p-p256", .card = "c-rsa", .inside = true },
    { .name = "inner-plain", .signer = "q-p256", .card = "", .inside = true },
};

/* Written out once more, so that a wrong URI in the engine's table is seen. */
static const struct {
    kn_alg alg;
    const char *method, *digest, *digest_md, *md;
} methods[] = {
    { KN_ALG_SM2_SM3, "http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3",
      "http://www.chinaport.gov.cn/2022/04/xmldsig#sm3", "SM3", "SM3" },
    { KN_ALG_SM2_SM3_FIELD, DS "sm2-sm3", DS "sha1", "SHA1", "SM3" },
    { KN_ALG_RSA_SHA256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
      "http://www.w3.org/2001/04/xmlenc#sha256", "SHA256", "SHA256" },
    { KN_ALG_ECDSA_SHA256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
      "http://www.w3.org/2001/04/xmlenc#sha256", "SHA256", "SHA256" },
    { KN_ALG_RSA_SHA1, DS "rsa-sha1", DS "sha1", "SHA1", "SHA1" },
};

static const char business[] =
    "<ck:CKStageMessage xmlns:ck=\"urn:kouan:checkpoint:1\""
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
    " guid=\"@GUID@\" version=\"1.0\"><ck:Head><ck:senderId>@SENDER@</ck:senderId>"
    "<ck:receiverId>@RECEIVER@</ck:receiverId><ck:createTime>@TIME@</ck:createTime>"
    "<ck:userName>operator01</ck:userName>@FACTS@</ck:Head>"
    "<ck:Declaration><ck:customsCode>8001</ck:customsCode><ck:bindMediumType>VN</ck:bindMediumType>"
    "<ck:bindMediumInfo>渝A12345</ck:bindMediumInfo><ck:businessType>1000000000</ck:businessType>"
    "<ck:transportMode>4</ck:transportMode><ck:ieFlag>I</ck:ieFlag><ck:passType>01</ck:passType>"
    "<ck:vehicleWeight>12000</ck:vehicleWeight><ck:trailerWeight>0</ck:trailerWeight>"
    "<ck:containerWeight>2200.5</ck:containerWeight><ck:remark>first load</ck:remark><ck:Rows><ck:Row>"
    "<ck:direction>I</ck:direction><ck:bindObjectType>C</ck:bindObjectType>"
    "<ck:bindObjectId>CSQU3054383</ck:bindObjectId><ck:voyageNo>P20260715</ck:voyageNo>"
    "<ck:businessType>1000000000</ck:businessType></ck:Row></ck:Rows></ck:Declaration>@SIG@</ck:CKStageMessage>";

static const char shell[] =
    "<dxp:DxpMsg xmlns:dxp=\"http://www.chinaport.gov.cn/dxp\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
    " ver=\"1.0\"><dxp:TransInfo><dxp:CopMsgId>@GUID@</dxp:CopMsgId><dxp:SenderId>@SENDER@</dxp:SenderId>"
    "<dxp:ReceiverIds><dxp:ReceiverId>@RECEIVER@</dxp:ReceiverId></dxp:ReceiverIds>"
    "<dxp:CreatTime>@TIME@</dxp:CreatTime><dxp:MsgType>CKStageMessage</dxp:MsgType></dxp:TransInfo>"
    "<dxp:Data>@DATA@</dxp:Data>@SIG@</dxp:DxpMsg>";

static const char signature[] =
    "<ds:Signature xmlns:ds=\"" DS "\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\""
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/><ds:SignatureMethod Algorithm=\"@METHOD@\"/>"
    "<ds:Reference URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"" DS "enveloped-signature\"/></ds:Transforms>"
    "<ds:DigestMethod Algorithm=\"@DIGESTMETHOD@\"/><ds:DigestValue>@DIGEST@</ds:DigestValue></ds:Reference>"
    "</ds:SignedInfo><ds:SignatureValue>@VALUE@</ds:SignatureValue><ds:KeyInfo><ds:KeyName>@SERIAL@</ds:KeyName>"
    "<ds:X509Data><ds:X509Certificate>@CERT@</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>";
/* clang-format on */

void
hostile_replace(GString *s, const char *from, const char *to, const char *who)
{
    size_t len = strlen(from), with = strlen(to), at = 0;
    bool any = false;

    for (;;) {
        const char *found = memmem(s->str + at, s->len - at, from, len);

        if (!found)
            break;
        at = (size_t)(found - s->str);
        (void)g_string_erase(s, (gssize)at, (gssize)len);
        (void)g_string_insert(s, (gssize)at, to);
        at += with;
        any = true;
    }
    if (!any)
        fail_msg("%s: nothing to change: %s", who, from);
}

static void
fill(GString *s, const char *token, const char *value)
{
    if (strstr(s->str, token))
        hostile_replace(s, token, value, token);
}

/* --- the signer ------------------------------------------------------------------------------- */

static int
below(void *data, xmlNode *node, xmlNode *parent)
{
    const xmlNode *top = data;

    for (const xmlNode *n = node->type == XML_NAMESPACE_DECL ? parent : node; n; n = n->parent)
        if (n == top)
            return 1;
    return 0;
}

/* Canonical form of the document, or of the tree below top. */
static GString *
canonical(xmlDoc *doc, xmlNode *top)
{
    xmlOutputBuffer *out = xmlAllocOutputBuffer(NULL);
    GString *text;

    assert_true(xmlC14NExecute(doc, top ? below : NULL, top, XML_C14N_1_0, NULL, 0, out) >= 0);
    text = g_string_new_len((const char *)xmlOutputBufferGetContent(out),
                            (gssize)xmlOutputBufferGetSize(out));
    (void)xmlOutputBufferClose(out);
    return text;
}

static xmlDoc *
parse(const hostile_draft *d, const char *text, size_t len)
{
    xmlDoc *doc = xmlReadMemory(text, (int)len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

    if (!doc)
        fail_msg("%s: what is to be signed is not well-formed", d->row->name);
    return doc;
}

static xmlNode *
find(xmlNode *from, const char *local, const char *id, int *nth)
{
    for (xmlNode *n = from; n; n = n->next) {
        xmlChar *value = n->type == XML_ELEMENT_NODE && id ? xmlGetNoNsProp(n, BAD_CAST "Id")
                                                           : NULL;
        bool hit = n->type == XML_ELEMENT_NODE
                   && (!local || strcmp((const char *)n->name, local) == 0)
                   && (!id || (value && strcmp((const char *)value, id) == 0)) && --*nth == 0;
        xmlNode *inside;

        xmlFree(value);
        if (hit)
            return n;
        inside = find(n->children, local, id, nth);
        if (inside)
            return inside;
    }
    return NULL;
}

static char *
digest_of(const hostile_draft *d, const char *md)
{
    g_autoptr(GString) text = g_string_new_len(d->body->str, (gssize)d->body->len);
    unsigned char bytes[EVP_MAX_MD_SIZE];
    size_t len = 0;
    int nth = d->digest_nth;
    xmlDoc *doc;
    xmlNode *part = NULL;
    g_autoptr(GString) form = NULL;

    fill(text, "@SIG@", nth > 0 ? d->sig->str : "");
    doc = parse(d, text->str, text->len);
    if (nth > 0) {
        part = find(xmlDocGetRootElement(doc), NULL, "part", &nth);
        if (!part)
            fail_msg("%s.%s: no part to sign", d->row->name, d->base->name);
    }
    form = canonical(doc, part);
    xmlFreeDoc(doc);
    assert_int_equal(EVP_Q_digest(NULL, md, NULL, form->str, form->len, bytes, &len), 1);
    return g_base64_encode(bytes, len);
}

static char *
raw_rs(const unsigned char *der, size_t len)
{
    ECDSA_SIG *rs = d2i_ECDSA_SIG(NULL, &der, (long)len);
    int half;
    unsigned char raw[96];
    char *text;

    assert_non_null(rs);
    half = BN_num_bytes(ECDSA_SIG_get0_r(rs)) > 32 || BN_num_bytes(ECDSA_SIG_get0_s(rs)) > 32 ? 48
                                                                                              : 32;
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(rs), raw, half), half);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(rs), raw + half, half), half);
    text = g_base64_encode(raw, (size_t)half * 2);
    ECDSA_SIG_free(rs);
    return text;
}

static char *
value_of(const hostile_draft *d, const char *md, const char *text, size_t len)
{
    static const char id[] = "1234567812345678";
    EVP_PKEY *key = d->signer->key;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool sm2 = EVP_PKEY_is_a(key, "SM2"), ed = EVP_PKEY_is_a(key, "ED25519");
    unsigned char value[1024];
    size_t n = sizeof value;
    bool noid = d->row->n == -16; /* SM2 without the identity */

    if (sm2 && !noid)
        assert_int_equal(EVP_PKEY_CTX_set1_id(pctx, id, (int)strlen(id)), 1);
    EVP_MD_CTX_set_pkey_ctx(ctx, pctx);
    if (EVP_DigestSignInit_ex(ctx, NULL,
                              ed    ? NULL
                              : sm2 ? "SM3"
                                    : md,
                              NULL, NULL, key, NULL)
            != 1
        || EVP_DigestSign(ctx, value, &n, (const unsigned char *)text, len) != 1)
        fail_msg("%s: cannot be signed", d->row->name);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_CTX_free(pctx);
    return EVP_PKEY_is_a(key, "RSA") || ed ? g_base64_encode(value, n) : raw_rs(value, n);
}

static kn_alg
natural(const EVP_PKEY *key)
{
    return EVP_PKEY_is_a(key, "RSA")   ? KN_ALG_RSA_SHA256
           : EVP_PKEY_is_a(key, "SM2") ? KN_ALG_SM2_SM3
                                       : KN_ALG_ECDSA_SHA256;
}

/* d->body with d->sig in its place, everything filled in. */
static void
sign(hostile_draft *d, kn_alg alg, const hostile_party *shown)
{
    size_t m = 0;
    g_autofree char *digest = NULL, *value = NULL;
    g_autoptr(GString) text = NULL, info = NULL;
    xmlNode *node;
    xmlDoc *doc;
    int first = 1;

    while (methods[m].alg != alg)
        m++;
    digest = digest_of(d, methods[m].digest_md);
    fill(d->sig, "@METHOD@", methods[m].method);
    fill(d->sig, "@DIGESTMETHOD@", methods[m].digest);
    fill(d->sig, "@DIGEST@", digest);
    fill(d->sig, "@CERT@", shown->cert_b64);
    fill(d->sig, "@SERIAL@", shown->serial);
    text = g_string_new_len(d->body->str, (gssize)d->body->len);
    fill(text, "@SIG@", d->sig->str);
    doc = parse(d, text->str, text->len);
    node = find(xmlDocGetRootElement(doc), "SignedInfo", NULL, &first);
    if (node) {
        info = canonical(doc, node);
        value = value_of(d, methods[m].md, info->str, info->len);
        fill(text, "@VALUE@", value);
    }
    xmlFreeDoc(doc);
    d->bytes = g_steal_pointer(&text);
}

/* --- documents -------------------------------------------------------------------------------- */

static void
fill_body(hostile_draft *d, const char *sender, bool facts)
{
    char when[32];

    kn_time_text(hostile_now_ms, KN_TIME_WIRE, when);
    fill(d->body, "@GUID@", d->guid);
    fill(d->body, "@SENDER@", sender);
    fill(d->body, "@RECEIVER@", hostile_engine->config->id);
    fill(d->body, "@TIME@", when);
    fill(d->body, "@FACTS@", facts ? "<ck:orgCode>MA0000410</ck:orgCode>" : "");
}

static void
apply(GString *s, const char *const change[2], const hostile_draft *d)
{
    if (change[0])
        hostile_replace(s, change[0], change[1], d->row->name);
}

static void
to_gb18030(GString *s)
{
    size_t n = 0;
    g_autofree char *bytes = g_convert(s->str, (gssize)s->len, "GB18030", "UTF-8", NULL, &n, NULL);

    assert_non_null(bytes);
    g_string_assign(s, "<?xml version=\"1.0\" encoding=\"GB18030\"?>");
    g_string_append_len(s, bytes, (gssize)n);
}

static kn_alg
alg_of(const hostile_draft *d, bool edited)
{
    if (edited && d->row->alg)
        return d->row->alg;
    return d->base->alg ? d->base->alg : natural(d->signer->key);
}

/* One document; the row's edits are made when edited.  data: base64 of what a shell holds, or NULL. */
static GString *
document(hostile_draft *d, const char *signer, const char *sender, const char *data, bool edited)
{
    const hostile_row *row = d->row;
    const hostile_party *shown;
    bool plain = !*signer;

    d->digest_nth = 0;
    d->signer = hostile_party_of(edited && row->signer ? row->signer : plain ? "c-sm2" : signer);
    shown = edited && row->shown ? hostile_party_of(row->shown) : d->signer;
    d->body = g_string_new(data ? shell : business);
    d->sig = g_string_new(plain ? "" : signature);
    fill_body(d, sender, plain);
    if (edited) {
        apply(d->body, row->body, d);
        apply(d->sig, row->sig, d);
        if (row->edit_body)
            row->edit_body(d);
    }
    if (data)
        fill(d->body, "@DATA@", data);
    sign(d, alg_of(d, edited), shown);
    if (d->base->gb18030 && !data)
        to_gb18030(d->bytes);
    if (edited) {
        apply(d->bytes, row->bytes, d);
        (void)g_string_prepend(d->bytes, row->before ? row->before : "");
        (void)g_string_append(d->bytes, row->behind ? row->behind : "");
        if (row->edit_bytes)
            row->edit_bytes(d);
    }
    (void)g_string_free(d->body, TRUE);
    (void)g_string_free(d->sig, TRUE);
    d->body = d->sig = NULL;
    return g_steal_pointer(&d->bytes);
}

/* The same for the same row and base, another for each file. */
static void
name_guid(hostile_draft *d)
{
    g_autofree char *name = g_strdup_printf("%s.%s", d->row->name, d->base->name);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);
    g_autofree char *up = g_ascii_strup(sum, -1);

    (void)g_snprintf(d->guid, sizeof d->guid, "%.8s-%.4s-4%.3s-8%.3s-%.12s", up, up + 8, up + 12,
                     up + 15, up + 18);
}

void
hostile_make(const hostile_row *row, const hostile_base *base, hostile_draft *out)
{
    hostile_draft d = { .row = row, .base = base };
    const char *outer = row->signer && !base->inside ? row->signer : base->signer;
    const char *of = hostile_party_of(row->shown && !base->inside ? row->shown : outer)->partner;
    const char *sender = of ? of : hostile_party_of(base->signer)->partner; /* cards are nobody's */
    g_autoptr(GString) inner = NULL;
    g_autofree char *data = NULL;

    name_guid(&d);
    if (!base->card) {
        d.bytes = document(&d, base->signer, sender, NULL, true);
    } else {
        inner = document(&d, base->card, sender, NULL, base->inside);
        data = g_base64_encode((const uint8_t *)inner->str, inner->len);
        d.bytes = document(&d, base->signer, sender, data, !base->inside);
    }
    *out = d;
}

void
hostile_draft_clear(hostile_draft *d)
{
    if (d->bytes)
        (void)g_string_free(d->bytes, TRUE);
    d->bytes = NULL;
}
