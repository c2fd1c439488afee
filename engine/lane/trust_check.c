/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/trust_check.h"

#include "base/ini.h"

#include <kouan/field.h>
#include <string.h>

typedef struct check {
    const kn_trust_world *world;
    const kn_trust_set *set;
    const kn_partner *p; /* the one being looked at */
    GPtrArray *mistakes, *hints;
} check;

static void G_GNUC_PRINTF(3, 4) mistake(check *c, const char *key, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(c->mistakes, g_strdup_printf("%s: %s: %s", c->p->file, key, what));
}

const kn_doctype **
kn_trust_doctypes(void)
{
    GPtrArray *list = g_ptr_array_new();

    for (size_t h = 0; kn_handlers[h]; h++)
        for (const kn_doctype *d = kn_handlers[h]->doctypes; d->root; d++)
            g_ptr_array_add(list, (void *)(uintptr_t)d);
    g_ptr_array_add(list, NULL);
    return (const kn_doctype **)g_ptr_array_free(list, FALSE);
}

kn_trust_world
kn_trust_world_of(const kn_engine *e, bool with_keys)
{
    kn_trust_world world = { .config = e->config,
                             .file = e->file,
                             .doctypes = kn_trust_doctypes(),
                             .schemas = e->schemas,
                             .with_keys = with_keys };

    for (size_t i = 0; i < KN_ALG_COUNT; i++)
        world.keys[i] = e->signers[i] != NULL;
    return world;
}

/* --- document types ---------------------------------------------------------------------------------- */

static const kn_doctype *
type_of(const check *c, const char *root)
{
    for (size_t i = 0; c->world->doctypes[i]; i++)
        if (strcmp(c->world->doctypes[i]->root, root) == 0)
            return c->world->doctypes[i];
    return NULL;
}

static void
unknown_type(check *c, const char *key, const char *root)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autofree char *meant = NULL;

    for (size_t i = 0; c->world->doctypes[i]; i++)
        g_ptr_array_add(words, (char *)(uintptr_t)c->world->doctypes[i]->root);
    g_ptr_array_add(words, NULL);
    meant = kn_ini_meant(root, (const char *const *)words->pdata);
    mistake(c, key, "no handler knows “%s”%s", root, meant);
}

/* senders: who this partner is to a type. */
static void
check_types(check *c, const char *key, const char *const *roots, unsigned senders, bool carried)
{
    for (size_t i = 0; roots && roots[i]; i++) {
        const kn_doctype *d = strcmp(roots[i], "*") == 0 ? NULL : type_of(c, roots[i]);

        if (strcmp(roots[i], "*") == 0)
            continue;
        if (!d)
            unknown_type(c, key, roots[i]);
        else if (!(d->senders & senders))
            mistake(c, key, "%s does not come from this kind of partner", roots[i]);
        else if (carried && d->card_required)
            mistake(c, key, "%s needs a card's signature always", roots[i]);
    }
}

static void
check_documents(check *c)
{
    unsigned by = c->p->kind == KN_PARTNER_CUSTOMS ? KN_BY_CUSTOMS : KN_BY_PARTNER;

    check_types(c, "[partner] documents", c->p->documents, by, false);
    check_types(c, "[carry] documents", c->p->carry_documents, by, false);
    check_types(c, "[carry] unsigned_documents", c->p->unsigned_documents, by, true);
}

/* --- who it is ---------------------------------------------------------------------------------------- */

static void
check_kind(check *c)
{
    bool is = strcmp(c->p->id, c->world->config->customs_partner) == 0;

    if (c->p->kind == KN_PARTNER_CUSTOMS && !is)
        mistake(c, "[partner] kind", "customs is %s ([kafka] customs_partner of %s)",
                c->world->config->customs_partner, c->world->file);
    if (is && c->p->kind != KN_PARTNER_CUSTOMS)
        mistake(c, "[partner] kind", "[kafka] customs_partner of %s is of kind customs",
                c->world->file);
    if (is && !c->p->active)
        mistake(c, "[partner] active", "customs cannot be inactive");
    if (strcmp(c->p->id, c->world->config->id) == 0)
        mistake(c, "[partner] id", "“%s” is the engine itself ([engine] id)", c->p->id);
}

static void
check_digits(check *c)
{
    if (c->p->uscc && *c->p->uscc && !kn_uscc_ok(c->p->uscc, false))
        mistake(c, "[enterprise] uscc", "“%s”: the check digit is wrong", c->p->uscc);
    else if (c->p->orgcode && *c->p->orgcode && !kn_orgcode_ok(c->p->orgcode))
        mistake(c, "[enterprise] orgcode", "“%s”: the check digit is wrong", c->p->orgcode);
    for (size_t i = 0; c->p->carry_enterprises && c->p->carry_enterprises[i]; i++) {
        const char *code = c->p->carry_enterprises[i];

        if (strlen(code) == 9 && !kn_orgcode_ok(code))
            mistake(c, "[carry] enterprises", "“%s”: the check digit is wrong", code);
    }
}

/* A message may be passed on only to somebody who can take it: never back to its sender, never to ourselves. */
static void
check_receivers(check *c)
{
    for (size_t i = 0; c->p->receivers && c->p->receivers[i]; i++) {
        const char *id = c->p->receivers[i];
        const kn_partner *to = kn_partners_find(c->set->partners, id);

        if (strcmp(id, c->world->config->id) == 0)
            mistake(c, "[partner] receivers",
                    "“%s” is the engine itself: it always may be addressed", id);
        else if (strcmp(id, c->p->id) == 0)
            mistake(c, "[partner] receivers", "“%s” is the partner itself", id);
        else if (!to)
            mistake(c, "[partner] receivers", "no partner entry “%s”", id);
        else if (!to->active)
            mistake(c, "[partner] receivers", "“%s” is not active", id);
    }
}

/* --- signatures --------------------------------------------------------------------------------------- */

/* Under profile w3c a value that names a prefix would be unsigned (XML_SECURITY §6). */
static void
check_profile(check *c)
{
    const kn_schema *schema = NULL;

    if (!c->p->active || c->p->profile != KN_PROFILE_W3C)
        return;
    for (size_t i = 0; (schema = kn_schemas_at(c->world->schemas, i)) != NULL; i++)
        if (kn_schema_names_in_values(schema) > 0)
            mistake(
                c, "[keys] profile",
                "w3c cannot be used while %s:%ld has values of type QName or NOTATION, or takes "
                "in another file",
                kn_schema_name(schema), kn_schema_names_in_values(schema));
}

/* --- receipts ----------------------------------------------------------------------------------------- */

static bool
topic_name_ok(const char *name)
{
    return *name && strlen(name) <= 249 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0
           && strspn(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-")
                  == strlen(name);
}

static void
check_topic(check *c)
{
    const kn_config *conf = c->world->config;
    const char *topic = kn_trust_set_topic(c->set, c->p);
    const struct {
        const char *name, *what;
    } ours[] = { { conf->customs_topic, "messages to customs" },
                 { conf->dead_topic, "dead letters" },
                 { conf->journal_topic, "the journal" } };

    if (!topic)
        return;
    if (*c->p->receipt_topic && !topic_name_ok(topic))
        mistake(c, "[receipt] topic", "“%s” is no name of a topic", topic);
    if (g_strv_contains((const char *const *)conf->in_topics, topic))
        mistake(c, "[receipt] topic", "%s is an input topic", topic);
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        if (strcmp(ours[i].name, topic) == 0)
            mistake(c, "[receipt] topic", "%s is the topic of %s", topic, ours[i].what);
    for (size_t i = 0; i < kn_partners_count(c->set->partners); i++) {
        const kn_partner *o = kn_partners_at(c->set->partners, i);

        if (o == c->p)
            break; /* said once, by the later one */
        if (o->id && strcmp(o->id, c->p->id) != 0
            && g_strcmp0(kn_trust_set_topic(c->set, o), topic) == 0)
            mistake(c, "[receipt] topic", "%s is that of %s too (%s)", topic, o->id, o->file);
    }
}

static void
check_answer(check *c)
{
    kn_alg alg = c->p->receipt_algorithm != KN_ALG_NONE ? c->p->receipt_algorithm
                                                        : KN_ALG_ECDSA_SHA256;

    if (c->world->with_keys && c->p->active && !c->world->keys[alg])
        mistake(c, "[receipt] algorithm", "the engine has no %s key ([sign])",
                kn_alg_row_of(alg)->name);
}

/* --- all together ------------------------------------------------------------------------------------- */

static void
check_customs(check *c)
{
    const kn_config *conf = c->world->config;

    for (size_t i = 0; i < kn_partners_count(c->set->partners); i++)
        if (g_strcmp0(kn_partners_at(c->set->partners, i)->id, conf->customs_partner) == 0)
            return;
    g_ptr_array_add(c->mistakes,
                    g_strdup_printf("%s: [kafka] customs_partner: no partner entry “%s”",
                                    c->world->file, conf->customs_partner));
}

static void
hint_inactive(check *c)
{
    unsigned active = 0;

    for (size_t i = 0; i < kn_partners_count(c->set->partners); i++)
        active += kn_partners_at(c->set->partners, i)->active;
    if (active == 0 && c->hints)
        g_ptr_array_add(c->hints, g_strdup("partners: none is active"));
}

void
kn_trust_check(const kn_trust_world *world, const kn_trust_set *set, GPtrArray *mistakes,
               GPtrArray *hints)
{
    static void (*const steps[])(check *) = { check_documents, check_kind,   check_digits,
                                              check_topic,     check_answer, check_profile,
                                              check_receivers };
    check c = { .world = world, .set = set, .mistakes = mistakes, .hints = hints };

    for (size_t i = 0; i < kn_partners_count(set->partners); i++) {
        c.p = kn_partners_at(set->partners, i);
        for (size_t s = 0; c.p->id && s < G_N_ELEMENTS(steps); s++)
            steps[s](&c);
    }
    check_customs(&c);
    hint_inactive(&c);
}
