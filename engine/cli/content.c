/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/content.h"

#include "base/rule.h"
#include "cli/paper.h"
#include "decision/decision_priv.h"
#include "xml/msg.h"
#include "xml/shape.h"

#include <string.h>

typedef struct report {
    json_t *errors, *notes;
    bool wrong;
} report;

static void
put(json_t *object, const char *name, const char *value)
{
    if (value && *value)
        (void)json_object_set_new(object, name, json_string(value));
}

static json_t *
add(report *r, kn_error code, const char *rule, const char *path, const char *detail, bool warning)
{
    const kn_error_row *row = kn_error_row_of(code);
    json_t *error = json_pack("{ss ss ss sb}", "error", row->name, "code", row->receipt, "text",
                              row->text, "warning", warning);

    put(error, "rule", rule && *rule ? rule : kn_rule_of(code));
    put(error, "path", path);
    put(error, "detail", detail);
    (void)json_array_append_new(r->errors, error);
    r->wrong |= !warning;
    return error;
}

static void
add_error(report *r, const GError *why)
{
    (void)add(r, kn_error_code(why), NULL, NULL, why->message, false);
}

static void
note(report *r, const char *text)
{
    (void)json_array_append_new(r->notes, json_string(text));
}

/* --- V1 ---------------------------------------------------------------------------------------------- */

/* "/ck:A/ck:B[2]" as the receipts write it: "B[2]", the root left out. */
static char *
path_of(const xmlNode *node)
{
    xmlChar *full = node ? xmlGetNodePath(node) : NULL;
    g_auto(GStrv) parts = g_strsplit(full ? (const char *)full : "", "/", -1);
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    xmlFree(full);
    for (size_t i = 2; parts[0] && parts[1] && parts[i]; i++) {
        const char *colon = strchr(parts[i], ':');

        g_ptr_array_add(names, (char *)(uintptr_t)(colon ? colon + 1 : parts[i]));
    }
    g_ptr_array_add(names, NULL);
    return g_strjoinv("/", (char **)names->pdata);
}

static void
on_violation(void *data, const xmlNode *node, int line, const char *text)
{
    g_autofree char *path = path_of(node), *copy = g_strdup(text);

    (void)json_object_set_new(add(data, KN_E_XSD_INVALID, NULL, path, g_strchomp(copy), false),
                              "line", json_integer(line));
}

static void
check_schema(kn_xml *xml, xmlDoc *doc, const kn_schema *schema, report *r)
{
    g_autoptr(GError) err = NULL;

    if (!kn_xml_violations(xml, doc, schema, on_violation, r, &err))
        add_error(r, err);
}

/* --- the handler in an empty world --------------------------------------------------------------------- */

/* What a record of this world looks like: none, or one that may be changed (an enterprise's own, of the
 * numbers the message names). */
typedef struct world {
    kn_record *record; /* NULL: nothing exists */
} world;

static const kn_record *
look_up(void *arg, const char *kind, const char *key, bool *known)
{
    const world *w = arg;

    (void)kind, (void)key;
    *known = true;
    return w->record;
}

static void
collect_leaves(xmlNode *node, json_t *body)
{
    for (xmlNode *n = node->children; n; n = n->next) {
        xmlChar *text;

        if (n->type != XML_ELEMENT_NODE)
            continue;
        if (xmlChildElementCount(n) > 0) {
            collect_leaves(n, body);
            continue;
        }
        text = xmlNodeGetContent(n);
        put(body, (const char *)n->name, text ? g_strstrip((char *)text) : NULL);
        xmlFree(text);
    }
}

static kn_record *
stored_document(const kn_handler *handler, xmlDoc *doc, const char *owner)
{
    const kn_state *second = handler->machine ? &handler->machine->states[1] : NULL;
    kn_record *record;

    if (!second || !second->code)
        return NULL;
    record = kn_record_new(handler->machine->kind, "", owner, second->code);
    record->version = 1;
    collect_leaves(xmlDocGetRootElement(doc), record->body);
    return record;
}

/* Facts as the head states them: nobody has signed yet. */
static kn_msg *
make_msg(xmlDoc *doc, json_t *leaves, char **owner, GError **err)
{
    xmlDoc *copy = xmlCopyDoc(doc, 1);
    const char *orgcode = json_string_value(json_object_get(leaves, "orgCode"));
    const char *uscc = json_string_value(json_object_get(leaves, "uscc"));
    const char *card = json_string_value(json_object_get(leaves, "cardNo"));
    kn_msg_facts facts = { .partner = "VALIDATE", .digest = "", .in_shell = true };
    kn_msg *msg;

    facts.card = (kn_card){ .number = card ? card : "",
                            .holder_class = "operator",
                            .uscc = "",
                            .orgcode = "",
                            .customs10 = { "", "" },
                            .enterprise = "",
                            .serial = "",
                            .signed_ = card != NULL,
                            .stated = true };
    *owner = orgcode                      ? g_strdup(orgcode)
             : uscc && strlen(uscc) == 18 ? g_strndup(uscc + 8, 9)
                                          : g_strdup("000000000");
    msg = copy ? kn_msg_new(copy, &facts, err) : NULL;
    if (!msg)
        xmlFreeDoc(copy);
    return msg;
}

static kn_step
enter(const kn_rules *rules, const kn_handler *handler, const kn_doctype *type, const kn_msg *msg,
      const char *owner, int64_t now_ms, world *w, kn_decision *d)
{
    static const uint8_t no_secret[32];
    g_autoptr(kn_context) ctx = kn_context_new();
    g_autoptr(kn_ask) ask = kn_ask_new(look_up, w);

    ctx->time_ms = now_ms;
    ctx->conf = kn_rules_conf(rules, handler);
    ctx->codes = kn_rules_codes(rules);
    ctx->op = type->op;
    ctx->owner = owner;
    ctx->topic = "";
    ctx->secret = no_secret;
    ctx->secret_len = sizeof no_secret;
    ctx->slot = 1;
    kn_context_enter(ctx);
    kn_ask_enter(ask);
    kn_decision_reset(d);
    return handler->decide(ctx, msg, ask, d);
}

/* What only the installation's records can tell. */
static bool
needs_records(kn_error code)
{
    static const kn_error codes[] = { KN_E_NO_DOCUMENT,        KN_E_WRONG_STATE,
                                      KN_E_DELETE_STATE,       KN_E_NO_RECEIPTS,
                                      KN_E_CUSTOMS_CODE,       KN_E_CUSTOMS_STALE,
                                      KN_E_CUSTOMS_UNKNOWN_DOC };

    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (codes[i] == code)
            return true;
    return false;
}

/* The message has the part that a path begins with; otherwise the error is about the made-up record. */
static bool
in_message(xmlDoc *doc, const char *path)
{
    g_autofree char *first = g_strndup(path, strcspn(path, "/["));

    return !*first || kn_paper_at(xmlDocGetRootElement(doc), first) != NULL;
}

static void
take_decision(xmlDoc *doc, const kn_decision *d, report *r)
{
    bool told = false;

    for (unsigned i = 0; i < d->errors->len; i++) {
        const kn_field_error *e = d->errors->pdata[i];

        if (!in_message(doc, e->path ? e->path : ""))
            continue;
        (void)add(r, e->code, e->rule, e->path, e->detail, e->warning);
        told |= !e->warning;
    }
    if (d->code != KN_E_OK && d->code != KN_E_FIELDS_WRONG && !told)
        (void)add(r, d->code, d->rule, d->field, d->detail, false);
}

static void
check_fields(const kn_rules *rules, const kn_handler *handler, const kn_doctype *type, xmlDoc *doc,
             int64_t now_ms, report *r)
{
    g_autoptr(kn_decision) d = kn_decision_new();
    g_autoptr(GError) err = NULL;
    g_autofree char *owner = NULL;
    json_t *leaves = json_object();
    kn_msg *msg;
    world w = { NULL };

    collect_leaves(xmlDocGetRootElement(doc), leaves);
    msg = make_msg(doc, leaves, &owner, &err);
    json_decref(leaves);
    if (!msg) {
        add_error(r, err);
        return;
    }
    (void)enter(rules, handler, type, msg, owner, now_ms, &w, d);
    if (needs_records(d->code)) { /* about a document that exists: take one that may be changed */
        note(r, "the document it names is not looked up: whether it exists and its state allows "
                "this is the "
                "engine's to say");
        w.record = stored_document(handler, doc, owner);
        (void)enter(rules, handler, type, msg, owner, now_ms, &w, d);
    }
    if (!needs_records(d->code))
        take_decision(doc, d, r);
    kn_record_free(w.record);
    kn_msg_free(msg);
}

/* --- one document ------------------------------------------------------------------------------------------ */

static void
check_business(kn_xml *xml, const kn_rules *rules, xmlDoc *doc, int64_t now_ms, report *r)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    const kn_doctype *type = NULL;
    const kn_handler *handler = kn_handlers_find(
        (const char *)root->name, root->ns ? (const char *)root->ns->href : "", &type);
    xmlChar *version = xmlGetNoNsProp(root, BAD_CAST "version");
    bool known = handler && version && strcmp((const char *)version, "1.0") == 0;

    xmlFree(version);
    if (!known)
        (void)add(r, KN_E_MSG_UNKNOWN_ROOT, NULL, handler ? "@version" : NULL,
                  handler ? "1.0" : (const char *)root->name, false);
    if (!handler)
        return;
    check_schema(xml, doc, kn_schemas_get(kn_rules_schemas(rules), type->xsd), r);
    check_fields(rules, handler, type, doc, now_ms, r);
    if (type->card_required && !kn_xml_has_signature(doc))
        note(r, "this type needs a card's signature on the business message before it is sent");
}

bool
kn_content_says_gb(const char *bytes, size_t len)
{
    g_autofree char *head = g_ascii_strup(bytes, (ssize_t)MIN(len, 100));
    const char *end = strstr(head, "?>"), *at = strstr(head, "ENCODING=");

    return g_str_has_prefix(head, "<?XML") && at && end && at < end
           && g_str_has_prefix(at + strlen("ENCODING="), at[9] == '"' ? "\"GB" : "'GB");
}

json_t *
kn_content_check(kn_xml *xml, const kn_rules *rules, const char *bytes, size_t len, int64_t now_ms)
{
    report r = { .errors = json_array(), .notes = json_array() };
    g_auto(kn_paper) paper = { 0 };
    g_autoptr(GError) err = NULL;
    json_t *out = json_object();

    if (kn_paper_read(xml, bytes, len, kn_content_says_gb(bytes, len), &paper, &err)) {
        put(out, "type", paper.type);
        put(out, "guid", paper.guid);
        if (paper.in_shell)
            check_schema(xml, paper.outer, kn_rules_shell_schema(rules), &r);
        if (paper.in_shell && strcmp(paper.type, paper.shell.msg_type) != 0)
            (void)add(&r, KN_E_SHELL_BAD, NULL, "TransInfo/MsgType", paper.type, false);
        check_business(xml, rules, kn_paper_business(&paper), now_ms, &r);
    } else {
        add_error(&r, err);
    }
    (void)json_object_set_new(out, "good", json_boolean(!r.wrong));
    (void)json_object_set_new(out, "errors", r.errors);
    (void)json_object_set_new(out, "notes", r.notes);
    return out;
}
