/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <glib.h>
#include <string.h>

void
kn_hex_encode(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

bool
kn_hex_decode(const char *text, uint8_t *out, size_t len)
{
    if (strlen(text) != 2 * len)
        return false;
    for (size_t i = 0; i < 2 * len; i++)
        if (!g_ascii_isxdigit(text[i]))
            return false;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(g_ascii_xdigit_value(text[2 * i]) * 16
                           + g_ascii_xdigit_value(text[2 * i + 1]));
    return true;
}

void
kn_hex_uuid(const uint8_t bytes[16], char out[37])
{
    uint8_t b[16];

    memcpy(b, bytes, 16);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x80);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    (void)g_snprintf(
        out, 37, "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", b[0], b[1],
        b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

bool
kn_hex_is_uuid(const char *text)
{
    if (!text || strlen(text) != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (hyphen ? text[i] != '-'
                   : !(g_ascii_isdigit(text[i]) || (text[i] >= 'A' && text[i] <= 'F')))
            return false;
    }
    return true;
}
