/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/parcel.h"

#include "base/hex.h"
#include "cli/cli.h"
#include "cli/paper.h"

#include <openssl/evp.h>
#include <string.h>

static void
parcel_free(void *data)
{
    kn_parcel *p = data;

    g_free(p->name);
    g_free(p->bytes);
    g_free(p->guid);
    g_free(p->type);
    g_free(p->sender);
    g_free(p->key);
    json_decref(p->answer);
    g_free(p);
}

static const char *
input_named(const kn_engine *engine, const char *name)
{
    g_autofree char *end = g_strconcat(".", name, NULL);

    for (size_t i = 0; engine->config->in_topics[i]; i++)
        if (g_str_has_suffix(engine->config->in_topics[i], end))
            return engine->config->in_topics[i];
    return NULL;
}

const char *
kn_parcel_topic(const kn_engine *engine, const char *type, const char *ns)
{
    const kn_doctype *doctype = NULL;
    const kn_handler *handler = kn_handlers_find(type, ns, &doctype);

    if (!handler)
        return NULL;
    return input_named(engine, doctype->senders == KN_BY_CUSTOMS ? "customs" : handler->name);
}

/* --- one message -------------------------------------------------------------------------------------- */

typedef struct loading {
    const kn_engine *engine;
    const kn_parcel_label *label;
    kn_xml *xml;
    GPtrArray *list;
} loading;

static char *
choose(const char *wanted, const char *said)
{
    return g_strdup(wanted ? wanted : said ? said : "");
}

/* An enterprise without a card's facts: its entry knows the code. */
static const char *
code_of(const loading *l, const kn_paper *paper)
{
    const kn_partner *p = kn_partners_find(l->engine->set->partners, paper->sender);

    if (*paper->orgcode || !p || p->kind != KN_PARTNER_ENTERPRISE)
        return paper->orgcode;
    return p->orgcode;
}

/* Takes name and bytes. */
static bool
add_message(loading *l, char *name, char *bytes, size_t len, const char *key, GError **err)
{
    kn_parcel *p = g_new0(kn_parcel, 1);
    const kn_parcel_label *label = l->label;
    g_auto(kn_paper) paper = { 0 };
    uint8_t digest[32];
    bool gb18030 = false, read;

    p->name = name;
    p->bytes = bytes;
    p->len = len;
    if (EVP_Digest(bytes, len, digest, NULL, EVP_sm3(), NULL) == 1)
        kn_hex_encode(digest, sizeof digest, p->sm3);
    g_ptr_array_add(l->list, p);
    if (label->sender) {
        const kn_partner *partner = kn_partners_find(l->engine->set->partners, label->sender);

        gb18030 = partner && partner->gb18030;
    }
    read = kn_paper_read(l->xml, bytes, len, gb18030, &paper,
                         label->topic && label->key ? NULL : err);
    if (!read && !(label->topic && label->key)) {
        g_prefix_error(err, "%s: ", name);
        return false;
    }
    p->guid = choose(NULL, paper.guid);
    p->type = choose(NULL, paper.type);
    p->sender = choose(label->sender, paper.sender);
    p->key = choose(label->key, key ? key : read ? code_of(l, &paper) : NULL);
    p->topic = label->topic ? label->topic : kn_parcel_topic(l->engine, p->type, paper.ns);
    if (!p->topic)
        return kn_fail(err, KN_E_USAGE, "%s: no input topic for type “%s”; --topic says it", name,
                       p->type);
    return true;
}

static bool
add_line(loading *l, const char *file, size_t number, const char *line, size_t len, GError **err)
{
    json_t *object = json_loadb(line, len, 0, NULL);
    const char *message = json_string_value(json_object_get(object, "message"));
    g_autofree char *name = g_strdup_printf("%s:%zu", file, number);
    bool ok;

    if (!message)
        ok = kn_fail(err, KN_E_USAGE, "%s: no JSON object with a message", name);
    else
        ok = add_message(l, g_strdup(name), g_strdup(message), strlen(message),
                         json_string_value(json_object_get(object, "key")), err);
    json_decref(object);
    return ok;
}

static bool
add_lines(loading *l, const char *file, const char *text, size_t len, GError **err)
{
    size_t from = 0, number = 0;

    while (from < len) {
        const char *end = memchr(text + from, '\n', len - from);
        size_t to = end ? (size_t)(end - text) : len;

        number++;
        if (to > from && !add_line(l, file, number, text + from, to - from, err))
            return false;
        from = to + 1;
    }
    return true;
}

/* --- files and folders ---------------------------------------------------------------------------------- */

static bool
add_file(loading *l, const char *path, GError **err)
{
    g_autofree char *text = NULL;
    size_t len = 0;

    if (!kn_cli_read(path, &text, &len, err))
        return false;
    if (len > 0 && text[0] == '{')
        return add_lines(l, path, text, len, err);
    return add_message(l, g_strdup(path), g_steal_pointer(&text), len, NULL, err);
}

static int
by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool
add_folder(loading *l, const char *path, GError **err)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = g_dir_open(path, 0, &why);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (!dir)
        return kn_fail(err, KN_E_IO, "%s", why->message);
    while ((name = g_dir_read_name(dir)))
        if (g_str_has_suffix(name, ".xml") || g_str_has_suffix(name, ".ndjson"))
            g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_ptr_array_sort(names, by_name);
    for (unsigned i = 0; i < names->len; i++)
        if (!add_file(l, g_ptr_array_index(names, i), err))
            return false;
    return true;
}

bool
kn_parcels_load(const kn_engine *engine, const char *const *paths, const kn_parcel_label *label,
                GPtrArray **out, GError **err)
{
    kn_xml_limits limits = kn_xml_limits_default;
    loading l = { .engine = engine,
                  .label = label,
                  .list = g_ptr_array_new_with_free_func(parcel_free) };
    bool ok = true;

    limits.max_bytes =
        (size_t)engine->config->max_message_bytes; /* the engine is to refuse, not the tool */
    l.xml = kn_xml_new(&limits, NULL);
    for (size_t i = 0; paths[i] && ok; i++)
        ok = g_file_test(paths[i], G_FILE_TEST_IS_DIR) ? add_folder(&l, paths[i], err)
                                                       : add_file(&l, paths[i], err);
    kn_xml_free(l.xml);
    if (!ok) {
        g_ptr_array_unref(l.list);
        return false;
    }
    *out = l.list;
    return true;
}
