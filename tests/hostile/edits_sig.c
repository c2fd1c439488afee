/* SPDX-License-Identifier: Apache-2.0 */
/* Edits that take the Signature's template apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "edits.h"

#include <cmocka.h>
#include <string.h>

#define DS "http://www.w3.org/2000/09/xmldsig#"
#define ENVELOPED "<ds:Transform Algorithm=\"" DS "enveloped-signature\"/>"

static void
change(hostile_draft *d, const char *from, const char *to)
{
    hostile_replace(d->sig, from, to, d->row->name);
}

/* The text from the first to behind the second, taken out; owned by the caller. */
static char *
take(GString *s, const char *from, const char *to)
{
    const char *at = strstr(s->str, from);
    const char *end = at ? strstr(at, to) : NULL;
    char *text;

    assert_non_null(end);
    end += strlen(to);
    text = g_strndup(at, (size_t)(end - at));
    (void)g_string_erase(s, at - s->str, end - at);
    return text;
}

void
edit_no_ns(hostile_draft *d)
{
    hostile_replace(d->body, "ck:CKStageMessage", "CKStageMessage", d->row->name);
}

void
edit_lower_end(hostile_draft *d)
{
    change(d, "</ds:Signature>", "</ds:signature>");
}

void
edit_key_info_first(hostile_draft *d)
{
    g_autofree char *info = take(d->sig, "<ds:KeyInfo>", "</ds:KeyInfo>");
    g_autofree char *with = g_strconcat(info, "<ds:SignedInfo>", NULL);

    change(d, "<ds:SignedInfo>", with);
}

void
edit_no_key_info(hostile_draft *d)
{
    g_free(take(d->sig, "<ds:KeyInfo>", "</ds:KeyInfo>"));
}

void
edit_key_info_empty(hostile_draft *d)
{
    edit_no_key_info(d);
    change(d, "</ds:Signature>", "<ds:KeyInfo> </ds:KeyInfo></ds:Signature>");
}

void
edit_no_reference(hostile_draft *d)
{
    g_free(take(d->sig, "<ds:Reference", "</ds:Reference>"));
}

void
edit_methods_swapped(hostile_draft *d)
{
    g_autofree char *c14n = take(d->sig, "<ds:CanonicalizationMethod", "/>");
    g_autofree char *with = g_strconcat(c14n, "<ds:Reference", NULL);

    change(d, "<ds:Reference", with);
}

/* An element that was empty gets a child. */
static void
open_up(hostile_draft *d, const char *element, const char *inside)
{
    g_autofree char *start = g_strconcat("<ds:", element, NULL);
    g_autofree char *text = take(d->sig, start, "/>");
    g_autofree char *with = g_strdup_printf("%.*s>%s</ds:%s>", (int)strlen(text) - 2, text, inside,
                                            element);
    const char *before = strcmp(element, "SignatureMethod") == 0 ? "<ds:Reference"
                                                                 : "<ds:SignatureMethod";
    g_autofree char *both = g_strconcat(with, before, NULL);

    change(d, before, both);
}

void
edit_hmac_length(hostile_draft *d)
{
    open_up(d, "SignatureMethod", "<ds:HMACOutputLength>0</ds:HMACOutputLength>");
}

void
edit_c14n_child(hostile_draft *d)
{
    open_up(d, "CanonicalizationMethod",
            "<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" "
            "PrefixList=\"ck\"/>");
}

/* --- transforms with content ------------------------------------------------------------------ */

static void
transform(hostile_draft *d, const char *uri, const char *inside)
{
    g_autofree char *with = g_strdup_printf(
        ENVELOPED "<ds:Transform Algorithm=\"%s\">%s</ds:Transform>", uri, inside);

    change(d, ENVELOPED, with);
}

void
edit_xpath(hostile_draft *d)
{
    transform(d, "http://www.w3.org/TR/1999/REC-xpath-19991116",
              "<ds:XPath>not(ancestor-or-self::*[local-name()='containerWeight'])</ds:XPath>");
}

void
edit_xpath_evil(hostile_draft *d)
{
    transform(d, "http://www.w3.org/TR/1999/REC-xpath-19991116",
              "<ds:XPath>count(//. | //@* | //namespace::*[count(//.) &gt; 0]) &gt; 0</ds:XPath>");
}

void
edit_filter2(hostile_draft *d)
{
    transform(d, "http://www.w3.org/2002/06/xmldsig-filter2",
              "<f:XPath xmlns:f=\"http://www.w3.org/2002/06/xmldsig-filter2\" "
              "Filter=\"subtract\">//*</f:XPath>");
}

void
edit_xslt(hostile_draft *d)
{
    transform(d, "http://www.w3.org/TR/1999/REC-xslt-19991116",
              "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\">"
              "<xsl:template match=\"/\"><xsl:copy-of select=\"document('/etc/hostname')\"/>"
              "</xsl:template></xsl:stylesheet>");
}

/* --- claims ----------------------------------------------------------------------------------- */

#define CHINAPORT "http://www.chinaport.gov.cn/2022/04/xmldsig#"
#define MORE "http://www.w3.org/2001/04/xmldsig-more#"

void
edit_any_value(hostile_draft *d)
{
    change(
        d, "@VALUE@",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==");
}

static void
claim(hostile_draft *d, const char *method, const char *digest)
{
    change(d, "@METHOD@", method);
    change(d, "@DIGESTMETHOD@", digest);
}

void
edit_claim_sm2(hostile_draft *d)
{
    claim(d, CHINAPORT "sm2-sm3", CHINAPORT "sm3");
}

void
edit_claim_ec(hostile_draft *d)
{
    claim(d, MORE "ecdsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256");
}

void
edit_claim_rsa(hostile_draft *d)
{
    claim(d, MORE "rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256");
}

/* --- two certificates ------------------------------------------------------------------------- */

static void
two(hostile_draft *d, const char *first, const char *second)
{
    g_autofree char *with = g_strdup_printf(
        "<ds:X509Certificate>%s</ds:X509Certificate><ds:X509Certificate>%s</ds:X509Certificate>",
        hostile_party_of(first)->cert_b64, hostile_party_of(second)->cert_b64);

    d->signer = hostile_party_of("b-p256");
    change(d, "<ds:X509Certificate>@CERT@</ds:X509Certificate>", with);
}

void
edit_certs_ab(hostile_draft *d)
{
    two(d, "a-p256", "b-p256");
}

void
edit_certs_ba(hostile_draft *d)
{
    two(d, "b-p256", "a-p256");
}

void
edit_shell_inside(hostile_draft *d)
{
    g_autofree char *data = g_base64_encode((const uint8_t *)d->bytes->str, d->bytes->len);
    const char *ns = "http://www.chinaport.gov.cn/dxp";

    g_string_printf(d->bytes,
                    "<dxp:DxpMsg xmlns:dxp=\"%s\" ver=\"1.0\"><dxp:Data>%s</dxp:Data>"
                    "</dxp:DxpMsg>",
                    ns, data);
}
