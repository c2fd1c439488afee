/* SPDX-License-Identifier: Apache-2.0 */
/* Check digits and forms.  Input is normalised already: trimmed, nothing folded here. */
#include <kouan/field.h>
#include <string.h>

static bool
is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* GB 11714: weights over eight characters, modulus 11. */
static bool
orgcode_span_ok(const char *code)
{
    static const int weights[] = { 3, 7, 9, 10, 5, 8, 4, 2 };
    int sum = 0;
    int check;

    for (size_t i = 0; i < G_N_ELEMENTS(weights); i++) {
        if (!g_ascii_isdigit(code[i]) && !is_upper(code[i]))
            return false;
        sum += weights[i] * (g_ascii_isdigit(code[i]) ? code[i] - '0' : code[i] - 'A' + 10);
    }
    check = 11 - sum % 11;
    if (check == 10)
        return code[8] == 'X';
    return code[8] == (check == 11 ? '0' : '0' + check);
}

bool
kn_orgcode_ok(const char *code)
{
    return strlen(code) == 9 && orgcode_span_ok(code);
}

/* GB 32100: alphabet without I O S V Z, weights 3^i, modulus 31. */
bool
kn_uscc_ok(const char *code, bool embedded_too)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    int sum = 0;
    int weight = 1;

    if (strlen(code) != 18)
        return false;
    for (int i = 0; i < 17; i++) {
        const char *at = strchr(alphabet, code[i]);

        if (!at || (i >= 2 && i < 8 && !g_ascii_isdigit(code[i])))
            return false;
        sum += (int)(at - alphabet) * weight;
        weight = weight * 3 % 31;
    }
    if (code[17] != alphabet[(31 - sum % 31) % 31])
        return false;
    return !embedded_too || orgcode_span_ok(code + 8);
}

/* ISO 6346: letters are 10.. without the multiples of 11; weights 2^i; 10 is written 0. */
static int
container_value(char c)
{
    int n;

    if (g_ascii_isdigit(c))
        return c - '0';
    n = 10 + (c - 'A');
    if (n >= 11)
        n++; /* 11 */
    if (n >= 22)
        n++; /* 22 */
    if (n >= 33)
        n++; /* 33 */
    return n;
}

bool
kn_container_ok(const char *number)
{
    int sum = 0;

    if (strlen(number) != 11 || !strchr("UJZ", number[3]))
        return false;
    for (int i = 0; i < 11; i++)
        if (i < 4 ? !is_upper(number[i]) : !g_ascii_isdigit(number[i]))
            return false;
    for (int i = 0; i < 10; i++)
        sum += container_value(number[i]) << i;
    return number[10] - '0' == sum % 11 % 10;
}

bool
kn_customs10_ok(const char *code)
{
    if (strlen(code) != 10 || code[0] < '1' || code[0] > '9')
        return false;
    for (int i = 1; i < 10; i++) {
        bool digit = g_ascii_isdigit(code[i]);

        if (i < 4 ? !digit : !digit && !is_upper(code[i]))
            return false;
    }
    return code[5] != '0';
}

/* --- plates (CODES §7): one pattern a row, a letter a place ------------------------------------- */

/* P province, A region letter (any but I), L letter but I and O or digit, D digit, N new-energy letter
 * (A-K but I); other characters stand for themselves */
static const char *const plate_patterns[] = {
    "PALLLLL",                            /* ordinary */
    "PALLLL挂",                           /* trailer */
    "PALLLL学",                           /* driving school */
    "PALLLL警",                           /* police */
    "粤ZLLLL港", "粤ZLLLL澳", "PANLDDDD", /* new energy, small */
    "PADDDDDN",                           /* new energy, large */
    "PADDDD领",  "PDDDD领",               /* consulate */
    "使DDDDDD",                           /* embassy */
};

static bool
is_plate_letter(gunichar c)
{
    return c >= 'A' && c <= 'Z' && c != 'I' && c != 'O';
}

static bool
is_digit(gunichar c)
{
    return c >= '0' && c <= '9';
}

static bool
plate_place_ok(gunichar want, gunichar c)
{
    static const char provinces[] =
        "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";

    switch (want) {
    case 'P': return c > 0x7f && g_utf8_strchr(provinces, -1, c) != NULL;
    case 'A': return c >= 'A' && c <= 'Z' && c != 'I';
    case 'L': return is_plate_letter(c) || is_digit(c);
    case 'D': return is_digit(c);
    case 'N': return c >= 'A' && c <= 'K' && c != 'I';
    default: return c == want;
    }
}

static bool
plate_matches(const char *pattern, const char *plate)
{
    while (*pattern && *plate) {
        if (!plate_place_ok(g_utf8_get_char(pattern), g_utf8_get_char(plate)))
            return false;
        pattern = g_utf8_next_char(pattern);
        plate = g_utf8_next_char(plate);
    }
    return *pattern == '\0' && *plate == '\0';
}

bool
kn_plate_ok(const char *plate)
{
    if (!g_utf8_validate(plate, -1, NULL))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(plate_patterns); i++)
        if (plate_matches(plate_patterns[i], plate))
            return true;
    return false;
}
