/* SPDX-License-Identifier: Apache-2.0 */
/* Rules X2, X3, X4: one pass over the bytes before libxml2 sees them.  The pass only decides what may
 * go on; well-formedness stays the parser's verdict. */
#include "xml/internal.h"

#include <string.h>

typedef struct declaration {
    size_t len; /* bytes of "<?xml ... ?>"; 0 = there is none */
    const char *encoding;
    size_t encoding_len; /* 0 = not given */
} declaration;

static bool
blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
starts(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(end - at) >= len && memcmp(at, word, len) == 0;
}

/* One name="value" of the declaration; *at moves behind it. */
static bool
pseudo_attribute(const char **at, const char *end, const char **name, size_t *name_len,
                 const char **value, size_t *value_len)
{
    const char *p = *at, *close = NULL;

    *name = p;
    while (p < end && g_ascii_isalpha(*p))
        p++;
    *name_len = (size_t)(p - *name);
    while (p < end && blank(*p))
        p++;
    if (*name_len == 0 || p >= end || *p != '=')
        return false;
    p++;
    while (p < end && blank(*p))
        p++;
    if (p >= end || (*p != '"' && *p != '\''))
        return false;
    close = memchr(p + 1, *p, (size_t)(end - p - 1));
    if (!close)
        return false;
    *value = p + 1;
    *value_len = (size_t)(close - p - 1);
    *at = close + 1;
    return true;
}

/* false: something begins like a declaration and is none. */
static bool
read_declaration(const char *at, const char *end, declaration *out)
{
    const char *start = at;
    size_t window = MIN((size_t)(end - at), 256);
    const char *stop = at + window;

    *out = (declaration){ 0 };
    if (!starts(at, end, "<?xml") || window < 6 || !blank(at[5]))
        return true;
    at += 5;
    for (;;) {
        const char *name = NULL, *value = NULL;
        size_t name_len = 0, value_len = 0;

        while (at < stop && blank(*at))
            at++;
        if (starts(at, stop, "?>"))
            break;
        if (!pseudo_attribute(&at, stop, &name, &name_len, &value, &value_len))
            return false;
        if (name_len == 8 && memcmp(name, "encoding", 8) == 0) {
            if (out->encoding || value_len == 0)
                return false;
            out->encoding = value;
            out->encoding_len = value_len;
        }
    }
    out->len = (size_t)(at + 2 - start);
    return true;
}

/* From '<' to the '>' that ends the tag, quotes followed. */
static bool
pass_tag(const kn_xml_limits *limits, const char **at, const char *end, GError **err)
{
    const char *start = *at, *p = start + 1;
    const char *stop = (size_t)(end - start) > limits->max_tag_bytes ? start + limits->max_tag_bytes
                                                                     : end;
    size_t values = 0;
    char quote = 0;

    for (; p < stop; p++) {
        char c = *p;

        if (c == '<')
            return kn_fail(err, KN_E_XML_MALFORMED, "'<' inside a tag at byte %zd", p - start);
        if (quote) {
            if (c == quote)
                quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
            if (++values > limits->max_tag_values)
                return kn_fail(err, KN_E_XML_TAG_LIMIT, "more than %zu quoted values in a tag",
                               limits->max_tag_values);
        } else if (c == '>') {
            *at = p + 1;
            return true;
        }
    }
    if (stop < end)
        return kn_fail(err, KN_E_XML_TAG_LIMIT, "a tag is longer than xml.max_tag_bytes %zu",
                       limits->max_tag_bytes);
    return kn_fail(err, KN_E_XML_MALFORMED, "the document ends inside a tag");
}

static bool
pass_until(const char **at, const char *end, const char *closing, const char *what, GError **err)
{
    const char *found = memmem(*at, (size_t)(end - *at), closing, strlen(closing));

    if (!found)
        return kn_fail(err, KN_E_XML_MALFORMED, "the document ends inside a %s", what);
    *at = found + strlen(closing);
    return true;
}

static bool
pass_markup(const kn_xml_limits *limits, const char **at, const char *end, GError **err)
{
    if (starts(*at, end, "<!--")) {
        *at += 4;
        return pass_until(at, end, "-->", "comment", err);
    }
    if (starts(*at, end, "<![CDATA[")) {
        *at += 9;
        return pass_until(at, end, "]]>", "CDATA section", err);
    }
    if (starts(*at, end, "<!"))
        return kn_fail(err, KN_E_XML_DOCTYPE, "DOCTYPE or other declaration");
    if (starts(*at, end, "<?"))
        return kn_fail(err, KN_E_XML_PI, "processing instruction");
    return pass_tag(limits, at, end, err);
}

bool
kn_prescan(const kn_xml_limits *limits, const char *bytes, size_t len, size_t *skip_out,
           GError **err)
{
    const char *at = bytes, *end = bytes + len;
    declaration decl;

    if (len == 0)
        return kn_fail(err, KN_E_XML_MALFORMED, "no bytes");
    if (memchr(bytes, 0, len))
        return kn_fail(err, KN_E_XML_ENCODING, "NUL byte");
    if (starts(at, end, "\xEF\xBB\xBF"))
        at += 3;
    else if (starts(at, end, "\xFE\xFF") || starts(at, end, "\xFF\xFE"))
        return kn_fail(err, KN_E_XML_ENCODING, "byte order mark of UTF-16");
    /* A second one would be skipped by libxml2's own detection, and by nobody else's. */
    if (at > bytes && starts(at, end, "\xEF\xBB\xBF"))
        return kn_fail(err, KN_E_XML_ENCODING, "second byte order mark");
    *skip_out = (size_t)(at - bytes);
    if (!read_declaration(at, end, &decl))
        return kn_fail(err, KN_E_XML_MALFORMED, "XML declaration cannot be read");
    if (decl.encoding && (decl.encoding_len != 5 || g_ascii_strncasecmp(decl.encoding, "UTF-8", 5)))
        return kn_fail(err, KN_E_XML_ENCODING, "declared encoding is not UTF-8");
    at += decl.len;
    while (at < end) {
        at = memchr(at, '<', (size_t)(end - at));
        if (!at)
            break;
        if (!pass_markup(limits, &at, end, err))
            return false;
    }
    if (!g_utf8_validate_len(bytes, len, NULL))
        return kn_fail(err, KN_E_XML_MALFORMED, "bytes are not UTF-8");
    return true;
}

static bool
gb_name(const declaration *decl)
{
    static const char *const names[] = { "GB2312", "GBK", "GB18030" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (decl->encoding && strlen(names[i]) == decl->encoding_len
            && g_ascii_strncasecmp(names[i], decl->encoding, decl->encoding_len) == 0)
            return true;
    return false;
}

bool
kn_prescan_gb18030(const char *bytes, size_t len, GString **out, GError **err)
{
    static const char utf8_decl[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    declaration decl;
    size_t written = 0;
    g_autofree char *text = NULL;
    GString *result = NULL;

    if (!read_declaration(bytes, bytes + len, &decl))
        return kn_fail(err, KN_E_XML_MALFORMED, "XML declaration cannot be read");
    if (!gb_name(&decl))
        return kn_fail(err, KN_E_XML_ENCODING,
                       "the route is GB18030, the declaration does not say GB2312, GBK or GB18030");
    text = g_convert(bytes + decl.len, (gssize)(len - decl.len), "UTF-8", "GB18030", NULL, &written,
                     NULL);
    if (!text)
        return kn_fail(err, KN_E_XML_CHARSET, "bytes are not GB18030");
    result = g_string_sized_new(sizeof(utf8_decl) + written);
    g_string_append(result, utf8_decl);
    g_string_append_len(result, text, (gssize)written);
    *out = result;
    return true;
}
