/* SPDX-License-Identifier: Apache-2.0 */
#include "case.h"
#include "decision/decision_priv.h"
#include "xml/msg.h"

#include <stdlib.h>
#include <string.h>

struct kn_case_world {
    const kn_handler *handler;
    const kn_codes *codes;
    char *folder;
    char *schemas;
    const json_t *speakers;
    void *conf;
    GHashTable *records;  /* "kind|key" -> kn_record */
    GHashTable *counters; /* name -> int64_t */
    GHashTable *vars;
    int slot;
    int64_t offset;
};

static void
record_free(void *record)
{
    kn_record_free(record);
}

static bool
load_conf(kn_case_world *world, const json_t *conf, char **why)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *group = g_strdup_printf("handler.%s", world->handler->name);
    g_autoptr(GError) err = NULL;
    const char *key;
    json_t *value;

    g_key_file_set_string(file, group, "x", "");
    (void)g_key_file_remove_key(file, group, "x", NULL);
    json_object_foreach ((json_t *)(uintptr_t)conf, key, value)
        g_key_file_set_value(file, group, key, json_string_value(value));
    world->conf = g_malloc0(MAX(world->handler->conf_size, 1));
    if ((!world->handler->options
         || kn_options_load(world->handler->options, file, "case", group, world->conf, &err))
        && (!world->handler->check || world->handler->check(world->conf, world->codes, &err)))
        return true;
    *why = g_strdup(err->message);
    return false;
}

kn_case_world *
kn_case_world_new(const kn_handler *handler, const kn_codes *codes, const char *folder,
                  const char *schemas, const json_t *speakers, const json_t *conf, char **why)
{
    kn_case_world *world = g_new0(kn_case_world, 1);

    world->handler = handler;
    world->codes = codes;
    world->folder = g_strdup(folder);
    world->schemas = g_strdup(schemas);
    world->speakers = speakers;
    world->records = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, record_free);
    world->counters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    world->vars = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    world->slot = 1;
    if (!load_conf(world, conf, why)) {
        kn_case_world_free(world);
        return NULL;
    }
    return world;
}

void
kn_case_world_free(kn_case_world *world)
{
    if (!world)
        return;
    if (world->conf && world->handler->options)
        kn_options_clear(world->handler->options, world->conf);
    g_free(world->conf);
    g_free(world->folder);
    g_free(world->schemas);
    g_hash_table_unref(world->records);
    g_hash_table_unref(world->counters);
    g_hash_table_unref(world->vars);
    g_free(world);
}

static void
set_counter(kn_case_world *world, const char *name, int64_t value)
{
    int64_t *place = g_new(int64_t, 1);

    *place = value;
    (void)g_hash_table_replace(world->counters, g_strdup(name), place);
}

void
kn_case_world_counters(kn_case_world *world, const json_t *counters, int slot)
{
    const char *name;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)counters, name, value)
        set_counter(world, name, json_integer_value(value));
    if (slot > 0)
        world->slot = slot;
}

const char *
kn_case_variable(kn_case_world *world, const char *name)
{
    return g_hash_table_lookup(world->vars, name);
}

static const char *
variable(void *arg, const char *name)
{
    return kn_case_variable(arg, name);
}

const json_t *
kn_case_record(kn_case_world *world, const char *kind, const char *key)
{
    g_autofree char *id = g_strdup_printf("%s|%s", kind, key);
    const kn_record *record = g_hash_table_lookup(world->records, id);

    return record ? record->body : NULL;
}

/* --- asking: all known, or nothing known the first time and bodies as a database gives them ------- */

typedef struct library {
    kn_case_world *world;
    bool closed; /* first entry: nothing is known */
    bool reorder;
    GPtrArray *copies; /* records handed out reordered */
} library;

static json_t *
reordered(const json_t *body)
{
    char *text = json_dumps(body, JSON_SORT_KEYS | JSON_COMPACT);
    json_t *copy = json_loads(text, 0, NULL);

    free(text); /* allow: jansson's own */
    return copy;
}

static const kn_record *
look(void *arg, const char *kind, const char *key, bool *known)
{
    library *lib = arg;
    g_autofree char *id = g_strdup_printf("%s|%s", kind, key);
    const kn_record *record = g_hash_table_lookup(lib->world->records, id);
    kn_record *copy;

    *known = !lib->closed;
    if (lib->closed || !record || !lib->reorder)
        return lib->closed ? NULL : record;
    copy = kn_record_dup(record);
    json_decref(copy->body);
    copy->body = reordered(record->body);
    g_ptr_array_add(lib->copies, copy);
    return copy;
}

/* What the handler is entered with: a message, or a timer of a record. */
typedef struct cause {
    const kn_msg *msg;
    const kn_record *timer_of; /* without the timer, as the engine gives it */
    const char *timer;
} cause;

static kn_step
enter(kn_case_world *world, kn_context *ctx, kn_ask *ask, const cause *why, kn_decision *out)
{
    kn_context_enter(ctx);
    kn_ask_enter(ask);
    kn_decision_reset(out);
    return why->msg ? world->handler->decide(ctx, why->msg, ask, out)
                    : world->handler->timer(ctx, why->timer_of, why->timer, ask, out);
}

/* Bytes that leave the house, in their order, and everything sorted. */
static char *
fingerprint(const json_t *all)
{
    static const char *const ordered[] = { "reply", "notices", "onward" };
    GString *text = g_string_new(NULL);
    char *dump = json_dumps(all, JSON_SORT_KEYS | JSON_COMPACT);

    g_string_append(text, dump);
    free(dump); /* allow: jansson's own */
    for (size_t i = 0; i < G_N_ELEMENTS(ordered); i++) {
        const json_t *part = json_object_get(all, ordered[i]);

        dump = part ? json_dumps(part, JSON_COMPACT) : NULL;
        g_string_append(text, dump ? dump : "-");
        free(dump); /* allow: jansson's own */
    }
    return g_string_free(text, FALSE);
}

static json_t *
decide_once(kn_case_world *world, kn_context *ctx, const cause *of, library *lib, kn_decision *out,
            char **why)
{
    g_autoptr(kn_ask) ask = kn_ask_new(look, lib);
    g_autoptr(GError) err = NULL;

    if (lib->reorder) {
        kn_step first;

        lib->closed = true;
        first = enter(world, ctx, ask, of, out);
        lib->closed = false;
        if ((first == KN_WAIT) != (ask->asked->len > 0))
            *why = g_strdup("asked without waiting, or waited without asking");
    }
    if (!*why && enter(world, ctx, ask, of, out) != KN_DONE)
        *why = g_strdup("does not decide although all records are known");
    if (!*why && !kn_decision_finish(out, &err))
        *why = g_strdup(err->message);
    if (!*why && out->own && !kn_handler_owns(world->handler, out->own))
        *why = g_strdup_printf("refuses with %s, which is no row of its own", out->own->name);
    return *why ? NULL : kn_decision_json(out);
}

/* --- after the decision ----------------------------------------------------------------------------- */

static void
set_var(kn_case_world *world, const char *name, const char *value)
{
    (void)g_hash_table_replace(world->vars, g_strdup(name), g_strdup(value));
}

static void
keep_effects(kn_case_world *world, const kn_context *ctx, const kn_decision *out)
{
    for (unsigned i = 0; out->reply && i < out->reply->keys->len; i++) {
        const kn_pair *pair = out->reply->keys->pdata[i];

        set_var(world, pair->name, pair->value);
    }
    if (kn_case_variable(world, "sentGuid"))
        set_var(world, "sentBefore", kn_case_variable(world, "sentGuid"));
    if (out->code != KN_E_OK)
        return;
    for (unsigned i = 0; i < out->writes->len; i++) {
        const kn_write *write = out->writes->pdata[i];

        (void)g_hash_table_replace(
            world->records, g_strdup_printf("%s|%s", write->record->kind, write->record->key),
            kn_record_dup(write->record));
    }
    for (unsigned i = 0; i < out->onward->len; i++) {
        const kn_onward *onward = out->onward->pdata[i];

        if (onward->guid)
            set_var(world, "sentGuid", onward->guid);
    }
    for (unsigned i = 0; i < ctx->draws->len; i++) {
        const kn_draw *draw = ctx->draws->pdata[i];
        const int64_t *used = g_hash_table_lookup(world->counters, draw->counter);

        set_counter(world, draw->counter, (used ? *used : 0) + draw->count);
    }
}

static const char *
text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static kn_msg_facts
facts_of(const json_t *speaker)
{
    const json_t *card = json_object_get(speaker, "card");

    return (kn_msg_facts){
        .partner = text_of(speaker, "partner"),
        .digest = "",
        .in_shell = json_is_true(json_object_get(speaker, "shell")),
        .card = { .number = text_of(card, "number"),
                  .holder_class = text_of(card, "class"),
                  .uscc = text_of(card, "uscc"),
                  .orgcode = text_of(card, "orgcode"),
                  .customs10 = { "", "" },
                  .enterprise = text_of(card, "enterprise"),
                  .serial = text_of(card, "serial"),
                  .signed_ = json_is_true(json_object_get(card, "signed")),
                  .stated = json_is_true(json_object_get(card, "stated")) },
    };
}

/* When the step happens, in record time. */
static bool
time_of(const kn_case_world *world, const json_t *step, int64_t *ms, char **why)
{
    static const char base[] = "2026-07-15T10:00:00+08:00";
    const char *at = json_string_value(json_object_get(step, "at"));

    if (!kn_time_parse(at ? at : base, ms)) {
        *why = g_strdup_printf("no time: %s", at);
        return false;
    }
    *ms += at ? 0 : world->offset * 60000;
    return true;
}

static json_t *
decide(kn_case_world *world, const cause *of, int op, const json_t *step, const char *owner,
       char **why)
{
    static const uint8_t secret[16] = "for tests only!";
    g_autoptr(kn_context) ctx = kn_context_new();
    g_autoptr(kn_decision) out = kn_decision_new();
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(record_free);
    library plain = { .world = world };
    library again = { .world = world, .reorder = true, .copies = copies };
    g_autofree char *one = NULL;
    g_autofree char *two = NULL;
    json_t *all;
    json_t *same;

    if (!time_of(world, step, &ctx->time_ms, why))
        return NULL;
    ctx->conf = world->conf;
    ctx->codes = world->codes;
    ctx->op = op;
    ctx->owner = owner;
    ctx->topic = "kouan.in.test";
    ctx->offset = world->offset++;
    ctx->secret = secret;
    ctx->secret_len = sizeof secret;
    ctx->counters = world->counters;
    ctx->slot = world->slot;
    same = decide_once(world, ctx, of, &again, out, why);
    all = *why ? NULL : decide_once(world, ctx, of, &plain, out, why);
    if (all && same) {
        one = fingerprint(all);
        two = fingerprint(same);
        if (strcmp(one, two) != 0)
            *why = g_strdup_printf("decided twice, two answers:\n%s\n%s", one, two);
        keep_effects(world, ctx, out);
    }
    json_decref(same);
    return all;
}

/* The engine's part: a timer that does not stand, or whose time has not come, is not told to the handler. */
static json_t *
ring(kn_case_world *world, const json_t *step, const char *name, char **why)
{
    const char *kind = world->handler->machine ? world->handler->machine->kind : "";
    g_autofree char *key = kn_case_expand(text_of(step, "key"), variable, world),
                    *id = g_strdup_printf("%s|%s", kind, key ? key : "");
    const kn_record *record = g_hash_table_lookup(world->records, id);
    kn_record *seen;
    json_t *decision;
    int64_t now;

    if (!record || !world->handler->timer) {
        *why = g_strdup_printf("no record %s, or the handler has no timers", id);
        return NULL;
    }
    if (!time_of(world, step, &now, why))
        return NULL;
    if (g_strcmp0(kn_timer_name(record), name) != 0 || kn_timer_due(record) > now)
        return json_pack("{ss}", "code", kn_error_row_of(KN_E_OK)->name);
    seen = kn_record_dup(record);
    kn_timer_clear(seen);
    decision = decide(world, &(cause){ .timer_of = seen, .timer = name }, 0, step, seen->owner,
                      why);
    if (decision && !*why && json_array_size(json_object_get(decision, "writes")) == 0)
        *why = g_strdup("the timer moved nothing");
    kn_record_free(seen);
    return decision;
}

static json_t *
say(kn_case_world *world, const json_t *step, char **why)
{
    g_autofree char *path = g_strdup_printf("%s/messages/%s.xml", world->folder,
                                            text_of(step, "message"));
    const json_t *speaker = json_object_get(world->speakers, text_of(step, "from"));
    kn_msg_facts facts = facts_of(speaker);
    const kn_doctype *type = NULL;
    g_autofree char *xsd = NULL;
    g_autofree char *violation = NULL;
    g_autoptr(GError) err = NULL;
    xmlDoc *doc = kn_case_message(path, json_object_get(step, "edit"),
                                  json_is_true(json_object_get(step, "keep_empty")), variable,
                                  world, why);
    g_autoptr(kn_msg) msg = NULL;
    const xmlNode *root;
    json_t *decision;

    if (!doc)
        return NULL;
    root = xmlDocGetRootElement(doc);
    if (!speaker || !root->ns
        || kn_handlers_find((const char *)root->name, (const char *)root->ns->href, &type)
               != world->handler) {
        *why = g_strdup_printf("no speaker “%s”, or root %s is not this handler's",
                               text_of(step, "from"), (const char *)root->name);
        xmlFreeDoc(doc);
        return NULL;
    }
    xsd = g_build_filename(world->schemas, type->xsd, NULL);
    if (!kn_case_valid(doc, xsd, &violation)) {
        xmlFreeDoc(doc);
        return json_pack("{s:s,s:s}", "code", "XSD_INVALID", "xsd", violation ? violation : "");
    }
    msg = kn_msg_new(doc, &facts, &err);
    if (!msg) {
        *why = g_strdup(err->message);
        xmlFreeDoc(doc);
        return NULL;
    }
    decision = decide(world, &(cause){ .msg = msg }, type->op, step, text_of(speaker, "owner"),
                      why);
    if (decision && !*why)
        (void)kn_case_onward_valid(decision, xsd, why);
    return decision;
}

json_t *
kn_case_step(kn_case_world *world, const json_t *step, char **why)
{
    const char *timer = json_string_value(json_object_get(step, "timer"));

    return timer ? ring(world, step, timer, why) : say(world, step, why);
}
