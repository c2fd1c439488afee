/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical text changed as text: it is so regular (no comment, no self-closing tag, declarations
 * first) that a scanner of tags is enough.  Only the traps work like this; nothing is decided by it. */
#include "xml/trap_priv.h"

#include <string.h>

/* --- tags ---------------------------------------------------------------------------------------- */

typedef struct tag {
    const char *at, *end; /* '<' and behind '>' */
    bool closes;
} tag;

/* Values hold no '<' and '>' only in attributes, where the quotes are followed. */
static bool
next_tag(const char *from, const char *end, tag *out)
{
    const char *at = memchr(from, '<', (size_t)(end - from));
    bool quoted = false;

    if (!at || at + 1 >= end)
        return false;
    out->at = at;
    out->closes = at[1] == '/';
    for (const char *p = at + 1; p < end; p++) {
        if (*p == '"')
            quoted = !quoted;
        if (*p == '>' && !quoted) {
            out->end = p + 1;
            return true;
        }
    }
    return false;
}

static bool
blank(const char *from, const char *to)
{
    for (; from < to; from++)
        if (!strchr(" \t\r\n", *from))
            return false;
    return true;
}

GString *
kn_text_stripped(const GString *in)
{
    GString *out = g_string_sized_new(in->len);
    const char *at = in->str, *end = in->str + in->len;
    bool opened = false;
    tag t;

    while (next_tag(at, end, &t)) {
        if (!blank(at, t.at) || (opened && t.closes))
            g_string_append_len(out, at, t.at - at);
        g_string_append_len(out, t.at, t.end - t.at);
        opened = !t.closes;
        at = t.end;
    }
    g_string_append_len(out, at, end - at);
    return out;
}

static void
new_line(GString *out, const char *unit, int depth)
{
    g_string_append_c(out, '\n');
    for (int i = 0; i < depth; i++)
        g_string_append(out, unit);
}

GString *
kn_text_indented(const GString *stripped, const char *unit)
{
    GString *out = g_string_sized_new(stripped->len * 2);
    const char *at = stripped->str, *end = stripped->str + stripped->len;
    int depth = 0;
    bool opened = true; /* nothing before the root */
    tag t;

    while (next_tag(at, end, &t)) {
        g_string_append_len(out, at, t.at - at);
        if (t.closes)
            depth--;
        if ((t.closes && !opened) || (!t.closes && out->len > 0))
            new_line(out, unit, depth);
        g_string_append_len(out, t.at, t.end - t.at);
        if (!t.closes)
            depth++;
        opened = !t.closes;
        at = t.end;
    }
    g_string_append_len(out, at, end - at);
    return out;
}

GString *
kn_text_replaced(const char *text, size_t len, const char *from, const char *to)
{
    GString *out = g_string_new_len(text, (gssize)len);

    (void)g_string_replace(out, from, to, 0);
    return out;
}

/* --- declarations of the first start tag ------------------------------------------------------------ */

static const char *
name_end(const char *at)
{
    return at + strcspn(at, " >");
}

/* Behind the declaration that begins here; NULL when none does. */
static const char *
declaration_end(const char *at)
{
    const char *quote;

    if (strncmp(at, " xmlns", 6) != 0 || (at[6] != ':' && at[6] != '='))
        return NULL;
    quote = strchr(at, '"');
    quote = quote ? strchr(quote + 1, '"') : NULL;
    return quote ? quote + 1 : NULL;
}

GPtrArray *
kn_text_declarations(const GString *in)
{
    GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
    const char *at = name_end(in->str), *end;

    while ((end = declaration_end(at))) {
        g_ptr_array_add(out, g_strndup(at, (gsize)(end - at)));
        at = end;
    }
    return out;
}

char *
kn_text_prefix(const char *declaration)
{
    const char *at = declaration + 6;

    at += *at == ':';
    return g_strndup(at, strcspn(at, "="));
}

static int
by_prefix(const void *a, const void *b)
{
    g_autofree char *one = kn_text_prefix(*(char *const *)a);
    g_autofree char *two = kn_text_prefix(*(char *const *)b);

    return strcmp(one, two);
}

GString *
kn_text_with_declarations(const GString *in, const GPtrArray *declarations)
{
    GString *out = g_string_sized_new(in->len + 128);
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    const char *at = name_end(in->str), *end;

    g_string_append_len(out, in->str, at - in->str);
    while ((end = declaration_end(at)))
        at = end;
    for (guint i = 0; i < declarations->len; i++)
        g_ptr_array_add(sorted, declarations->pdata[i]);
    g_ptr_array_sort(sorted, by_prefix);
    for (guint i = 0; i < sorted->len; i++)
        g_string_append(out, sorted->pdata[i]);
    g_string_append_len(out, at, (gssize)in->len - (at - in->str));
    return out;
}

bool
kn_text_has(const GPtrArray *declarations, const char *prefix)
{
    for (guint i = 0; i < declarations->len; i++) {
        g_autofree char *one = kn_text_prefix(declarations->pdata[i]);

        if (strcmp(one, prefix) == 0)
            return true;
    }
    return false;
}

GPtrArray *
kn_text_plus(const GPtrArray *declarations, const char *prefix, const char *uri)
{
    GPtrArray *out = kn_text_minus(declarations, prefix);

    g_ptr_array_add(out, g_strdup_printf(" xmlns:%s=\"%s\"", prefix, uri));
    return out;
}

GPtrArray *
kn_text_minus(const GPtrArray *declarations, const char *prefix)
{
    GPtrArray *out = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < declarations->len; i++) {
        g_autofree char *one = kn_text_prefix(declarations->pdata[i]);

        if (strcmp(one, prefix) != 0)
            g_ptr_array_add(out, g_strdup(declarations->pdata[i]));
    }
    return out;
}

bool
kn_text_uses(const GString *in, const char *prefix)
{
    g_autofree char *element = g_strdup_printf("<%s:", prefix);
    g_autofree char *attribute = g_strdup_printf(" %s:", prefix);

    return !*prefix || strstr(in->str, element) || strstr(in->str, attribute);
}

#define DECLARATIONS_MAX 64 /* below the root that are looked up; each is a search of the text */

GString *
kn_text_without_unused(const GString *in)
{
    GString *out = g_string_sized_new(in->len);
    unsigned looked = 0;
    const char *at = in->str, *all_end = in->str + in->len, *end;
    tag t;

    while (next_tag(at, all_end, &t)) {
        const char *p = t.closes ? t.at : name_end(t.at);

        g_string_append_len(out, at, p - at);
        while (!t.closes && (end = declaration_end(p))) {
            g_autofree char *prefix = kn_text_prefix(p);

            if (t.at == in->str || looked++ >= DECLARATIONS_MAX || kn_text_uses(in, prefix))
                g_string_append_len(out, p, end - p);
            p = end;
        }
        g_string_append_len(out, p, t.end - p);
        at = t.end;
    }
    g_string_append_len(out, at, all_end - at);
    return out;
}

/* --- where a byte lies -------------------------------------------------------------------------------- */

void
kn_trap_path_at(const char *canonical, size_t len, size_t offset, char *out, size_t room)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);
    const char *at = canonical, *end = canonical + len, *here = canonical + MIN(offset, len);
    g_autofree char *path = NULL;
    tag t;

    while (next_tag(at, end, &t) && t.at <= here) {
        if (!t.closes)
            g_ptr_array_add(open, g_strndup(t.at + 1, strcspn(t.at + 1, " >")));
        else if (t.end <= here && open->len > 0)
            g_ptr_array_remove_index(open, open->len - 1);
        at = t.end;
    }
    g_ptr_array_add(open, NULL);
    path = g_strjoinv("/", (char **)open->pdata);
    (void)g_strlcpy(out, path, room);
}
