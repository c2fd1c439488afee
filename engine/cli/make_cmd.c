/* SPDX-License-Identifier: Apache-2.0 */
/* kouan make: messages for people, tests and the demonstration. */
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/make.h"

#include <stdio.h>
#include <string.h>

typedef struct wish {
    char *type, *pki, *enterprise, *portal, *card, *receiver, *guid, *file, *out;
    char **set, **unset;
    int bare, unsigned_, ndjson, count, first, skew;
} wish;

static void
wish_clear(wish *w)
{
    char **texts[] = { &w->type, &w->pki,      &w->enterprise, &w->portal, &w->card,
                       &w->guid, &w->receiver, &w->file,       &w->out };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*texts[i]);
    g_strfreev(w->set);
    g_strfreev(w->unset);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(wish, wish_clear)

/* --- the body ------------------------------------------------------------------------------------------ */

/* FILE: {"type", "ns", "prefix", "body": {…}}, or a body alone for --type. */
static bool
load_body(const wish *w, json_t **body, json_t **file, kn_make_order *order, GError **err)
{
    const kn_make_template *known = w->type ? kn_make_template_of(w->type) : NULL;
    json_error_t why;

    if (known)
        *order = (kn_make_order){ .type = known->type, .ns = known->ns, .prefix = known->prefix };
    if (w->file) {
        json_t *inner;

        *file = json_load_file(w->file, 0, &why);
        if (!*file)
            return kn_fail(err, KN_E_IO, "%s:%d: %s", w->file, why.line, why.text);
        inner = json_object_get(*file, "body");
        if (inner && json_is_string(json_object_get(*file, "type"))) {
            order->type = json_string_value(json_object_get(*file, "type"));
            order->ns = json_string_value(json_object_get(*file, "ns"));
            order->prefix = json_string_value(json_object_get(*file, "prefix"));
        }
        *body = json_incref(inner ? inner : *file);
        if (!order->type || !order->ns || !order->prefix)
            return kn_fail(err, KN_E_USAGE,
                           "%s: type, ns and prefix beside body, or a known --type", w->file);
        return true;
    }
    if (!known)
        return kn_fail(err, KN_E_USAGE, "no template for type “%s”", w->type ? w->type : "");
    *body = kn_make_body(known);
    return true;
}

static bool
change_body(const wish *w, json_t *body, GError **err)
{
    for (size_t i = 0; w->unset && w->unset[i]; i++)
        if (!kn_make_set(body, w->unset[i], NULL, err))
            return false;
    for (size_t i = 0; w->set && w->set[i]; i++) {
        g_auto(GStrv) pair = g_strsplit(w->set[i], "=", 2);

        if (!pair[0] || !pair[1])
            return kn_fail(err, KN_E_USAGE, "--set %s: path=value", w->set[i]);
        if (!kn_make_set(body, pair[0], pair[1], err))
            return false;
    }
    return true;
}

/* --- who signs --------------------------------------------------------------------------------------------- */

static bool
choose_card(const kn_make *make, const wish *w, kn_make_order *order, GError **err)
{
    const char *enterprise = w->enterprise ? w->enterprise : "1";

    if (w->unsigned_ || w->bare)
        return true;
    order->card = w->card ? kn_make_card(make, w->card) : kn_make_operator(make, enterprise);
    if (order->card)
        return true;
    return kn_fail(err, KN_E_USAGE, "pki.json has no card for %s; --unsigned sends without one",
                   w->card ? w->card : enterprise);
}

/* ENTE01 is enterprise 1. */
static void
choose_partner(const wish *w, kn_make_order *order, char id[32])
{
    int64_t place = 1;

    (void)g_strlcpy(id, w->portal ? w->portal : "PORTAL01", 32);
    if (w->bare && !w->portal) {
        if (w->enterprise)
            (void)g_ascii_string_to_signed(w->enterprise, 10, 1, 99, &place, NULL);
        (void)g_snprintf(id, 32, "ENTE%02d", (int)place);
    }
    order->partner = id;
    order->bare = w->bare != 0;
    if (!order->card || w->enterprise)
        order->owner = kn_make_orgcode(w->enterprise ? w->enterprise : "1");
}

/* --- where it goes ------------------------------------------------------------------------------------------ */

static bool
write_file(const wish *w, const kn_made *made, int64_t n, GError **err)
{
    g_autofree char *name = g_strdup_printf("%06" G_GINT64_FORMAT "-%s.xml", n, made->guid);
    g_autofree char *path = g_build_filename(w->out, name, NULL);
    g_autoptr(GError) why = NULL;

    if (g_mkdir_with_parents(w->out, 0755) != 0
        || !g_file_set_contents(path, made->bytes->str, (ssize_t)made->bytes->len, &why))
        return kn_fail(err, KN_E_IO, "%s: %s", path, why ? why->message : "cannot be made");
    return true;
}

static bool
hand_out(const wish *w, const kn_made *made, int64_t n, GError **err)
{
    json_t *line;

    if (w->out)
        return write_file(w, made, n, err);
    if (!w->ndjson) {
        (void)fwrite(made->bytes->str, 1, made->bytes->len, stdout);
        (void)fputc('\n', stdout);
        return true;
    }
    line = json_pack("{ss ss ss ss ss ss%}", "guid", made->guid, "type", made->type, "sender",
                     made->sender, "key", made->key, "digest", made->digest, "message",
                     made->bytes->str, made->bytes->len);
    if (!line)
        return kn_fail(err, KN_E_ENGINE_ERROR, "message is no UTF-8 text");
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    (void)fputc('\n', stdout);
    json_decref(line);
    return true;
}

static bool
make_all(const wish *w, kn_make *make, kn_make_order *order, GError **err)
{
    for (int64_t n = w->first; n < (int64_t)w->first + w->count; n++) {
        g_auto(kn_made) made = { 0 };

        order->n = n;
        order->time_ms = kn_clock_wall_ms() + (int64_t)w->skew * 1000;
        if (!kn_make_message(make, order, &made, err) || !hand_out(w, &made, n, err))
            return false;
    }
    return true;
}

static bool
run(const wish *w, GError **err)
{
    g_autoptr(kn_make) make = NULL;
    kn_make_order order = { 0 };
    json_t *body = NULL, *file = NULL;
    char partner[32];
    bool ok;

    if (w->count < 1 || (w->count > 1 && w->guid))
        return kn_fail(err, KN_E_USAGE, "--count is at least 1, and 1 with --guid");
    ok = kn_make_open(w->pki, &make, err) && load_body(w, &body, &file, &order, err)
         && change_body(w, body, err) && choose_card(make, w, &order, err);
    if (ok) {
        choose_partner(w, &order, partner);
        order.body = body;
        order.receiver = w->receiver ? w->receiver : "KOUAN00000000001";
        order.guid = w->guid;
        ok = make_all(w, make, &order, err);
    }
    json_decref(body);
    json_decref(file);
    return ok;
}

static void
list_types(void)
{
    for (const kn_make_template *t = kn_make_templates; t->type; t++)
        (void)printf("%-20s %s\n", t->type, t->ns);
}

/* What --type alone would send, to be changed and given back with --template. */
static int
show_template(const char *type)
{
    const kn_make_template *t = kn_make_template_of(type);

    if (!t) {
        (void)fprintf(stderr, "kouan make: no template for type “%s”\n", type);
        return KN_EXIT_USAGE;
    }
    kn_cli_print_json(json_pack("{ss ss ss so}", "type", t->type, "ns", t->ns, "prefix", t->prefix,
                                "body", kn_make_body(t)));
    return KN_EXIT_OK;
}

static const char more[] =
    "A path counts from the root's children: Declaration/customsCode, "
    "Declaration/Rows/Row[2]/remark.\n"
    "In a value {n} is the message's number, {n5} the same with five digits.\n"
    "Without --out and --ndjson the messages go to standard output, one a line.\n";

int
kn_cli_make(int argc, char **argv)
{
    g_auto(wish) w = { .count = 1, .first = 1 };
    int types = 0, show = 0;
    const GOptionEntry entries[] = {
        { "type", 't', 0, G_OPTION_ARG_STRING, &w.type, "document type (root name)", "NAME" },
        { "pki", 'p', 0, G_OPTION_ARG_FILENAME, &w.pki, "folder made by kouan pki", "DIR" },
        { "enterprise", 'e', 0, G_OPTION_ARG_STRING, &w.enterprise,
          "whose: place from 1, or organisation code (1)", "N" },
        { "portal", 0, 0, G_OPTION_ARG_STRING, &w.portal,
          "partner that signs (PORTAL01; with --bare ENTE0N)", "ID" },
        { "bare", 0, 0, G_OPTION_ARG_NONE, &w.bare,
          "no shell: the partner signs the business message", NULL },
        { "card", 0, 0, G_OPTION_ARG_STRING, &w.card,
          "card: place or number (the enterprise's operator card)", "N" },
        { "unsigned", 0, 0, G_OPTION_ARG_NONE, &w.unsigned_, "no card signs inside the shell",
          NULL },
        { "receiver", 0, 0, G_OPTION_ARG_STRING, &w.receiver, "id of the engine (KOUAN00000000001)",
          "ID" },
        { "guid", 0, 0, G_OPTION_ARG_STRING, &w.guid, "guid of the message (random)", "GUID" },
        { "skew", 0, 0, G_OPTION_ARG_INT, &w.skew, "creation time so many seconds off", "S" },
        { "template", 0, 0, G_OPTION_ARG_FILENAME, &w.file, "body from a JSON file", "FILE" },
        { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &w.set, "set an element; may be repeated",
          "PATH=VALUE" },
        { "unset", 'u', 0, G_OPTION_ARG_STRING_ARRAY, &w.unset,
          "leave an element out; may be repeated", "PATH" },
        { "count", 'n', 0, G_OPTION_ARG_INT, &w.count, "how many (1)", "N" },
        { "first", 0, 0, G_OPTION_ARG_INT, &w.first, "number of the first (1)", "N" },
        { "out", 'o', 0, G_OPTION_ARG_FILENAME, &w.out, "a file each in this folder", "DIR" },
        { "ndjson", 0, 0, G_OPTION_ARG_NONE, &w.ndjson,
          "a JSON object a line: guid, type, sender, key, digest, message", NULL },
        { "types", 0, 0, G_OPTION_ARG_NONE, &types, "list the types with a template", NULL },
        { "show", 0, 0, G_OPTION_ARG_NONE, &show, "print the template of --type", NULL },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "", .what = "Makes signed messages.", .more = more, .entries = entries
    };
    g_autoptr(GError) err = NULL;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (types) {
        list_types();
        return KN_EXIT_OK;
    }
    if (show)
        return show_template(w.type ? w.type : "");
    if (!w.pki || !(w.type || w.file)) {
        (void)fprintf(stderr,
                      "kouan make: --pki and --type must be given; see kouan make --help\n");
        return KN_EXIT_USAGE;
    }
    return run(&w, &err) ? KN_EXIT_OK : kn_cli_fail("make", err);
}
