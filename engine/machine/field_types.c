/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/field_types.h"

#include <string.h>

static bool
is_fullwidth(gunichar c)
{
    return (c >= 0xff10 && c <= 0xff19) || (c >= 0xff21 && c <= 0xff3a)
           || (c >= 0xff41 && c <= 0xff5a) || c == 0xff0d || c == 0xff0e || c == 0x3000;
}

static bool
has_fullwidth(const char *text)
{
    for (; *text; text = g_utf8_next_char(text))
        if (is_fullwidth(g_utf8_get_char(text)))
            return true;
    return false;
}

static char *
to_halfwidth(const char *text)
{
    GString *out = g_string_new(NULL);

    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);

        if (c == 0x3000)
            c = ' ';
        else if (is_fullwidth(c))
            c -= 0xfee0;
        g_string_append_unichar(out, c);
    }
    return g_strstrip(g_string_free(out, FALSE));
}

static kn_error
length_ok(const kn_field *row, const char *text)
{
    long n = g_utf8_strlen(text, -1);

    return n < row->min || (row->max > 0 && n > row->max) ? KN_E_FIELD_LENGTH : KN_E_OK;
}

static kn_error
take_text(const kn_field *row, const kn_field_scope *scope, const char *text, char **value)
{
    kn_error code = length_ok(row, text);

    (void)scope;
    if (code == KN_E_OK)
        *value = g_strdup(text);
    return code;
}

static kn_error
take_alnum(const kn_field *row, const kn_field_scope *scope, const char *text, char **value)
{
    for (const char *p = text; *p; p++)
        if (!g_ascii_isalnum(*p))
            return KN_E_FIELD_FORMAT;
    return take_text(row, scope, text, value);
}

static kn_error
take_digits(const kn_field *row, const kn_field_scope *scope, const char *text, char **value)
{
    for (const char *p = text; *p; p++)
        if (!g_ascii_isdigit(*p))
            return KN_E_FIELD_FORMAT;
    return take_text(row, scope, text, value);
}

/* Digits at *p; their number. */
static size_t
skip_digits(const char **p)
{
    const char *start = *p;

    while (g_ascii_isdigit(**p))
        (*p)++;
    return (size_t)(*p - start);
}

/* N..max,scale as exact text, never a double: "007.50" becomes "7.5", "0.0" becomes "0". */
static kn_error
take_decimal(const kn_field *row, const kn_field_scope *scope, const char *text, char **value)
{
    bool negative = *text == '-';
    const char *p = text + (negative ? 1 : 0);
    const char *whole;
    const char *part;
    size_t nwhole;
    size_t npart = 0;

    (void)scope;
    while (p[0] == '0' && g_ascii_isdigit(p[1]))
        p++;
    whole = p;
    nwhole = skip_digits(&p);
    part = p + 1;
    if (*p == '.') {
        p++;
        npart = skip_digits(&p);
    }
    if (*p || nwhole == 0 || (part == p && npart == 0 && part[-1] == '.'))
        return KN_E_FIELD_FORMAT;
    if (negative || nwhole > (size_t)(row->max - row->scale) || npart > (size_t)row->scale)
        return KN_E_FIELD_RANGE;
    while (npart > 0 && part[npart - 1] == '0')
        npart--;
    if (row->min > 0 && npart == 0 && nwhole == 1 && *whole == '0')
        return KN_E_FIELD_RANGE;
    *value = npart > 0 ? g_strdup_printf("%.*s.%.*s", (int)nwhole, whole, (int)npart, part)
                       : g_strndup(whole, nwhole);
    return KN_E_OK;
}

static kn_error
take_code(const kn_field *row, const kn_field_scope *scope, const char *text, char **value)
{
    const char *code = kn_codes_resolve(scope->codes, row->list, text, NULL);

    if (!code)
        return KN_E_FIELD_CODE;
    *value = g_strdup(code);
    return KN_E_OK;
}

static kn_error
take_date(const kn_field *row, const kn_field_scope *scope, const char *text, char **value)
{
    static const char form[] = "dddd-dd-dd";
    unsigned year;
    unsigned month;
    unsigned day;

    (void)row;
    (void)scope;
    if (strlen(text) != sizeof(form) - 1)
        return KN_E_FIELD_FORMAT;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != form[i])
            return KN_E_FIELD_FORMAT;
    year = (unsigned)g_ascii_strtoull(text, NULL, 10);
    month = (unsigned)g_ascii_strtoull(text + 5, NULL, 10);
    day = (unsigned)g_ascii_strtoull(text + 8, NULL, 10);
    if (year == 0 || month < 1 || month > 12 || day < 1
        || day > g_date_get_days_in_month((GDateMonth)month, (GDateYear)year))
        return KN_E_FIELD_FORMAT;
    *value = g_strdup(text);
    return KN_E_OK;
}

kn_error
kn_field_normalise(const kn_field *row, const kn_field_scope *scope, const char *text, char **value)
{
    static kn_error (*const takers[])(const kn_field *, const kn_field_scope *, const char *,
                                      char **) = {
        [KN_F_TEXT] = take_text,       [KN_F_ALNUM] = take_alnum, [KN_F_DIGITS] = take_digits,
        [KN_F_DECIMAL] = take_decimal, [KN_F_CODE] = take_code,   [KN_F_DATE] = take_date,
    };
    g_autofree char *half = NULL;
    kn_error code;

    if (row->type == KN_F_TEXT || !has_fullwidth(text))
        return takers[row->type](row, scope, text, value);
    /* a name of a code list may hold such characters rightly */
    if (row->type == KN_F_CODE && takers[KN_F_CODE](row, scope, text, value) == KN_E_OK)
        return KN_E_OK;
    if (!(scope->flags & KN_SCOPE_CONVERT_FULLWIDTH))
        return KN_E_FIELD_FULLWIDTH;
    half = to_halfwidth(text);
    code = *half ? takers[row->type](row, scope, half, value) : KN_E_FIELD_FORMAT;
    return code;
}
