/* SPDX-License-Identifier: Apache-2.0 */
#include "mutate.h"

#include "lex.h"

#include <string.h>

#define ONE_OF(list) (list)[kn_rng_below(rng, G_N_ELEMENTS(list))]
#define TAGS (1u << KN_START | 1u << KN_EMPTY)
#define ANY (TAGS | 1u << KN_END | 1u << KN_TEXT)

static void
replace(GString *text, size_t at, size_t len, const char *with)
{
    (void)g_string_erase(text, (gssize)at, (gssize)len);
    (void)g_string_insert(text, (gssize)at, with);
}

/* --- texts -------------------------------------------------------------------------------------- */

static void
text_piece(GString *text, const GArray *tokens, kn_rng *rng)
{
    static const char *const pieces[] = {
        "7",     " ",     "\n",   "\r\n",     "\t",       "&amp;", "&#49;",         "&#x0A;",
        "&#13;", "&lt;",  "&gt;", "&#0;",     "<!--c-->", "<!-->", "<![CDATA[1]]>", "<![CDATA[]]>",
        "]]>",   "<?p?>", "渝",   "\xC2\xA0", "&nope;",   "\x01"
    };
    const kn_token *t = kn_lex_pick(tokens, 1u << KN_TEXT, rng);

    if (t)
        replace(text, t->at + kn_rng_below(rng, t->len + 1), kn_rng_below(rng, 2), ONE_OF(pieces));
}

/* A character as a reference or as CDATA: the same text, spelt otherwise. */
static void
text_respell(GString *text, const GArray *tokens, kn_rng *rng)
{
    const kn_token *t = kn_lex_pick(tokens, 1u << KN_TEXT, rng);
    g_autofree char *spelt = NULL;
    size_t at = 0;
    int c = 0;

    if (!t)
        return;
    at = t->at + kn_rng_below(rng, t->len);
    c = (unsigned char)text->str[at];
    if (c >= 0x80 || strchr("&;#", c))
        return;
    switch (kn_rng_below(rng, 5)) {
    case 0: spelt = g_strdup_printf("&#%d;", c); break;
    case 1: spelt = g_strdup_printf("&#x%x;", (unsigned)c); break;
    case 2: spelt = g_strdup_printf("&#x000%X;", (unsigned)c); break;
    case 3: spelt = g_strdup_printf("<![CDATA[%c]]>", c); break;
    default: spelt = g_strdup_printf("<!-- -->%c", c); break;
    }
    replace(text, at, 1, spelt);
}

static void
base64_edit(GString *text, const GArray *tokens, kn_rng *rng)
{
    static const char *const pieces[] = { "\n", " ", "=", "A", "/", "-", "AAAA", "&#10;", "" };
    const kn_token *best = NULL;

    for (int i = 0; i < 8 && !best; i++) { /* a long text is most likely base64 */
        const kn_token *t = kn_lex_pick(tokens, 1u << KN_TEXT, rng);

        if (t && t->len >= 28)
            best = t;
    }
    if (best)
        replace(text, best->at + kn_rng_below(rng, best->len + 1), kn_rng_below(rng, 2),
                ONE_OF(pieces));
}

/* --- tags ------------------------------------------------------------------------------------------ */

static void
attribute_add(GString *text, const GArray *tokens, kn_rng *rng)
{
    static const char *const news[] = {
        " x=\"1\"",
        " Id=\"msg-1\"",
        " xml:id=\"a\"",
        " xml:lang=\"zh\"",
        " xmlns:zz=\"urn:zz\"",
        " xmlns=\"\"",
        " xmlns=\"urn:d\"",
        " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
        " xmlns:k=\"urn:kouan:test:1\"",
        " xmlns:k=\"urn:kouan:test:2\"",
        " xsi:type=\"k:T\"",
        " xsi:nil=\"true\"",
        " URI=\"\"",
        " Algorithm=\"urn:x\"",
        "\n ",
        "  ",
    };
    const kn_token *t = kn_lex_pick(tokens, TAGS, rng);
    size_t at = 0;

    if (!t)
        return;
    at = t->at + 1 + strcspn(text->str + t->at + 1, " \t\r\n/>");
    replace(text, at, 0, ONE_OF(news));
}

static const kn_attribute *
some_attribute(GString *text, const GArray *tokens, kn_rng *rng, GArray **keep)
{
    for (int i = 0; i < 8; i++) {
        const kn_token *t = kn_lex_pick(tokens, TAGS, rng);

        if (!t)
            return NULL;
        *keep = kn_lex_attributes(text->str, t);
        if ((*keep)->len > 0)
            return &g_array_index(*keep, kn_attribute, kn_rng_below(rng, (*keep)->len));
        g_clear_pointer(keep, g_array_unref);
    }
    return NULL;
}

static void
attribute_edit(GString *text, const GArray *tokens, kn_rng *rng)
{
    static const char *const pieces[] = { "1",      " ", "&#32;", "&#10;", "&amp;",
                                          "&quot;", "",  "x",     "#",     "\t" };
    g_autoptr(GArray) keep = NULL;
    const kn_attribute *a = some_attribute(text, tokens, rng, &keep);

    if (!a)
        return;
    switch (kn_rng_below(rng, 4)) {
    case 0: (void)g_string_erase(text, (gssize)a->at, (gssize)a->len); return;
    case 1: { /* other quotes */
        if (memchr(text->str + a->value, '\'', a->value_len))
            return;
        text->str[a->value - 1] = text->str[a->value + a->value_len] = '\'';
        return;
    }
    default:
        replace(text, a->value + kn_rng_below(rng, a->value_len + 1),
                a->value_len ? kn_rng_below(rng, 2) : 0, ONE_OF(pieces));
    }
}

static void
attribute_move(GString *text, const GArray *tokens, kn_rng *rng)
{
    g_autoptr(GArray) keep = NULL;
    const kn_attribute *a = some_attribute(text, tokens, rng, &keep);
    const kn_attribute *first = keep ? &g_array_index(keep, kn_attribute, 0) : NULL;
    g_autofree char *copy = NULL;

    if (!a)
        return;
    copy = g_strndup(text->str + a->at, a->len);
    if (kn_rng_below(rng, 3) == 0) { /* to another element */
        const kn_token *t = kn_lex_pick(tokens, TAGS, rng);
        size_t at = t->at + 1 + strcspn(text->str + t->at + 1, " \t\r\n/>");

        replace(text, at, 0, copy);
        return;
    }
    (void)g_string_erase(text, (gssize)a->at, (gssize)a->len); /* to the front of its own */
    replace(text, first->at, 0, copy);
}

static void
algorithm_swap(GString *text, const GArray *tokens, kn_rng *rng)
{
    static const char *const uris[] = {
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2000/09/xmldsig#sha1",
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.chinaport.gov.cn/2022/04/xmldsig#sm3",
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2000/09/xmldsig#sm2-sm3",
        "http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3",
    };
    const char *from = ONE_OF(uris), *at = strstr(text->str, from);

    (void)tokens;
    if (at)
        replace(text, (size_t)(at - text->str), strlen(from), ONE_OF(uris));
}

static void
empty_form(GString *text, const GArray *tokens, kn_rng *rng)
{
    const kn_token *t = kn_lex_pick(tokens, TAGS, rng);

    if (!t)
        return;
    if (t->kind == KN_START) {
        const kn_token *end = &g_array_index(tokens, kn_token, t->match);

        if (end->at != t->at + t->len) /* has content */
            return;
        replace(text, end->at, end->len, "");
        replace(text, t->at + t->len - 1, 0, "/");
        return;
    }
    g_autofree char *name = g_strndup(text->str + t->at + 1,
                                      strcspn(text->str + t->at + 1, " \t\r\n/>"));
    g_autofree char *end = g_strdup_printf("></%s>", name);

    replace(text, t->at + t->len - 2, 2, end);
}

/* --- prefixes ---------------------------------------------------------------------------------------- */

/* Every use of a prefix, or only the first few. */
static void
prefix_rename(GString *text, const GArray *tokens, kn_rng *rng)
{
    static const char *const names[] = { "ds", "k", "xsi", "dxp", "b" };
    static const char *const others[] = { "q", "ds", "k", "a", "zz" };
    const char *from = ONE_OF(names), *to = ONE_OF(others);
    bool all = kn_rng_below(rng, 2);
    g_autoptr(GString) out = g_string_new(NULL);
    size_t len = strlen(from);

    (void)tokens;
    for (size_t i = 0; i < text->len; i++) {
        char before = i > 0 ? text->str[i - 1] : ' ';
        bool here = strncmp(text->str + i, from, len) == 0
                    && ((strchr("</ ", before) && text->str[i + len] == ':')
                        || (before == ':' && text->str[i + len] == '='));

        if (here && (all || kn_rng_below(rng, 3) == 0)) {
            g_string_append(out, to);
            i += len - 1;
        } else {
            g_string_append_c(out, text->str[i]);
        }
    }
    g_string_assign(text, out->str);
}

/* --- elements ------------------------------------------------------------------------------------------- */

/* Span of an element; false: a start without an end. */
static bool
span_of(const GArray *tokens, const kn_token *t, size_t *at, size_t *len)
{
    const kn_token *end = &g_array_index(tokens, kn_token, t->match);

    *at = t->at;
    *len = end->at + end->len - t->at;
    return t->kind == KN_EMPTY || end->kind == KN_END;
}

static void
element_copy(GString *text, const GArray *tokens, kn_rng *rng)
{
    const kn_token *t = kn_lex_pick(tokens, TAGS, rng), *to = kn_lex_pick(tokens, ANY, rng);
    g_autofree char *copy = NULL;
    size_t at = 0, len = 0;
    bool move = kn_rng_below(rng, 2);

    if (!t || !to || !span_of(tokens, t, &at, &len))
        return;
    copy = g_strndup(text->str + at, len);
    if (move && to->at >= at && to->at < at + len)
        return;
    if (move && to->at < at) {
        (void)g_string_erase(text, (gssize)at, (gssize)len);
        replace(text, to->at, 0, copy);
        return;
    }
    replace(text, to->at, 0, copy);
    if (move)
        (void)g_string_erase(text, (gssize)at, (gssize)len);
}

static void
element_drop(GString *text, const GArray *tokens, kn_rng *rng)
{
    const kn_token *t = kn_lex_pick(tokens, TAGS, rng);
    size_t at = 0, len = 0;

    if (t && span_of(tokens, t, &at, &len))
        (void)g_string_erase(text, (gssize)at, (gssize)len);
}

static void
element_wrap(GString *text, const GArray *tokens, kn_rng *rng)
{
    const kn_token *t = kn_lex_pick(tokens, TAGS, rng);
    size_t at = 0, len = 0;

    if (!t || !span_of(tokens, t, &at, &len))
        return;
    replace(text, at + len, 0, "</w>");
    replace(text, at, 0, "<w>");
}

static void
between(GString *text, const GArray *tokens, kn_rng *rng)
{
    static const char *const pieces[] = { " ",
                                          "\n",
                                          "\r\n",
                                          "<!-- c -->",
                                          "<x/>",
                                          "x",
                                          "<?p?>",
                                          "&#9;",
                                          "<k:Extra xmlns:k=\"urn:kouan:test:1\"/>",
                                          "<![CDATA[ ]]>" };
    const kn_token *t = kn_lex_pick(tokens, ANY, rng);

    if (t)
        replace(text, t->at, 0, ONE_OF(pieces));
}

static void
head(GString *text, const GArray *tokens, kn_rng *rng)
{
    static const char *const pieces[] = { "<?xml version=\"1.0\"?>",
                                          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                                          "<?xml version='1.1'?>",
                                          "\xEF\xBB\xBF",
                                          "<!DOCTYPE a>",
                                          "<!-- c -->",
                                          " " };
    (void)tokens;
    replace(text, 0, 0, ONE_OF(pieces));
}

static void
byte_edit(GString *text, const GArray *tokens, kn_rng *rng)
{
    size_t at = kn_rng_below(rng, text->len);

    (void)tokens;
    if (text->len == 0)
        return;
    switch (kn_rng_below(rng, 3)) {
    case 0: text->str[at] = (char)(text->str[at] ^ (1 << kn_rng_below(rng, 8))); break;
    case 1: (void)g_string_erase(text, (gssize)at, 1); break;
    default: (void)g_string_insert_c(text, (gssize)at, (gchar)(32 + kn_rng_below(rng, 95)));
    }
}

/* clang-format off */
static const struct {
    const char *name;
    unsigned weight;
    void (*apply)(GString *text, const GArray *tokens, kn_rng *rng);
} mutations[] = {
    { "text", 4, text_piece },           { "respell", 5, text_respell },   { "base64", 3, base64_edit },
    { "attribute add", 3, attribute_add }, { "attribute edit", 3, attribute_edit },
    { "attribute move", 3, attribute_move }, { "algorithm", 1, algorithm_swap }, { "empty form", 3, empty_form },
    { "prefix", 2, prefix_rename },      { "element copy or move", 2, element_copy },
    { "element dropped", 1, element_drop }, { "element wrapped", 1, element_wrap },
    { "between", 4, between },           { "head", 1, head },              { "byte", 2, byte_edit },
};
/* clang-format on */

static void
mutate_once(GString *text, kn_rng *rng, GString *notes)
{
    g_autoptr(GArray) tokens = kn_lex(text->str, text->len);
    size_t total = 0, chosen = 0, i = 0;

    for (size_t k = 0; k < G_N_ELEMENTS(mutations); k++)
        total += mutations[k].weight;
    chosen = kn_rng_below(rng, total);
    while (chosen >= mutations[i].weight)
        chosen -= mutations[i++].weight;
    mutations[i].apply(text, tokens, rng);
    if (notes)
        g_string_append_printf(notes, "%s%s", notes->len ? ", " : "", mutations[i].name);
}

void
kn_mutate(GString *text, kn_rng *rng, GString *notes)
{
    for (size_t n = 1 + kn_rng_below(rng, 2) + kn_rng_below(rng, 2); n > 0; n--)
        mutate_once(text, rng, notes);
}
