/* SPDX-License-Identifier: Apache-2.0 */
/* hint: where a signature is refused, the receipt names the mistake if it is a known one and cheap to
 * find.  The same message gives the same hint: the order is the table's, the budget is a number of
 * verifications and digests, never a time (xml/trap.h). */
#include "lane/lane_priv.h"
#include "xml/trap.h"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_shape, kn_shape_clear)

void
kn_hint_find(kn_lane *lane, kn_item *item, kn_role role, xmlDoc *doc, kn_shape *shape,
             EVP_PKEY *key, const GError *why)
{
    bool inner = role == KN_ROLE_CARD;
    g_auto(kn_shape) of_form = { 0 };
    g_auto(kn_trap_fit) fit = { 0 };
    kn_trap_case c = {
        .xml = lane->xml,
        .doc = doc,
        .shape = shape,
        .error = kn_error_code(why),
        .key = key,
        .raw = inner ? (const char *)item->shell.data->data : item->record.bytes,
        .raw_len = inner ? item->shell.data->len : item->record.len,
        .gb18030 = item->partner->gb18030,
        .budget = &kn_trap_budget_lane,
    };

    /* The mistakes that are known are those of eport's tools. */
    if (c.raw_len > KN_TRAP_LANE_BYTES || item->partner->profile != KN_PROFILE_EPORT)
        return;
    if (!shape->root) { /* S8 kept nothing */
        if (c.error != KN_E_SIG_VALUE_FORM || !kn_xml_shape_of_form(doc, &of_form, NULL))
            return;
        c.shape = &of_form;
    }
    if (kn_trap_find(&c, &fit))
        item->trap = fit.trap;
}
