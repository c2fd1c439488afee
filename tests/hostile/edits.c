/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of body and template, before signing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "edits.h"

#include <cmocka.h>
#include <string.h>

static const char *
who(const hostile_draft *d)
{
    return d->row->name;
}

/* --- body and signature ----------------------------------------------------------------------- */

void
edit_depth(hostile_draft *d)
{
    g_autoptr(GString) s = g_string_new(NULL);

    for (long i = 0; i < d->row->n; i++)
        g_string_append(s, "<a>");
    for (long i = 0; i < d->row->n; i++)
        g_string_append(s, "</a>");
    g_string_append(s, "@SIG@");
    hostile_replace(d->body, "@SIG@", s->str, who(d));
}

void
edit_ns_levels(hostile_draft *d)
{
    g_autoptr(GString) s = g_string_new(NULL);

    for (long level = 0; level < 60; level++) {
        g_string_append(s, "<a");
        for (long i = 0; i < d->row->n; i++)
            g_string_append_printf(s, " xmlns:p%ld_%ld=\"urn:%ld\"", level, i, i);
        g_string_append(s, ">");
    }
    for (long level = 0; level < 60; level++)
        g_string_append(s, "</a>");
    g_string_append(s, "@SIG@");
    hostile_replace(d->body, "@SIG@", s->str, who(d));
}

void
edit_elements(hostile_draft *d)
{
    g_autoptr(GString) s = g_string_sized_new((size_t)d->row->n * 4 + 64);

    for (long i = 0; i < d->row->n; i++)
        g_string_append(s, "<b/>");
    g_string_append(s, "@SIG@");
    hostile_replace(d->body, "@SIG@", s->str, who(d));
}

void
edit_text(hostile_draft *d)
{
    g_autofree char *text = g_strnfill((size_t)d->row->n, 'x');

    hostile_replace(d->body, "first load", text, who(d));
}

void
edit_references(hostile_draft *d)
{
    const char *at = strstr(d->sig->str, "<ds:Reference");
    const char *end = strstr(d->sig->str, "</ds:SignedInfo>");
    g_autofree char *one = g_strndup(at, (size_t)(end - at));
    g_autoptr(GString) s = g_string_new(NULL);

    for (long i = 0; i < d->row->n; i++)
        g_string_append(s, one);
    g_string_append(s, "</ds:SignedInfo>");
    hostile_replace(d->sig, "</ds:SignedInfo>", s->str, who(d));
}

void
edit_transforms(hostile_draft *d)
{
    g_autoptr(GString) s = g_string_new(NULL);

    for (long i = 0; i < d->row->n; i++)
        g_string_append(s, "<ds:Transform "
                           "Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>");
    g_string_append(s, "</ds:Transforms>");
    hostile_replace(d->sig, "</ds:Transforms>", s->str, who(d));
}

void
edit_certificates(hostile_draft *d)
{
    const char *cert = hostile_party_of("b-p256")->cert_b64;
    g_autoptr(GString) s = g_string_new(NULL);

    for (long i = 0; i < d->row->n; i++)
        g_string_append_printf(s, "<ds:X509Certificate>%s</ds:X509Certificate>", cert);
    g_string_append(s, "</ds:X509Data>");
    hostile_replace(d->sig, "</ds:X509Data>", s->str, who(d));
}

void
edit_prefix(hostile_draft *d)
{
    hostile_replace(d->sig, "<ds:", "<dsig:", who(d));
    hostile_replace(d->sig, "</ds:", "</dsig:", who(d));
    hostile_replace(d->sig, "xmlns:ds=", "xmlns:dsig=", who(d));
}

void
edit_default_ns(hostile_draft *d)
{
    hostile_replace(d->sig, "<ds:", "<", who(d));
    hostile_replace(d->sig, "</ds:", "</", who(d));
    hostile_replace(d->sig, "xmlns:ds=", "xmlns=", who(d));
}

void
edit_spaces(hostile_draft *d)
{
    GString *value = g_string_new("\n  @VALUE@\r\n");

    hostile_replace(d->sig, "><", ">\n\t<", who(d));
    hostile_replace(d->sig, "@VALUE@", value->str, who(d));
    hostile_replace(d->sig, "@DIGEST@", " @DIGEST@\n", who(d));
    hostile_replace(d->sig, "@CERT@", "\n@CERT@\n", who(d));
    (void)g_string_free(value, TRUE);
}

/* The wrapping attacks: the Reference and the digest are those of one part of the document. */
void
edit_part(hostile_draft *d)
{
    hostile_replace(d->sig, "URI=\"\"", "URI=\"#part\"", who(d));
    d->digest_nth = 1;
}

void
edit_second_part(hostile_draft *d)
{
    edit_part(d);
    d->digest_nth = 2;
}

static void
padded(hostile_draft *d, const char *token, size_t has)
{
    g_autofree char *blanks = g_strnfill((size_t)d->row->n - has, ' ');
    g_autofree char *with = g_strconcat(token, blanks, NULL);

    hostile_replace(d->sig, token, with, who(d));
}

void
edit_key_name(hostile_draft *d)
{
    padded(d, "@SERIAL@", strlen(d->signer->serial));
}

void
edit_value_text(hostile_draft *d)
{
    padded(d, "@VALUE@", 88); /* 64 bytes; an RSA value is longer */
}

void
edit_cert_text(hostile_draft *d)
{
    padded(d, "@CERT@", strlen(d->signer->cert_b64));
}

void
edit_digest_text(hostile_draft *d)
{
    padded(d, "@DIGEST@", 44);
}

/* --- content ---------------------------------------------------------------------------------- */

void
edit_ns_ten(hostile_draft *d)
{
    g_autoptr(GString) s = g_string_new(NULL);

    for (int i = 0; i < 10; i++)
        g_string_append_printf(s, " xmlns:n%d=\"urn:n:%d\"", i, i);
    g_string_append(s, " xmlns:xsi=");
    hostile_replace(d->body, " xmlns:xsi=", s->str, who(d));
}

void
edit_sender_a(hostile_draft *d)
{
    bool sm2 = EVP_PKEY_is_a(d->signer->key, "SM2");

    d->signer = hostile_party_of(sm2 ? "b-sm2" : "b-p256");
    hostile_replace(d->sig, "@CERT@", d->signer->cert_b64, who(d));
    hostile_replace(d->sig, "@SERIAL@", d->signer->serial, who(d));
}

void
edit_sender_b(hostile_draft *d)
{
    bool q = strstr(d->body->str, "senderId>HOSTQ") != NULL;

    hostile_replace(d->body, q ? "senderId>HOSTQ" : "senderId>HOSTP", "senderId>HOSTB", who(d));
}

void
edit_long_code(hostile_draft *d)
{
    g_autofree char *text = g_strnfill(2001, '1');

    hostile_replace(d->body, "12000", text, who(d));
}

/* The declaration becomes another document. */
static void
other_document(hostile_draft *d, const char *type, const char *content)
{
    char *from = strstr(d->body->str, "<ck:Declaration>");
    const char *end = strstr(from, "@SIG@");

    (void)g_string_erase(d->body, from - d->body->str, end - from);
    hostile_replace(d->body, "@SIG@", content, who(d));
    hostile_replace(d->body, "CKStageMessage", type, who(d));
}

void
edit_customs_answer(hostile_draft *d)
{
    other_document(d, "CKCustomsMessage", "<ck:Customs><ck:code>10</ck:code></ck:Customs>@SIG@");
}

void
edit_declare(hostile_draft *d)
{
    other_document(d, "CKDeclareMessage",
                   "<ck:Declare><ck:confirm>true</ck:confirm></ck:Declare>@SIG@");
}

/* --- the certificate -------------------------------------------------------------------------- */

static GByteArray *
changed_der(const hostile_draft *d)
{
    size_t len = 0;
    uint8_t *der = g_base64_decode(d->signer->cert_b64, &len);
    GByteArray *out = g_byte_array_new_take(der, len);
    static const uint8_t zero[] = { 0, 0 };

    switch (d->row->n) {
    case 0: return g_byte_array_append(out, zero, 1);
    case 1: g_byte_array_set_size(out, out->len - 1); return out;
    case 2: {
        g_autofree uint8_t *copy = g_memdup2(out->data, out->len);

        return g_byte_array_append(out, copy, (unsigned)len);
    }
    case 3: out->data[len - 5] ^= 1; return out; /* inside the issuer's signature */
    case 5:
        out->data[1] = 0x80; /* indefinite length */
        (void)g_byte_array_remove_range(out, 2, 2);
        return g_byte_array_append(out, zero, 2);
    default: return out;
    }
}

void
edit_cert_bytes(hostile_draft *d)
{
    GByteArray *der = changed_der(d);
    g_autofree char *text = g_base64_encode(der->data, der->len);

    if (d->row->n == 4) { /* a PEM file, coded once more */
        g_autofree char *pem = g_strdup_printf("-----BEGIN CERTIFICATE-----\n%s\n"
                                               "-----END CERTIFICATE-----\n",
                                               text);
        g_free(text);
        text = g_base64_encode((const uint8_t *)pem, strlen(pem));
    }
    hostile_replace(d->sig, "@CERT@", text, who(d));
    (void)g_byte_array_free(der, TRUE);
}
