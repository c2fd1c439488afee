/* SPDX-License-Identifier: Apache-2.0 */
/* Which pattern facets a schema may have.  libxml2 matches by backtracking: (a|aa)+b takes minutes on
 * forty characters, a*a*a*b eleven seconds on two thousand.  So a pattern is counted before it is
 * loaded: how many ways can a text be divided among its parts? */
#include "xml/internal.h"

#include <string.h>

#define DEPTH_MAX 32
#define CHOICES_MAX 256 /* ways, over all optional and bounded parts */

typedef struct count {
    bool risky[DEPTH_MAX]; /* the open group holds a choice */
    int depth;
    unsigned choices;
    unsigned unbounded;
} count;

/* Behind a character class that begins at at; NULL when it has no end. */
static const char *
class_end(const char *at)
{
    while (*at && *at != ']')
        at += *at == '\\' && at[1] ? 2 : 1;
    return *at ? at : NULL;
}

static void
choose(count *c, uint64_t ways)
{
    c->choices = (unsigned)MIN((uint64_t)c->choices * MAX(ways, 1), CHOICES_MAX + 1);
}

/* A quantifier at at; the last character of it.  NULL: it cannot be read. */
static const char *
quantifier(count *c, const char *at)
{
    const char *end = strchr(at, '}');
    char *rest = NULL;
    uint64_t from, to;

    if (*at == '?') {
        choose(c, 2);
        return at;
    }
    if (*at != '{') {
        c->unbounded++;
        return at;
    }
    from = g_ascii_strtoull(at + 1, &rest, 10);
    if (!end || rest == at + 1)
        return NULL;
    if (rest == end) /* {n} leaves no choice */
        return end;
    if (*rest != ',')
        return NULL;
    if (rest + 1 == end) {
        c->unbounded++;
        return end;
    }
    to = g_ascii_strtoull(rest + 1, &rest, 10);
    if (rest != end || to < from)
        return NULL;
    choose(c, to - from + 1);
    return end;
}

/* A group ends: false when it is repeated and holds a choice. */
static bool
close_group(count *c, char next)
{
    bool inner;

    if (c->depth == 0)
        return false;
    inner = c->risky[c->depth--];
    c->risky[c->depth] |= inner;
    return !(inner && (next == '*' || next == '+' || next == '{'));
}

static const char *
step(count *c, const char *at)
{
    if (*at == '\\')
        return at[1] ? at + 1 : NULL;
    if (*at == '[')
        return class_end(at);
    if (*at == '(') {
        if (++c->depth >= DEPTH_MAX)
            return NULL;
        c->risky[c->depth] = false;
    } else if (*at == ')') {
        return close_group(c, at[1]) ? at : NULL;
    } else if (*at == '|') {
        c->risky[c->depth] = true;
        choose(c, 2);
    } else if (strchr("*+?{", *at)) {
        c->risky[c->depth] = true;
        return quantifier(c, at);
    }
    return at;
}

/* White space of any length at both ends is what XML's own types allow; it counts as no part when
 * nothing else is without bound. */
static bool
strip_ends(const char *pattern, const char **from, size_t *len)
{
    static const char blank[] = "\\s*";
    size_t n = strlen(pattern);
    bool any = false;

    if (g_str_has_prefix(pattern, blank)) {
        pattern += 3;
        n -= 3;
        any = true;
    }
    if (n >= 4 && memcmp(pattern + n - 3, blank, 3) == 0 && pattern[n - 4] != '\\') {
        n -= 3;
        any = true;
    }
    *from = pattern;
    *len = n;
    return any;
}

bool
kn_pattern_linear(const char *pattern)
{
    count c = { .choices = 1 };
    const char *from;
    size_t len;
    bool ends = strip_ends(pattern, &from, &len);
    g_autofree char *text = g_strndup(from, len);

    for (const char *at = text; *at; at++) {
        at = step(&c, at);
        if (!at)
            return false;
    }
    return c.depth == 0 && c.choices <= CHOICES_MAX && c.unbounded <= (ends ? 0 : 1);
}
