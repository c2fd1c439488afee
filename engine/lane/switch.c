/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/switch.h"

#include "base/fault.h"
#include "base/hex.h"
#include "lane/own.h"

bool
kn_switch_write(const kn_engine *e, int version, const uint8_t digest[KN_SM3_BYTES], int64_t now_ms,
                char guid[37], GString *out, GError **err)
{
    char hex[2 * KN_SM3_BYTES + 1];
    g_autofree char *number = g_strdup_printf("%d", version), *words = NULL;

    kn_hex_encode(digest, KN_SM3_BYTES, hex);
    words = g_strdup_printf("%d\n%s", version, hex);
    kn_own_guid(e, KN_SWITCH_TYPE, words, guid);
    return kn_own_write(
        e, KN_SWITCH_TYPE, guid, now_ms, "Switch",
        (const kn_own_field[]){ { "version", number }, { "digest", hex }, { NULL, NULL } }, out,
        err);
}

/* A number that is not above the one in force came again, or late: nothing to do.  Otherwise what it
 * names must be had, whole, before anything behind it is judged. */
bool
kn_switch_admit(kn_lane *lane, kn_item *item, const xmlDoc *doc, GError **err)
{
    uint8_t digest[KN_SM3_BYTES];
    int version = (int)g_ascii_strtoll(kn_own_text(doc, "Switch", "version"), NULL, 10);

    if (!kn_hex_decode(kn_own_text(doc, "Switch", "digest"), digest, sizeof digest))
        return kn_fail(err, KN_E_XSD_INVALID, "Switch/digest is not %d hexadecimal digits",
                       2 * KN_SM3_BYTES);
    if (version <= item->set->version)
        return true;
    (void)kn_fault("switch.read");
    return kn_trust_book_get(lane->engine->book, lane->store, version, digest, &item->to, err)
           && kn_lane_enter_set(lane, item->to, err);
}
