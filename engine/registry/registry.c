/* SPDX-License-Identifier: Apache-2.0 */
#include <kouan/registry.h>
#include <string.h>

#define OWN_RECEIPT_MIN 5000 /* below: the platform's codes and the engine's */
#define OWN_NAME_MAX 64

static bool
check_doctypes(const kn_handler *handler, GError **err)
{
    for (const kn_doctype *d = handler->doctypes; d->root; d++) {
        const kn_doctype *first = NULL;
        const kn_handler *taker;

        if (!d->ns || !d->operation || !d->xsd || d->senders == 0)
            return kn_fail(err, KN_E_TABLE, "handler %s: document type %s is not complete",
                           handler->name, d->root);
        taker = kn_handlers_find(d->root, d->ns, &first);
        if (taker && (taker != handler || first != d))
            return kn_fail(err, KN_E_TABLE,
                           "handler %s: document type %s (%s) is taken already by handler %s",
                           handler->name, d->root, d->ns, taker->name);
    }
    return true;
}

static bool
check_options(const kn_handler *handler, GError **err)
{
    for (const kn_option *o = handler->options; o && o->key; o++) {
        if (!o->type || !o->help || o->offset >= handler->conf_size)
            return kn_fail(err, KN_E_TABLE, "handler %s: option %s is not complete", handler->name,
                           o->key);
        if (g_str_has_prefix(o->key, "module"))
            return kn_fail(err, KN_E_TABLE, "handler %s: option %s: keys module… are the engine's",
                           handler->name, o->key);
        for (const kn_option *before = handler->options; before != o; before++)
            if (strcmp(before->key, o->key) == 0)
                return kn_fail(err, KN_E_TABLE, "handler %s: option %s twice", handler->name,
                               o->key);
    }
    return true;
}

/* --- refusals of its own ------------------------------------------------------------------------ */

static bool
own_name_ok(const char *name)
{
    for (const char *p = name; *p; p++)
        if (!g_ascii_isupper(*p) && *p != '_' && (p == name || !g_ascii_isdigit(*p)))
            return false;
    return *name && strlen(name) <= OWN_NAME_MAX;
}

static bool
own_receipt_ok(const char *receipt)
{
    int64_t number = 0;

    return receipt && strlen(receipt) == 4
           && g_ascii_string_to_signed(receipt, 10, OWN_RECEIPT_MIN, 9999, &number, NULL);
}

/* Who has a reason of this name before row; NULL: nobody. */
static const char *
taken_by(const kn_error_row *row)
{
    if (kn_error_by_name(row->name) != KN_E_COUNT || strcmp(row->name, "REPEAT") == 0)
        return "the engine";
    for (size_t i = 0; kn_handlers[i]; i++)
        for (const kn_error_row *r = kn_handlers[i]->refusals; r && r->name; r++) {
            if (r == row)
                return NULL;
            if (strcmp(r->name, row->name) == 0)
                return kn_handlers[i]->name;
        }
    return NULL;
}

static bool
check_refusals(const kn_handler *handler, GError **err)
{
    for (const kn_error_row *r = handler->refusals; r && r->name; r++) {
        const char *taker = taken_by(r);

        if (!own_name_ok(r->name) || !r->text || !*r->text || !r->english || !*r->english)
            return kn_fail(err, KN_E_TABLE,
                           "handler %s: refusal %s is not complete (name in capitals, both texts)",
                           handler->name, r->name);
        if (!own_receipt_ok(r->receipt))
            return kn_fail(err, KN_E_TABLE,
                           "handler %s: refusal %s: receipt code “%s” is not one of %d to 9999",
                           handler->name, r->name, r->receipt ? r->receipt : "", OWN_RECEIPT_MIN);
        if (r->outcome != KN_OUTCOME_REFUSE && r->outcome != KN_OUTCOME_QUARANTINE)
            return kn_fail(err, KN_E_TABLE,
                           "handler %s: refusal %s: outcome must be refuse or quarantine",
                           handler->name, r->name);
        if (taker)
            return kn_fail(err, KN_E_TABLE, "handler %s: refusal %s is taken already by %s",
                           handler->name, r->name, taker);
    }
    return true;
}

bool
kn_handler_owns(const kn_handler *handler, const kn_error_row *reason)
{
    for (const kn_error_row *r = handler->refusals; r && r->name; r++)
        if (r == reason)
            return true;
    return false;
}

/* --- one handler among the others ----------------------------------------------------------------- */

static bool
check_names(const kn_handler *handler, GError **err)
{
    if (handler->abi != KN_HANDLER_ABI)
        return kn_fail(err, KN_E_TABLE, "handler %s: abi %d, not %d", handler->name, handler->abi,
                       (int)KN_HANDLER_ABI);
    if (kn_handlers_by_name(handler->name) != handler)
        return kn_fail(err, KN_E_TABLE, "handler %s: name is taken already", handler->name);
    if (!handler->decide || !handler->doctypes)
        return kn_fail(err, KN_E_TABLE, "handler %s: descriptor is not complete", handler->name);
    return true;
}

/* Records are found by (kind, key): a kind has one machine. */
static bool
check_kind(const kn_handler *handler, GError **err)
{
    for (size_t i = 0; handler->machine && kn_handlers[i] != handler; i++) {
        const kn_machine *other = kn_handlers[i]->machine;

        if (other
            && (strcmp(other->kind, handler->machine->kind) == 0
                || strcmp(other->name, handler->machine->name) == 0))
            return kn_fail(err, KN_E_TABLE,
                           "handler %s: machine %s or its record kind %s is taken already by %s",
                           handler->name, handler->machine->name, handler->machine->kind,
                           kn_handlers[i]->name);
    }
    return true;
}

bool
kn_handler_check(const kn_handler *handler, const kn_codes *codes, GError **err)
{
    if (!check_names(handler, err))
        return false;
    if (handler->machine && (!kn_machine_check(handler->machine, err) || !check_kind(handler, err)))
        return false;
    for (const kn_fieldset *set = handler->fieldsets; set && set->rows; set++)
        if (!kn_fields_table_check(set->title, set->rows, codes, err))
            return false;
    return check_doctypes(handler, err) && check_options(handler, err)
           && check_refusals(handler, err);
}

bool
kn_handlers_check(const kn_codes *codes, GError **err)
{
    for (size_t i = 0; kn_handlers[i]; i++)
        if (!kn_handler_check(kn_handlers[i], codes, err))
            return false;
    return true;
}

bool
kn_handlers_add(const kn_handler *handler, GError **err)
{
    size_t n = 0;

    while (kn_handlers[n])
        n++;
    if (n == KN_HANDLERS_MAX)
        return kn_fail(err, KN_E_TABLE, "more than %d handlers", KN_HANDLERS_MAX);
    kn_handlers[n] = handler;
    if (check_names(handler, err) && check_kind(handler, err) && check_doctypes(handler, err)
        && check_options(handler, err) && check_refusals(handler, err))
        return true;
    kn_handlers[n] = NULL;
    return false;
}

const kn_handler *
kn_handlers_find(const char *root, const char *ns, const kn_doctype **doctype_out)
{
    for (size_t i = 0; kn_handlers[i]; i++)
        for (const kn_doctype *d = kn_handlers[i]->doctypes; d->root; d++)
            if (strcmp(d->root, root) == 0 && d->ns && strcmp(d->ns, ns) == 0) {
                if (doctype_out)
                    *doctype_out = d;
                return kn_handlers[i];
            }
    return NULL;
}

const kn_handler *
kn_handlers_by_name(const char *name)
{
    for (size_t i = 0; kn_handlers[i]; i++)
        if (strcmp(kn_handlers[i]->name, name) == 0)
            return kn_handlers[i];
    return NULL;
}
