/* SPDX-License-Identifier: Apache-2.0 */
#include "bases.h"

#include <string.h>

#include "xml/internal.h"
#include "xml/xml_auto.h"

static const char *const documents[] = {
    KIT_DOC,
    "<dxp:DxpMsg xmlns:dxp=\"http://www.chinaport.gov.cn/dxp\""
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ver=\"1.0\">\n<dxp:TransInfo>"
    "<dxp:CopMsgId>4CDE1CFD-EDED-46B1-946C-B8022E42FC94</dxp:CopMsgId><dxp:SenderId>PORTAL01"
    "</dxp:SenderId><dxp:ReceiverIds><dxp:ReceiverId>KOUAN00000000001</dxp:ReceiverId>"
    "</dxp:ReceiverIds><dxp:CreatTime>2026-11-22T08:00:00</dxp:CreatTime><dxp:MsgType>CKStage"
    "</dxp:MsgType></dxp:TransInfo>\n<dxp:Data>%s</dxp:Data>\n</dxp:DxpMsg>",
};

/* What other tools write: default namespace, white space, empty elements. */
static const char foreign[] =
    "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">\n <SignedInfo>\n"
    "  <CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>\n"
    "  <SignatureMethod Algorithm='%s'/>\n  <Reference URI=\"\"><Transforms>"
    "<Transform "
    "Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/></Transforms>\n"
    "   <DigestMethod Algorithm=\"%s\"/><DigestValue>%s</DigestValue></Reference>\n </SignedInfo>\n"
    " <SignatureValue>%s</SignatureValue>\n <KeyInfo><KeyName>1234ABCD</KeyName><X509Data>"
    "<X509Certificate>%s</X509Certificate></X509Data></KeyInfo>\n</Signature>";

xmlDoc *
kn_plain_parse(const char *text, size_t len)
{
    return xmlReadMemory(text, (int)len, NULL, NULL,
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

xmlNode *
kn_signature_of(const xmlDoc *doc)
{
    xmlNode *last = doc ? xmlGetLastChild(xmlDocGetRootElement(doc)) : NULL;

    while (last && last->type != XML_ELEMENT_NODE)
        last = last->prev;
    return last && strcmp((const char *)last->name, "Signature") == 0 ? last : NULL;
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
put_attributes(GString *out, const xmlNode *node)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);

    for (xmlAttr *a = node->properties; a; a = a->next) {
        xmlChar *value = xmlNodeListGetString(node->doc, a->children, 1);

        g_ptr_array_add(list, g_strdup_printf(" {%s}%s=%s;", a->ns ? (const char *)a->ns->href : "",
                                              (const char *)a->name, value ? (char *)value : ""));
        xmlFree(value);
    }
    g_ptr_array_sort(list, by_text);
    for (size_t i = 0; i < list->len; i++)
        g_string_append(out, list->pdata[i]);
}

static void
put_content(GString *out, const xmlNode *node, const xmlNode *signature)
{
    for (; node; node = node->next) {
        if (node == signature)
            continue;
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
            g_string_append(out, node->content ? (const char *)node->content : "");
        if (node->type != XML_ELEMENT_NODE)
            continue;
        g_string_append_printf(out, "<{%s}%s", node->ns ? (const char *)node->ns->href : "",
                               (const char *)node->name);
        put_attributes(out, node);
        g_string_append_c(out, '>');
        put_content(out, node->children, signature);
        g_string_append(out, "</>");
    }
}

char *
kn_content_of(const xmlNode *root, const xmlNode *signature)
{
    GString *out = g_string_new(NULL);

    put_content(out, root, signature);
    return g_string_free(out, FALSE);
}

/* --- signing ------------------------------------------------------------------------------------ */

static char *
foreign_text(const kn_alg_row *row, const char *doc, const char *digest, const char *value,
             const char *cert)
{
    g_autofree char *sig = g_strdup_printf(foreign, row->signature_uri, row->digest_uri, digest,
                                           value, cert);
    const char *end = g_strrstr(doc, "</");

    return g_strdup_printf("%.*s%s%s", (int)(end - doc), doc, sig, end);
}

/* Two passes: the value is made over SignedInfo as it stands in the draft. */
static char *
sign_foreign(kn_xml *xml, kn_alg alg, const char *doc)
{
    const kn_alg_row *row = kn_alg_row_of(alg);
    const kn_signer *signer = kit_signer(alg);
    size_t size = row->raw_rs ? 64 : (size_t)EVP_PKEY_get_size(signer->key), len = 0;
    g_autofree uint8_t *zeros = g_malloc0(size);
    g_autofree char *nothing = g_base64_encode(zeros, size), *draft = NULL, *value = NULL;
    g_autoptr(xmlDoc) bare = NULL, tree = NULL;
    uint8_t made[KN_SIG_VALUE_MAX];
    kn_shape shape = { 0 };
    char digest[64];

    assert_true(kn_xml_open(xml, doc, strlen(doc), false, &bare, NULL));
    assert_true(kn_xml_digest(xml, bare, alg, digest, NULL));
    draft = foreign_text(row, doc, digest, nothing, signer->cert_b64);
    assert_true(kn_xml_open(xml, draft, strlen(draft), false, &tree, NULL));
    assert_true(kn_xml_shape(tree, &shape, NULL));
    g_string_truncate(xml->signed_info, 0);
    assert_true(kn_xml_canonical_signed_info(&shape, xml->signed_info, NULL));
    assert_true(kn_crypto_sign(xml, alg, signer->key, xml->signed_info->str, xml->signed_info->len,
                               made, &len, NULL));
    kn_shape_clear(&shape);
    value = g_base64_encode(made, len);
    return foreign_text(row, doc, digest, value, signer->cert_b64);
}

static void
add(GArray *list, kn_alg alg, const char *what, const char *kind, char *text)
{
    g_autoptr(xmlDoc) doc = kn_plain_parse(text, strlen(text));
    kn_base base = { .text = text, .alg = alg };

    assert_non_null(kn_signature_of(doc));
    base.name = g_strdup_printf("%s %s %s", kn_alg_row_of(alg)->name, what, kind);
    base.content = kn_content_of(xmlDocGetRootElement(doc), kn_signature_of(doc));
    g_array_append_val(list, base);
}

static void
add_eport(GArray *list, kn_xml *xml, kn_alg alg, const char *what, const char *doc)
{
    add(list, alg, what, "ours", kit_signed(xml, alg, doc));
    add(list, alg, what, "foreign", sign_foreign(xml, alg, doc));
}

static void
add_w3c(GArray *list, kn_xml *xml, kn_alg alg, const char *what, const char *doc)
{
    static const kn_w3c_form forms[] = {
        { .exclusive_info = true, .exclusive_doc = true, .id = "msg-1" },
        { .exclusive_info = true, .exclusive_doc = true, .prefixes = "xsi" },
        { .exclusive_doc = true },
        { .id = "msg-1" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        GString *out = g_string_new(NULL);

        assert_true(kn_xml_sign_w3c(xml, kit_signer(alg), &forms[i], doc, strlen(doc), out, NULL));
        add(list, alg, what, forms[i].id ? "by id" : "whole", g_string_free(out, FALSE));
    }
}

static void
base_clear(void *data)
{
    kn_base *base = data;

    g_free(base->name);
    g_free(base->text);
    g_free(base->content);
}

GArray *
kn_bases_new(kn_xml *xml, kn_profile profile)
{
    static const kn_alg algs[] = { KN_ALG_RSA_SHA256, KN_ALG_ECDSA_SHA256, KN_ALG_SM2_SM3,
                                   KN_ALG_SM2_SM3_FIELD, KN_ALG_RSA_SHA1 };
    size_t n = profile == KN_PROFILE_W3C ? 3 : G_N_ELEMENTS(algs);
    GArray *list = g_array_new(FALSE, FALSE, sizeof(kn_base));

    g_array_set_clear_func(list, base_clear);
    for (size_t i = 0; i < n; i++) {
        g_autofree char *inner = g_base64_encode((const unsigned char *)KIT_DOC, strlen(KIT_DOC));
        g_autofree char *shell = kit_replace(documents[1], "%s", inner);

        if (profile == KN_PROFILE_W3C) {
            add_w3c(list, xml, algs[i], "bare", documents[0]);
            add_w3c(list, xml, algs[i], "shell", shell);
        } else {
            add_eport(list, xml, algs[i], "bare", documents[0]);
            add_eport(list, xml, algs[i], "shell", shell);
        }
    }
    return list;
}
