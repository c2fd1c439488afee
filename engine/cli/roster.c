/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/roster.h"

#include "lane/ledger.h"

json_t *
kn_roster_partners(const kn_engine *engine)
{
    json_t *list = json_array();

    for (size_t i = 0; i < kn_partners_count(engine->set->partners); i++)
        (void)json_array_append_new(list,
                                    json_string(kn_partners_at(engine->set->partners, i)->id));
    return list;
}

json_t *
kn_roster_kinds(void)
{
    json_t *list = json_array();

    for (size_t i = 0; kn_handlers[i]; i++)
        if (kn_handlers[i]->machine)
            (void)json_array_append_new(list, json_string(kn_handlers[i]->machine->kind));
    (void)json_array_append_new(list, json_string(KN_LEDGER_KIND));
    return list;
}
