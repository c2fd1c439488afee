/* SPDX-License-Identifier: Apache-2.0 */
#include "lex.h"

#include <string.h>

/* Length of the markup that begins at text; quotes are followed in tags. */
static size_t
markup_len(const char *text, size_t len)
{
    const char *end = NULL;
    char quote = 0;

    if (len >= 4 && memcmp(text, "<!--", 4) == 0)
        end = g_strstr_len(text, (gssize)len, "-->");
    else if (len >= 9 && memcmp(text, "<![CDATA[", 9) == 0)
        end = g_strstr_len(text, (gssize)len, "]]>");
    if (end)
        return (size_t)(end - text) + 3;
    for (size_t i = 1; i < len; i++) {
        if (quote ? text[i] == quote : text[i] == '"' || text[i] == '\'')
            quote = quote ? 0 : text[i];
        else if (!quote && text[i] == '>')
            return i + 1;
    }
    return len;
}

static kn_token_kind
markup_kind(const char *text, size_t len)
{
    if (len < 3 || text[1] == '!' || text[1] == '?')
        return KN_OTHER;
    if (text[1] == '/')
        return KN_END;
    return text[len - 2] == '/' ? KN_EMPTY : KN_START;
}

static void
match_ends(GArray *tokens)
{
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(size_t));

    for (size_t i = 0; i < tokens->len; i++) {
        kn_token *token = &g_array_index(tokens, kn_token, i);

        if (token->kind == KN_START) {
            g_array_append_val(open, i);
        } else if (token->kind == KN_END && open->len > 0) {
            size_t start = g_array_index(open, size_t, open->len - 1);

            g_array_index(tokens, kn_token, start).match = i;
            g_array_set_size(open, open->len - 1);
        }
    }
}

GArray *
kn_lex(const char *text, size_t len)
{
    GArray *tokens = g_array_new(FALSE, FALSE, sizeof(kn_token));

    for (size_t at = 0; at < len;) {
        kn_token token = { .kind = KN_TEXT, .at = at, .match = tokens->len };

        if (text[at] == '<') {
            token.len = markup_len(text + at, len - at);
            token.kind = markup_kind(text + at, token.len);
        } else {
            const char *next = memchr(text + at, '<', len - at);

            token.len = next ? (size_t)(next - text) - at : len - at;
        }
        g_array_append_val(tokens, token);
        at += token.len;
    }
    match_ends(tokens);
    return tokens;
}

const kn_token *
kn_lex_pick(const GArray *tokens, unsigned kinds, kn_rng *rng)
{
    size_t n = 0, chosen = 0;

    for (size_t i = 0; i < tokens->len; i++)
        n += (kinds >> g_array_index(tokens, kn_token, i).kind) & 1;
    if (n == 0)
        return NULL;
    chosen = kn_rng_below(rng, n);
    for (size_t i = 0; i < tokens->len; i++)
        if ((kinds >> g_array_index(tokens, kn_token, i).kind & 1) && chosen-- == 0)
            return &g_array_index(tokens, kn_token, i);
    return NULL;
}

GArray *
kn_lex_attributes(const char *text, const kn_token *tag)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(kn_attribute));
    size_t end = tag->at + tag->len, i = tag->at + 1;

    while (i < end && !g_ascii_isspace(text[i]))
        i++;
    while (i < end) {
        kn_attribute attribute = { .at = i };

        while (i < end && text[i] != '"' && text[i] != '\'')
            i++;
        attribute.value = i + 1;
        for (i++; i < end && text[i] != text[attribute.value - 1];)
            i++;
        if (i >= end)
            break;
        attribute.value_len = i - attribute.value;
        attribute.len = ++i - attribute.at;
        g_array_append_val(found, attribute);
    }
    return found;
}
