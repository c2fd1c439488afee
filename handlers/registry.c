/* SPDX-License-Identifier: Apache-2.0 */
#include <kouan/registry.h>
#include <string.h>

static bool
check_doctypes(const kn_handler *handler, GError **err)
{
    for (const kn_doctype *d = handler->doctypes; d->root; d++) {
        const kn_doctype *first = NULL;

        if (!d->ns || !d->operation || !d->xsd || d->senders == 0)
            return kn_fail(err, KN_E_TABLE, "handler %s: document type %s is not complete",
                           handler->name, d->root);
        if (kn_handlers_find(d->root, d->ns, &first) != handler || first != d)
            return kn_fail(err, KN_E_TABLE, "handler %s: document type %s is taken already",
                           handler->name, d->root);
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
        for (const kn_option *before = handler->options; before != o; before++)
            if (strcmp(before->key, o->key) == 0)
                return kn_fail(err, KN_E_TABLE, "handler %s: option %s twice", handler->name,
                               o->key);
    }
    return true;
}

static bool
check_handler(const kn_handler *handler, const kn_codes *codes, GError **err)
{
    if (handler->abi != KN_HANDLER_ABI)
        return kn_fail(err, KN_E_TABLE, "handler %s: abi %d, not %d", handler->name, handler->abi,
                       KN_HANDLER_ABI);
    if (kn_handlers_by_name(handler->name) != handler)
        return kn_fail(err, KN_E_TABLE, "handler %s: name is taken already", handler->name);
    if (!handler->decide || !handler->doctypes)
        return kn_fail(err, KN_E_TABLE, "handler %s: descriptor is not complete", handler->name);
    if (handler->machine && !kn_machine_check(handler->machine, err))
        return false;
    for (const kn_fieldset *set = handler->fieldsets; set && set->rows; set++)
        if (!kn_fields_table_check(set->title, set->rows, codes, err))
            return false;
    return check_doctypes(handler, err) && check_options(handler, err);
}

bool
kn_handlers_check(const kn_codes *codes, GError **err)
{
    for (size_t i = 0; kn_handlers[i]; i++)
        if (!check_handler(kn_handlers[i], codes, err))
            return false;
    return true;
}

const kn_handler *
kn_handlers_find(const char *root, const char *ns, const kn_doctype **doctype_out)
{
    for (size_t i = 0; kn_handlers[i]; i++)
        for (const kn_doctype *d = kn_handlers[i]->doctypes; d->root; d++)
            if (strcmp(d->root, root) == 0 && strcmp(d->ns, ns) == 0) {
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
