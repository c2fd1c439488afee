/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ini.h"

#include <string.h>

#define WORD_MAX 40

/* --- the word that was meant ------------------------------------------------------------------------ */

/* Changes between two short words: a letter more, less, another, or two that changed places. */
static unsigned
distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    unsigned rows[3][WORD_MAX + 1];

    if (n > WORD_MAX || m > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned change = g_ascii_tolower(a[i - 1]) != g_ascii_tolower(b[j - 1]);

            now[j] = MIN(MIN(before[j] + 1, now[j - 1] + 1), before[j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = MIN(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

const char *
kn_ini_nearest(const char *word, const char *const *words)
{
    unsigned least = 3;
    const char *best = "";

    for (size_t i = 0; words[i]; i++) {
        unsigned d = distance(word, words[i]);

        if (d < least && d * 2 < strlen(words[i])) {
            least = d;
            best = words[i];
        }
    }
    return best;
}

char *
kn_ini_meant(const char *word, const char *const *words)
{
    const char *best = kn_ini_nearest(word, words);

    return *best ? g_strdup_printf("; did you mean “%s”?", best) : g_strdup("");
}

/* --- the lines --------------------------------------------------------------------------------------- */

typedef struct scan {
    const char *name;
    GPtrArray *mistakes, *hints;
    GHashTable *seen; /* "group" and "group\nkey" */
    char *group;
    unsigned line;
} scan;

static void
see(scan *s, const char *what, const char *key)
{
    char *id = key ? g_strconcat(s->group, "\n", key, NULL) : g_strdup(what);

    if (g_hash_table_add(s->seen, id))
        return;
    g_ptr_array_add(s->mistakes, key ? g_strdup_printf("%s: [%s] %s: stands there twice (line %u)",
                                                       s->name, s->group, key, s->line)
                                     : g_strdup_printf("%s: [%s]: stands there twice (line %u)",
                                                       s->name, what, s->line));
}

/* GKeyFile takes it for a part of the value. */
static void
look_for_comment(scan *s, const char *key, const char *value)
{
    if (s->hints && (strstr(value, " #") || strstr(value, "\t#") || strstr(value, " ;")))
        g_ptr_array_add(s->hints, g_strdup_printf("%s: [%s] %s: a comment needs a line of its own, "
                                                  "here it is part of the value",
                                                  s->name, s->group, key));
}

static void
scan_line(scan *s, char *line)
{
    char *eq, *end;

    g_strstrip(line);
    if (*line == '[') {
        end = strchr(line, ']');
        if (!end)
            return; /* GKeyFile says it */
        *end = '\0';
        g_free(s->group);
        s->group = g_strdup(line + 1);
        see(s, s->group, NULL);
        return;
    }
    eq = strchr(line, '=');
    if (*line == '#' || *line == '\0' || !eq || !s->group)
        return;
    *eq = '\0';
    g_strchomp(line);
    see(s, NULL, line);
    look_for_comment(s, line, eq + 1);
}

static bool
is_text(const scan *s, const char *text, size_t len)
{
    const char *why = NULL;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        why = "a byte order mark stands before the first line: save as UTF-8 without one";
    else if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        why = "UTF-16, not UTF-8";
    else if (memchr(text, '\0', len))
        why = "a NUL byte, this is no text";
    else if (!g_utf8_validate(text, (gssize)len, NULL))
        why = "not UTF-8";
    if (why)
        g_ptr_array_add(s->mistakes, g_strdup_printf("%s:1: %s", s->name, why));
    return !why;
}

void
kn_ini_scan(const char *name, const char *text, size_t len, GPtrArray *mistakes, GPtrArray *hints)
{
    scan s = { .name = name, .mistakes = mistakes, .hints = hints };
    g_autofree char *copy = NULL;
    g_auto(GStrv) lines = NULL;

    if (!is_text(&s, text, len))
        return;
    copy = g_strndup(text, len);
    lines = g_strsplit(copy, "\n", -1);
    s.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (s.line = 1; lines[s.line - 1]; s.line++)
        scan_line(&s, lines[s.line - 1]);
    if (hints && strstr(copy, "\r\n"))
        g_ptr_array_add(hints, g_strdup_printf("%s: lines end in CRLF", name));
    g_hash_table_unref(s.seen);
    g_free(s.group);
}
