/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/internal.h"

#include <string.h>

/* 0 = refused; 1..64 = value + 1; 65 = white space; 66 = '=' */
static const uint8_t classes[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,   ['D'] = 4,   ['E'] = 5,   ['F'] = 6,  ['G'] = 7,
    ['H'] = 8,  ['I'] = 9,  ['J'] = 10,  ['K'] = 11,  ['L'] = 12,  ['M'] = 13, ['N'] = 14,
    ['O'] = 15, ['P'] = 16, ['Q'] = 17,  ['R'] = 18,  ['S'] = 19,  ['T'] = 20, ['U'] = 21,
    ['V'] = 22, ['W'] = 23, ['X'] = 24,  ['Y'] = 25,  ['Z'] = 26,  ['a'] = 27, ['b'] = 28,
    ['c'] = 29, ['d'] = 30, ['e'] = 31,  ['f'] = 32,  ['g'] = 33,  ['h'] = 34, ['i'] = 35,
    ['j'] = 36, ['k'] = 37, ['l'] = 38,  ['m'] = 39,  ['n'] = 40,  ['o'] = 41, ['p'] = 42,
    ['q'] = 43, ['r'] = 44, ['s'] = 45,  ['t'] = 46,  ['u'] = 47,  ['v'] = 48, ['w'] = 49,
    ['x'] = 50, ['y'] = 51, ['z'] = 52,  ['0'] = 53,  ['1'] = 54,  ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59,  ['7'] = 60,  ['8'] = 61,  ['9'] = 62, ['+'] = 63,
    ['/'] = 64, [' '] = 65, ['\t'] = 65, ['\r'] = 65, ['\n'] = 65, ['='] = 66,
};

bool
kn_base64_decode(const char *text, uint8_t *out, size_t max, size_t *len_out)
{
    uint32_t bits = 0;
    size_t digits = 0, pads = 0, len = 0;

    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        uint8_t class = classes[*at];

        if (class == 65)
            continue;
        if (class == 0 || (pads > 0 && class != 66))
            return false;
        if (class == 66) {
            pads++;
            continue;
        }
        bits = bits << 6 | (uint32_t)(class - 1);
        if (++digits % 4 != 0)
            continue;
        if (max - len < 3)
            return false;
        out[len++] = (uint8_t)(bits >> 16);
        out[len++] = (uint8_t)(bits >> 8);
        out[len++] = (uint8_t)bits;
        bits = 0;
    }
    switch (digits % 4) {
    case 0:
        if (pads != 0)
            return false;
        break;
    case 2: /* one byte, four spare bits */
        if (pads != 2 || (bits & 0xf) != 0 || max - len < 1)
            return false;
        out[len++] = (uint8_t)(bits >> 4);
        break;
    case 3: /* two bytes, two spare bits */
        if (pads != 1 || (bits & 0x3) != 0 || max - len < 2)
            return false;
        out[len++] = (uint8_t)(bits >> 10);
        out[len++] = (uint8_t)(bits >> 2);
        break;
    default: return false;
    }
    *len_out = len;
    return true;
}

const char *
kn_only_text(const xmlNode *node)
{
    const xmlNode *text = node->children;

    if (!text || text->next || text->type != XML_TEXT_NODE || !text->content)
        return NULL;
    return (const char *)text->content;
}
