/* SPDX-License-Identifier: Apache-2.0 */
#include "store/chain.h"

#include "base/hex.h"

#include <string.h>

/* Written by hand: a printf for each of some forty fields costs more than the digest of all of them. */
static void
put_number(GString *to, int64_t value, char end)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (value < 0)
        *--at = '-';
    (void)g_string_append_len(to, at, digits + sizeof digits - at);
    (void)g_string_append_c(to, end);
}

static void
put_bytes(GString *to, const void *bytes, size_t len)
{
    put_number(to, (int64_t)len, ':');
    (void)g_string_append_len(to, bytes, (gssize)len);
    (void)g_string_append_c(to, ',');
}

static void
put_none(GString *to)
{
    (void)g_string_append_len(to, "-,", 2);
}

static void
put_text(GString *to, const char *text)
{
    if (text)
        put_bytes(to, text, strlen(text));
    else
        put_none(to);
}

static void
put_int(GString *to, int64_t value)
{
    size_t from = to->len, len;

    put_number(to, value, ',');
    len = to->len - from - 1;
    /* The number's own length goes before it; it has one digit or two. */
    if (len >= 10)
        (void)g_string_insert_c(to, (gssize)from, (char)('0' + len / 10));
    (void)g_string_insert_c(to, (gssize)from + (len >= 10), (char)('0' + len % 10));
    (void)g_string_insert_c(to, (gssize)from + 1 + (len >= 10), ':');
}

void
kn_chain_begin(GString *entry)
{
    (void)g_string_truncate(entry, 0);
    (void)g_string_append_len(entry, KN_CHAIN_FIRST, sizeof KN_CHAIN_FIRST - 1);
}

void
kn_chain_message(GString *entry, const kn_store_message *m, const char *topic, const char *dest)
{
    char digest[2 * KN_SM3_BYTES + 1];
    size_t len = 0;
    const void *key = m->key ? g_bytes_get_data(m->key, &len) : NULL;

    kn_hex_encode(m->digest, KN_SM3_BYTES, digest);
    (void)g_string_append_c(entry, 'M');
    put_text(entry, topic);
    put_int(entry, m->part);
    put_int(entry, m->off);
    put_int(entry, m->idx);
    put_text(entry, dest);
    if (m->key)
        put_bytes(entry, key ? key : "", len);
    else
        put_none(entry);
    put_text(entry, m->header);
    put_bytes(entry, digest, sizeof digest - 1);
    put_int(entry, m->at_ms);
    put_text(entry, m->verdict);
    put_int(entry, m->rules);
    if (m->trust)
        put_int(entry, m->trust);
    else
        put_none(entry);
    put_text(entry, m->reads);
    (void)g_string_append_c(entry, '\n');
}

void
kn_chain_history(GString *entry, const kn_store_history *h, const char *topic)
{
    (void)g_string_append_c(entry, 'H');
    put_text(entry, topic);
    put_int(entry, h->part);
    put_int(entry, h->seq);
    put_int(entry, h->off);
    put_text(entry, h->kind);
    put_text(entry, h->key);
    put_int(entry, h->version);
    put_text(entry, h->state_from);
    put_text(entry, h->state_to);
    put_text(entry, h->event);
    put_text(entry, h->row);
    put_text(entry, h->actor);
    put_int(entry, h->at_ms);
    (void)g_string_append_c(entry, '\n');
}

void
kn_chain_link(kn_sm3 *sm3, const uint8_t before[KN_SM3_BYTES], const uint8_t of_entry[KN_SM3_BYTES],
              uint8_t out[KN_SM3_BYTES])
{
    uint8_t all[sizeof KN_CHAIN_LINK - 1 + 2 * KN_SM3_BYTES];
    uint8_t *at = all + sizeof KN_CHAIN_LINK - 1;

    memcpy(all, KN_CHAIN_LINK, sizeof KN_CHAIN_LINK - 1);
    memcpy(at, before, KN_SM3_BYTES);
    memcpy(at + KN_SM3_BYTES, of_entry, KN_SM3_BYTES);
    kn_sm3_of(sm3, all, sizeof all, out);
}
