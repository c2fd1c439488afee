/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/write.h"

#include "xml/internal.h"

#include <string.h>

struct kn_writer {
    GString *text;
    GPtrArray *open;   /* qualified names of the open elements */
    GPtrArray *ns;     /* prefix, uri, ... sorted */
    const char *wrong; /* first thing that was no XML */
};

void
kn_canonical_free(kn_canonical *doc)
{
    if (!doc)
        return;
    if (doc->text)
        g_string_free(doc->text, TRUE);
    if (doc->ns)
        g_ptr_array_unref(doc->ns);
    g_free(doc);
}

static void
reset(kn_writer *writer)
{
    writer->text = g_string_sized_new(4096);
    writer->open = g_ptr_array_new_with_free_func(g_free);
    writer->ns = g_ptr_array_new_with_free_func(g_free);
    writer->wrong = NULL;
}

static void
drop(kn_writer *writer)
{
    if (writer->text)
        g_string_free(writer->text, TRUE);
    if (writer->ns)
        g_ptr_array_unref(writer->ns);
    g_ptr_array_unref(writer->open);
}

kn_writer *
kn_writer_new(void)
{
    kn_writer *writer = g_new0(kn_writer, 1);

    reset(writer);
    return writer;
}

void
kn_writer_free(kn_writer *writer)
{
    if (!writer)
        return;
    drop(writer);
    g_free(writer);
}

/* Our element names are ASCII; anything else came from data and is refused. */
static bool
name_ok(const char *name)
{
    if (!name || !(g_ascii_isalpha(*name) || *name == '_'))
        return false;
    for (name++; *name; name++)
        if (!g_ascii_isalnum(*name) && *name != '_' && *name != '-' && *name != '.')
            return false;
    return true;
}

static bool
prefix_known(const kn_writer *writer, const char *prefix)
{
    for (guint i = 0; i < writer->ns->len; i += 2)
        if (strcmp(writer->ns->pdata[i], prefix) == 0)
            return true;
    return *prefix == '\0'; /* no default namespace declared: no namespace */
}

/* XML's Char production; TAB, LF, CR are the only controls. */
static bool
char_ok(gunichar c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

static bool
plain(const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x80 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
            return false;
    }
    return true;
}

/* The text itself, or a copy in *own with U+FFFD for what XML cannot carry. */
static const char *
printable(const char *text, char **own)
{
    g_autofree char *valid = NULL;
    GString *out = NULL;

    if (plain(text))
        return text;
    valid = g_utf8_make_valid(text, -1);
    out = g_string_sized_new(strlen(valid));
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        g_string_append_unichar(out, char_ok(c) ? c : 0xFFFD);
    }
    *own = g_string_free(out, FALSE);
    return *own;
}

static void
put_chars(GString *out, const char *text)
{
    g_autofree char *own = NULL;
    const char *clean = printable(text, &own);

    kn_c14n_escape_text(out, clean, strlen(clean));
}

static int
attr_order(const void *a, const void *b)
{
    return strcmp(((const kn_attr *)a)->name, ((const kn_attr *)b)->name);
}

static void
put_attrs(kn_writer *writer, const kn_attr *attrs)
{
    g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(kn_attr));

    for (; attrs && attrs->name; attrs++)
        if (attrs->value)
            g_array_append_val(sorted, *attrs);
    g_array_sort(sorted, attr_order);
    for (guint i = 0; i < sorted->len; i++) {
        const kn_attr *attr = &g_array_index(sorted, kn_attr, i);
        g_autofree char *own = NULL;

        if (!name_ok(attr->name))
            writer->wrong = "attribute name";
        g_string_append_printf(writer->text, " %s=\"", attr->name);
        kn_c14n_escape_attr(writer->text, printable(attr->value, &own));
        g_string_append_c(writer->text, '"');
    }
}

static void
open_name(kn_writer *writer, const char *prefix, const char *local)
{
    char *name = *prefix ? g_strconcat(prefix, ":", local, NULL) : g_strdup(local);

    if (!name_ok(local))
        writer->wrong = "element name";
    else if (!prefix_known(writer, prefix))
        writer->wrong = "prefix";
    g_string_append_c(writer->text, '<');
    g_string_append(writer->text, name);
    g_ptr_array_add(writer->open, name);
}

static int
ns_order(const void *a, const void *b)
{
    return strcmp(((const kn_ns *)a)->prefix, ((const kn_ns *)b)->prefix);
}

void
kn_writer_root(kn_writer *writer, const char *prefix, const char *local, const kn_ns *ns,
               const kn_attr *attrs)
{
    kn_ns sorted[KN_NS_MAX];
    size_t n = 0;

    for (; ns && ns->prefix && n < KN_NS_MAX; ns++)
        sorted[n++] = *ns;
    if (ns && ns->prefix)
        writer->wrong = "number of namespaces";
    qsort(sorted, n, sizeof(*sorted), ns_order);
    for (size_t i = 0; i < n; i++) {
        g_ptr_array_add(writer->ns, g_strdup(sorted[i].prefix));
        g_ptr_array_add(writer->ns, g_strdup(sorted[i].uri));
    }
    open_name(writer, prefix, local);
    for (size_t i = 0; i < n; i++) {
        g_string_append(writer->text, *sorted[i].prefix ? " xmlns:" : " xmlns");
        g_string_append(writer->text, sorted[i].prefix);
        g_string_append(writer->text, "=\"");
        kn_c14n_escape_attr(writer->text, sorted[i].uri);
        g_string_append_c(writer->text, '"');
    }
    put_attrs(writer, attrs);
    g_string_append_c(writer->text, '>');
}

void
kn_writer_root_guid(kn_writer *writer, const char *prefix, const char *local, const kn_ns *ns,
                    const char *guid, const char *version)
{
    const kn_attr attrs[] = { { "guid", guid }, { "version", version }, { NULL, NULL } };

    kn_writer_root(writer, prefix, local, ns, attrs);
}

void
kn_writer_start(kn_writer *writer, const char *prefix, const char *local, const kn_attr *attrs)
{
    if (writer->open->len == 0)
        writer->wrong = "element outside the root";
    open_name(writer, prefix, local);
    if (attrs)
        put_attrs(writer, attrs);
    g_string_append_c(writer->text, '>');
}

void
kn_writer_chars(kn_writer *writer, const char *text)
{
    put_chars(writer->text, text);
}

void
kn_writer_end(kn_writer *writer)
{
    if (writer->open->len == 0) {
        writer->wrong = "end without start";
        return;
    }
    g_string_append(writer->text, "</");
    g_string_append(writer->text, writer->open->pdata[writer->open->len - 1]);
    g_string_append_c(writer->text, '>');
    g_ptr_array_set_size(writer->open, (int)writer->open->len - 1);
}

void
kn_writer_text(kn_writer *writer, const char *prefix, const char *local, const char *text)
{
    if (!text)
        return;
    kn_writer_start(writer, prefix, local, NULL);
    kn_writer_chars(writer, text);
    kn_writer_end(writer);
}

static void
write_member(kn_writer *writer, const char *prefix, const char *name, const json_t *value,
             int depth)
{
    const char *member = NULL;
    json_t *child = NULL;
    size_t i = 0;
    char number[32];

    if (depth > KN_XML_DEPTH_CEILING) {
        writer->wrong = "depth";
        return;
    }
    switch (json_typeof(value)) {
    case JSON_NULL: break;
    case JSON_ARRAY:
        json_array_foreach (value, i, child)
            write_member(writer, prefix, name, child, depth + 1);
        break;
    case JSON_OBJECT:
        kn_writer_start(writer, prefix, name, NULL);
        json_object_foreach ((json_t *)value, member, child)
            write_member(writer, prefix, member, child, depth + 1);
        kn_writer_end(writer);
        break;
    case JSON_STRING: kn_writer_text(writer, prefix, name, json_string_value(value)); break;
    case JSON_INTEGER:
        g_snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        kn_writer_text(writer, prefix, name, number);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        kn_writer_text(writer, prefix, name, json_is_true(value) ? "true" : "false");
        break;
    case JSON_REAL:
        writer->wrong = "a real number"; /* scaled integers only; texts of doubles differ */
        break;
    }
}

void
kn_write_json(kn_writer *writer, const char *prefix, const json_t *object)
{
    const char *name = NULL;
    json_t *child = NULL;

    if (object && !json_is_object(object))
        writer->wrong = "a body that is no object";
    json_object_foreach ((json_t *)object, name, child)
        write_member(writer, prefix, name, child, 0);
}

bool
kn_writer_take(kn_writer *writer, kn_canonical **out, GError **err)
{
    const char *wrong = writer->wrong;
    kn_canonical *doc = NULL;
    size_t end_tag = 0;

    while (writer->open->len > 1)
        kn_writer_end(writer);
    if (writer->open->len == 0)
        wrong = wrong ? wrong : "root";
    end_tag = writer->text->len;
    if (writer->open->len == 1)
        kn_writer_end(writer);
    if (wrong) {
        drop(writer);
        reset(writer);
        return kn_fail(err, KN_E_ENGINE_ERROR, "written document is no XML: %s", wrong);
    }
    doc = g_new0(kn_canonical, 1);
    doc->text = g_steal_pointer(&writer->text);
    doc->ns = g_steal_pointer(&writer->ns);
    doc->end_tag = end_tag;
    drop(writer);
    reset(writer);
    *out = doc;
    return true;
}
