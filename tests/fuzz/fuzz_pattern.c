/* SPDX-License-Identifier: Apache-2.0 */
/* Door: pattern facets of schemas.  The input is a pattern, a line feed, and a text.  A pattern that
 * passes is matched by libxml2 without giving up and within a bounded time, whatever the text is. */
#include "base/clock.h"
#include "xml/internal.h"

#include <assert.h>
#include <libxml/xmlregexp.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define TEXT_MAX 2000
#define CPU_US 400000 /* of one match; a pattern that backtracks takes seconds here */

static void
silent(void *unused, const char *text, ...)
{
    (void)unused, (void)text;
}

static void
match(xmlRegexp *re, const char *text)
{
    int64_t before = kn_clock_thread_cpu_us();
    int verdict = xmlRegexpExec(re, (const xmlChar *)text);

    assert(verdict == 0 || verdict == 1);
    assert(kn_clock_thread_cpu_us() - before < CPU_US);
}

/* The text as it is, and its first characters again and again with something else at the end. */
static void
match_all(xmlRegexp *re, const char *text)
{
    g_autoptr(GString) again = g_string_new(NULL);
    size_t piece = MIN(strlen(text), 4);

    match(re, text);
    for (size_t n = 1; n <= piece; n++) {
        g_string_truncate(again, 0);
        while (again->len + n < TEXT_MAX)
            (void)g_string_append_len(again, text, (gssize)n);
        match(re, again->str);
        g_string_append_c(again, '\x7f');
        match(re, again->str);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autofree char *all = g_strndup((const char *)data, MIN(len, TEXT_MAX));
    char *text = strchr(all, '\n');
    xmlRegexp *re;

    if (!text || !g_utf8_validate(all, -1, NULL) || strlen(all) > 300)
        return 0;
    *text++ = '\0';
    if (!kn_pattern_linear(all))
        return 0;
    xmlSetGenericErrorFunc(NULL, silent);
    re = xmlRegexpCompile((const xmlChar *)all);
    if (!re)
        return 0;
    for (const char *p = text; *p; p++)
        /* Pieces are cut by bytes; a tree holds no control characters. */
        if ((unsigned char)*p >= 0x80 || ((unsigned char)*p < ' ' && !strchr("\t\n\r", *p)))
            text = (char *)(uintptr_t) "";
    match_all(re, text);
    xmlRegFreeRegexp(re);
    return 0;
}
