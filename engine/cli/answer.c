/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/answer.h"

#include "cli/paper.h"

#include <string.h>

/* Member of the facts and where it stands. */
static const struct {
    const char *name, *path;
} leaves[] = {
    { "kind", "Head/receiptKind" },
    { "answers", "Head/oriGuid" },
    { "type", "Head/oriType" },
    { "sender", "Head/senderId" },
    { "receiver", "Head/receiverId" },
    { "final", "Head/final" },
    { "returnStatus", "returnStatus" },
    { "returnTime", "returnTime" },
    { "returnInfo", "returnInfo" },
    { "resultCode", "resultCode" },
    { "errorName", "errorName" },
    { "rule", "rule" },
    { "field", "field" },
    { "detail", "detail" },
    { "cardNo", "cardNo" },
};

/* Elements below node: leaves as texts, others as objects, repeated names as arrays. */
static json_t *
tree(const xmlNode *node)
{
    json_t *object = json_object();

    for (xmlNode *n = node->children; n; n = n->next) {
        json_t *value, *old;

        if (n->type != XML_ELEMENT_NODE)
            continue;
        if (xmlFirstElementChild(n)) {
            value = tree(n);
        } else {
            xmlChar *text = xmlNodeGetContent(n);

            value = json_string(text ? (const char *)text : "");
            xmlFree(text);
        }
        old = json_object_get(object, (const char *)n->name);
        if (json_is_array(old)) {
            (void)json_array_append_new(old, value);
        } else if (old) {
            json_t *list = json_pack("[Oo]", old, value);

            (void)json_object_set_new(object, (const char *)n->name, list);
        } else {
            (void)json_object_set_new(object, (const char *)n->name, value);
        }
    }
    return object;
}

static json_t *
as_list(json_t *value)
{
    if (json_is_array(value))
        return json_incref(value);
    return value ? json_pack("[O]", value) : json_array();
}

static void
add_group(json_t *facts, xmlNode *root, const char *element, const char *name, const char *list)
{
    xmlNode *at = kn_paper_at(root, element);
    json_t *object;

    if (!at)
        return;
    object = tree(at);
    if (list) {
        json_t *members = as_list(json_object_get(object, list));

        json_decref(object);
        object = members;
    }
    (void)json_object_set_new(facts, name, object);
}

bool
kn_answer_read(kn_xml *xml, const char *bytes, size_t len, json_t **out, GError **err)
{
    g_auto(kn_paper) paper = { 0 };
    xmlNode *root;
    json_t *facts;

    if (!kn_paper_read(xml, bytes, len, false, &paper, err))
        return false;
    if (strcmp(paper.type, "Receipt") != 0)
        return kn_fail(err, KN_E_MSG_UNKNOWN_ROOT, "root “%.64s” is no receipt", paper.type);
    root = xmlDocGetRootElement(kn_paper_business(&paper));
    facts = json_pack("{ss}", "guid", paper.guid);
    for (size_t i = 0; i < G_N_ELEMENTS(leaves); i++) {
        g_autofree char *text = kn_paper_text(root, leaves[i].path);

        if (*text)
            (void)json_object_set_new(facts, leaves[i].name, json_string(text));
    }
    add_group(facts, root, "Keys", "keys", NULL);
    add_group(facts, root, "State", "state", NULL);
    add_group(facts, root, "SignatureFinding", "finding", NULL);
    add_group(facts, root, "Trap", "trap", NULL);
    add_group(facts, root, "Errors", "errors", "Error");
    add_group(facts, root, "Actions", "actions", "action");
    add_group(facts, root, "Body", "body", NULL);
    *out = facts;
    return true;
}

bool
kn_answer_dead_letter(const char *bytes, size_t len, json_t **out, GError **err)
{
    static const char *const names[][2] = {
        { "answers", "guid" },    { "errorName", "error" }, { "resultCode", "receiptCode" },
        { "returnInfo", "text" }, { "detail", "detail" },   { "rule", "rule" },
        { "sender", "sender" },   { "sm3", "sm3" },
    };
    json_t *letter = json_loadb(bytes, len, 0, NULL);
    json_t *facts;

    if (!json_is_object(letter)) {
        json_decref(letter);
        return kn_fail(err, KN_E_DATA_ERROR, "a dead letter that is no JSON object");
    }
    facts = json_pack("{ss}", "kind", "dead");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        json_t *value = json_object_get(letter, names[i][1]);

        if (value)
            (void)json_object_set(facts, names[i][0], value);
    }
    json_decref(letter);
    *out = facts;
    return true;
}

/* --- for a person ------------------------------------------------------------------------------------- */

static const char *
text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

bool
kn_answer_accepted(const json_t *answer)
{
    return strcmp(text_of(answer, "resultCode"), "0000") == 0;
}

static void
print_words(FILE *to, const char *title, const json_t *object)
{
    const char *name;
    json_t *value;

    if (json_object_size(object) == 0)
        return;
    (void)fprintf(to, "    %s", title);
    json_object_foreach ((json_t *)(uintptr_t)object, name, value)
        if (json_is_string(value))
            (void)fprintf(to, " %s=%s", name, json_string_value(value));
    (void)fputc('\n', to);
}

static void
print_errors(FILE *to, const json_t *errors)
{
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *e = json_array_get(errors, i);
        bool warning = strcmp(text_of(e, "warning"), "true") == 0;
        const char *text = *text_of(e, "detail") ? text_of(e, "detail") : text_of(e, "text");

        (void)fprintf(to, "    %s %s [%s] %s %s %s\n", warning ? "warning" : "error",
                      text_of(e, "path"), text_of(e, "rule"), text_of(e, "code"),
                      text_of(e, "name"), text);
    }
}

void
kn_answer_print(FILE *to, const json_t *answer)
{
    bool business = strcmp(text_of(answer, "kind"), "business") == 0;
    const char *what = business ? "notice" : kn_answer_accepted(answer) ? "accepted" : "refused";
    const json_t *state = json_object_get(answer, "state");
    const json_t *actions = json_object_get(answer, "actions");

    (void)fprintf(to, "%s %s %s %s", what, text_of(answer, "answers"),
                  text_of(answer, "resultCode"), text_of(answer, "returnInfo"));
    if (*text_of(answer, "errorName"))
        (void)fprintf(to, " (%s%s%s)", text_of(answer, "errorName"),
                      *text_of(answer, "rule") ? ", rule " : "", text_of(answer, "rule"));
    (void)fputc('\n', to);
    if (*text_of(answer, "detail"))
        (void)fprintf(to, "    %s\n", text_of(answer, "detail"));
    print_words(to, "document", json_object_get(answer, "keys"));
    if (state)
        (void)fprintf(to, "    state    %s %s %s, returnStatus %s\n", text_of(state, "code"),
                      text_of(state, "name"), text_of(state, "label"),
                      text_of(answer, "returnStatus"));
    print_errors(to, json_object_get(answer, "errors"));
    print_words(to, "signature", json_object_get(answer, "finding"));
    print_words(to, "trap", json_object_get(answer, "trap"));
    for (size_t i = 0; i < json_array_size(actions); i++)
        (void)fprintf(to, "%s%s", i == 0 ? "    may now  " : ", ",
                      json_string_value(json_array_get(actions, i)));
    if (json_array_size(actions) > 0)
        (void)fputc('\n', to);
}
