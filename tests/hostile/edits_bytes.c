/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of the finished bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "edits.h"

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <string.h>

static const char *
who(const hostile_draft *d)
{
    return d->row->name;
}

/* --- finished bytes --------------------------------------------------------------------------- */

void
edit_utf16(hostile_draft *d)
{
    size_t n = 0;
    g_autofree char *bytes = g_convert(d->bytes->str, (gssize)d->bytes->len, "UTF-16LE", "UTF-8",
                                       NULL, &n, NULL);

    assert_non_null(bytes);
    g_string_truncate(d->bytes, 0);
    if (d->row->n)
        g_string_append_len(d->bytes, "\xFF\xFE", 2);
    g_string_append_len(d->bytes, bytes, (gssize)n);
}

void
edit_pad(hostile_draft *d)
{
    while (d->bytes->len < (size_t)d->row->n)
        (void)g_string_append_c(d->bytes, '\n');
}

void
edit_pad_hanzi(hostile_draft *d)
{
    g_string_append(d->bytes, "<!--");
    while (d->bytes->len + 5 < (size_t)d->row->n)
        g_string_append(d->bytes, "\xD3\xE5");
    g_string_append(d->bytes, "-->");
}

void
edit_cut(hostile_draft *d)
{
    g_string_truncate(d->bytes, d->bytes->len - (size_t)d->row->n);
}

static void
attributes(hostile_draft *d, const char *value)
{
    g_autoptr(GString) s = g_string_new(NULL);

    for (long i = 0; i < d->row->n; i++)
        g_string_append_printf(s, " a%ld=\"%s\"", i, value);
    g_string_append(s, " xmlns:xsi=");
    hostile_replace(d->bytes, " xmlns:xsi=", s->str, who(d));
}

void
edit_attributes(hostile_draft *d)
{
    attributes(d, "1");
}

void
edit_attributes_gt(hostile_draft *d)
{
    attributes(d, ">");
}

void
edit_empty(hostile_draft *d)
{
    g_string_truncate(d->bytes, 0);
}

void
edit_deep_bytes(hostile_draft *d)
{
    g_autoptr(GString) s = g_string_new(NULL);
    const char *at = g_strrstr(d->bytes->str, "</");

    for (long i = 0; i < d->row->n; i++)
        g_string_append(s, "<a>");
    for (long i = 0; i < d->row->n; i++)
        g_string_append(s, "</a>");
    (void)g_string_insert(d->bytes, at - d->bytes->str, s->str);
}

void
edit_attr_value(hostile_draft *d)
{
    g_autofree char *value = g_strnfill((size_t)d->row->n, 'v');
    g_autofree char *with = g_strdup_printf(" long=\"%s\" xmlns:xsi=", value);

    hostile_replace(d->bytes, " xmlns:xsi=", with, who(d));
}

void
edit_nul(hostile_draft *d)
{
    char *at = strstr(d->bytes->str, "</");

    *at = '\0';
}

void
edit_digest_swap(hostile_draft *d)
{
    char *at = strstr(d->bytes->str, "DigestValue>") + strlen("DigestValue>");

    at[0] = at[0] == 'A' ? 'B' : 'A';
    at[1] = at[1] == 'x' ? 'y' : 'x';
}

void
edit_attr_order(hostile_draft *d)
{
    hostile_replace(d->bytes, " version=\"1.0\"", "", who(d));
    hostile_replace(d->bytes, " xmlns:xsi=", " version = '1.0' xmlns:xsi=", who(d));
}

void
edit_long_empty(hostile_draft *d)
{
    hostile_replace(d->bytes, "20010315\"/>", "20010315\"></ds:CanonicalizationMethod>", who(d));
}

void
edit_late_prefix(hostile_draft *d)
{
    hostile_replace(d->bytes, "<ds:", "<dsig:", who(d));
    hostile_replace(d->bytes, "</ds:", "</dsig:", who(d));
    hostile_replace(d->bytes, "xmlns:ds=", "xmlns:dsig=", who(d));
}

void
edit_guid_length(hostile_draft *d)
{
    const char *at = strstr(d->bytes->str, " guid=\"") + strlen(" guid=\"") + 36;

    (void)g_string_erase(d->bytes, at - d->bytes->str, 1);
}

/* Decoded SignatureValue; the text in the document is replaced by put_value. */
static uint8_t *
take_value(const hostile_draft *d, size_t *len)
{
    const char *from = strstr(d->bytes->str, "SignatureValue>") + strlen("SignatureValue>");
    g_autofree char *text = g_strndup(from, strcspn(from, "<"));

    return g_base64_decode(text, len);
}

static void
put_value(hostile_draft *d, const uint8_t *value, size_t len)
{
    char *from = strstr(d->bytes->str, "SignatureValue>") + strlen("SignatureValue>");
    g_autofree char *text = g_base64_encode(value, len);
    ptrdiff_t at = from - d->bytes->str;

    (void)g_string_erase(d->bytes, at, (gssize)strcspn(from, "<"));
    (void)g_string_insert(d->bytes, at, text);
}

void
edit_flip_value(hostile_draft *d)
{
    size_t len;
    g_autofree uint8_t *value = take_value(d, &len);

    value[len - 1] ^= 1;
    put_value(d, value, len);
}

static void
order_of(const hostile_draft *d, uint8_t out[32])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(
        EVP_PKEY_is_a(d->signer->key, "SM2") ? NID_sm2 : NID_X9_62_prime256v1);

    assert_int_equal(BN_bn2binpad(EC_GROUP_get0_order(group), out, 32), 32);
    EC_GROUP_free(group);
}

void
edit_value_zero(hostile_draft *d)
{
    size_t len;
    g_autofree uint8_t *value = take_value(d, &len);
    uint8_t order[32] = { 0 };

    assert_int_equal(len, 64);
    if (d->row->n >= 2)
        order_of(d, order);
    memcpy(value + (d->row->n % 2) * 32, order, 32);
    put_value(d, value, len);
}

void
edit_value_der(hostile_draft *d)
{
    size_t len;
    g_autofree uint8_t *value = take_value(d, &len);
    ECDSA_SIG *rs = ECDSA_SIG_new();
    unsigned char *der = NULL;
    int n;

    assert_int_equal(
        ECDSA_SIG_set0(rs, BN_bin2bn(value, 32, NULL), BN_bin2bn(value + 32, 32, NULL)), 1);
    n = i2d_ECDSA_SIG(rs, &der);
    put_value(d, der, (size_t)n);
    OPENSSL_free(der);
    ECDSA_SIG_free(rs);
}

void
edit_value_short(hostile_draft *d)
{
    size_t len;
    g_autofree uint8_t *value = take_value(d, &len);

    put_value(d, value, len - (size_t)d->row->n);
}

/* --- moving the Signature --------------------------------------------------------------------- */

static char *
take_signature(hostile_draft *d, bool remove)
{
    char *at = strstr(d->bytes->str, "<ds:Signature ");
    char *end = strstr(d->bytes->str, "</ds:Signature>") + strlen("</ds:Signature>");
    char *text = g_strndup(at, (size_t)(end - at));

    if (remove)
        (void)g_string_erase(d->bytes, at - d->bytes->str, end - at);
    return text;
}

static void
put_after_root_tag(hostile_draft *d, const char *text)
{
    const char *at = strchr(d->bytes->str, '>') + 1;

    (void)g_string_insert(d->bytes, at - d->bytes->str, text);
}

void
edit_sig_first(hostile_draft *d)
{
    g_autofree char *text = take_signature(d, true);

    put_after_root_tag(d, text);
}

void
edit_sig_in_body(hostile_draft *d)
{
    g_autofree char *text = take_signature(d, true);
    const char *at = strstr(d->bytes->str, "Id><");

    (void)g_string_insert(d->bytes, at + 3 - d->bytes->str, text);
}

void
edit_sig_twice(hostile_draft *d)
{
    g_autofree char *text = take_signature(d, false);
    const char *at = g_strrstr(d->bytes->str, "</");

    (void)g_string_insert(d->bytes, at - d->bytes->str, text);
}

/* The whole signed document inside a forged one of the same kind, which has a head of its own. */
void
edit_wrap_root(hostile_draft *d)
{
    const char *head_end = strstr(d->bytes->str, "</ck:Head>");
    const char *end = head_end
                          ? head_end + strlen("</ck:Head>")
                          : strstr(d->bytes->str, "</dxp:TransInfo>") + strlen("</dxp:TransInfo>");
    g_autofree char *start = g_strndup(d->bytes->str, (size_t)(end - d->bytes->str));
    g_autofree char *whole = g_strdup(d->bytes->str);

    g_string_printf(d->bytes, "%s%s</%.*s>", start, whole, (int)strcspn(whole + 1, " "), whole + 1);
}
