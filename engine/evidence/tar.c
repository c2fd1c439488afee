/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tar.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define BLOCK 512
#define SIZE_AT 124
#define SUM_AT 148

static void
put_octal(char *at, int digits, uint64_t value)
{
    for (int i = digits - 1; i >= 0; i--, value /= 8)
        at[i] = (char)('0' + value % 8);
}

static void
make_header(char block[BLOCK], const char *name, size_t len)
{
    unsigned sum = 0;

    memset(block, 0, BLOCK);
    memcpy(block, name, strnlen(name, KN_TAR_NAME_MAX));
    put_octal(block + 100, 7, 0444);
    put_octal(block + 108, 7, 0);
    put_octal(block + 116, 7, 0);
    put_octal(block + SIZE_AT, 11, len);
    put_octal(block + 136, 11, 0);
    memset(block + SUM_AT, ' ', 8);
    block[156] = '0';
    memcpy(block + 257, "ustar\00000", 8);
    for (int i = 0; i < BLOCK; i++)
        sum += (unsigned char)block[i];
    put_octal(block + SUM_AT, 6, sum);
    block[SUM_AT + 6] = '\0';
}

void
kn_tar_add(GString *tar, const char *name, const void *bytes, size_t len)
{
    static const char zero[BLOCK];
    char block[BLOCK];

    assert(*name && strlen(name) <= KN_TAR_NAME_MAX);
    make_header(block, name, len);
    (void)g_string_append_len(tar, block, BLOCK);
    (void)g_string_append_len(tar, bytes, (gssize)len);
    (void)g_string_append_len(tar, zero, (gssize)((BLOCK - len % BLOCK) % BLOCK));
}

void
kn_tar_end(GString *tar)
{
    static const char zero[2 * BLOCK];

    (void)g_string_append_len(tar, zero, sizeof zero);
}

/* --- reading --------------------------------------------------------------------------------------- */

G_GNUC_PRINTF(2, 3) static void say(GPtrArray *wrong, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(wrong, g_strdup_vprintf(format, args));
    va_end(args);
}

static bool
all_zero(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != '\0')
            return false;
    return true;
}

static bool
read_octal(const char *at, int digits, size_t *out)
{
    *out = 0;
    for (int i = 0; i < digits; i++) {
        if (at[i] < '0' || at[i] > '7')
            return false;
        *out = *out * 8 + (size_t)(at[i] - '0');
    }
    return true;
}

static void
member_free(void *data)
{
    kn_tar_member *m = data;

    g_free(m->name);
    g_free(m);
}

/* One member at *at; false: nothing can be read from here on. */
static bool
read_member(const char *bytes, size_t len, size_t *at, GPtrArray *members, GPtrArray *wrong)
{
    const char *header = bytes + *at;
    kn_tar_member *m = g_new0(kn_tar_member, 1);
    g_autofree char *shown = NULL;
    char expected[BLOCK];
    size_t padded;

    g_ptr_array_add(members, m);
    m->name = g_strndup(header, KN_TAR_NAME_MAX);
    shown = g_utf8_make_valid(m->name, -1);
    if (!*m->name || !read_octal(header + SIZE_AT, 11, &m->len) || m->len > len - *at - BLOCK) {
        say(wrong, "tar: header at byte %zu (member %u, “%s”) cannot be read", *at, members->len,
            shown);
        (void)g_ptr_array_remove_index(members, members->len - 1);
        return false;
    }
    make_header(expected, m->name, m->len);
    if (memcmp(expected, header, BLOCK) != 0)
        say(wrong, "tar: header at byte %zu (member %u, “%s”) is not as it was written", *at,
            members->len, shown);
    m->bytes = header + BLOCK;
    padded = (m->len + BLOCK - 1) / BLOCK * BLOCK;
    if (padded > len - *at - BLOCK) {
        say(wrong, "tar: cut inside %s", shown);
        return false;
    }
    if (!all_zero(m->bytes + m->len, padded - m->len))
        say(wrong, "tar: padding behind %s is not zero", shown);
    *at += BLOCK + padded;
    return true;
}

GPtrArray *
kn_tar_read(const char *bytes, size_t len, GPtrArray *wrong)
{
    GPtrArray *members = g_ptr_array_new_with_free_func(member_free);
    size_t at = 0;

    while (len - at >= BLOCK && !all_zero(bytes + at, BLOCK)) {
        if (members->len == KN_TAR_MEMBERS_MAX) {
            say(wrong, "tar: more than %d members", KN_TAR_MEMBERS_MAX);
            return members;
        }
        if (!read_member(bytes, len, &at, members, wrong))
            return members;
    }
    if (len - at != 2 * BLOCK || !all_zero(bytes + at, len - at))
        say(wrong, "tar: does not end with two zero blocks at byte %zu", at);
    return members;
}

const kn_tar_member *
kn_tar_find(const GPtrArray *members, const char *name)
{
    for (unsigned i = 0; i < members->len; i++) {
        const kn_tar_member *m = g_ptr_array_index(members, i);

        if (strcmp(m->name, name) == 0)
            return m;
    }
    return NULL;
}
