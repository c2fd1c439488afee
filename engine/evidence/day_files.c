/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/day_files.h"

#include "base/hex.h"
#include "evidence/verify.h"

#include <glib/gstdio.h>

#define MESSAGES_A_FILE 2000

/* On the disk, and still what was written: what is dropped afterwards cannot be made again. */
static bool
write_file(const char *path, const GString *tar, char hex[2 * KN_SM3_BYTES + 1], GError **err)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) why = NULL;
    g_auto(kn_verify_report) report = { 0 };
    kn_verify_plan plan = { 0 };
    kn_sm3 *sm3;
    uint8_t digest[KN_SM3_BYTES];

    if (!g_file_set_contents_full(path, tar->str, (gssize)tar->len,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                  0600, &why)
        || !g_file_get_contents(path, &bytes, &plan.len, &why))
        return kn_fail(err, KN_E_IO, "%s", why->message);
    plan.bytes = bytes;
    if (!kn_verify(&plan, &report, err))
        return false;
    if (report.wrong->len > 0)
        return kn_fail(err, KN_E_EVIDENCE, "%s: %s", path,
                       (const char *)g_ptr_array_index(report.wrong, 0));
    sm3 = kn_sm3_new((const uint8_t *)"", 0);
    kn_sm3_of(sm3, bytes, plan.len, digest);
    kn_sm3_free(sm3);
    kn_hex_encode(digest, sizeof digest, hex);
    return true;
}

typedef struct place {
    const char *dir, *day;
} place;

static bool
export_some(const kn_export_plan *plan, kn_drop *drop, const place *at, const kn_drop_part *part,
            const int64_t *offs, unsigned n, GError **err)
{
    g_autoptr(GString) tar = g_string_new(NULL);
    g_autofree char *name = g_strdup_printf("%s/%s-%d-%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT
                                            ".tar",
                                            at->day, part->topic, part->part, offs[0], offs[n - 1]);
    g_autofree char *path = g_build_filename(at->dir, name, NULL);
    g_autoptr(GError) why = NULL;
    char hex[2 * KN_SM3_BYTES + 1];
    kn_drop_file file;

    if (!kn_export_messages(plan, kn_store_topic(plan->store, part->topic), part->part, offs, n,
                            tar, &why)) {
        if (n > 1 && kn_error_code(why) == KN_E_OUTPUT_TOO_BIG)
            return export_some(plan, drop, at, part, offs, n / 2, err)
                   && export_some(plan, drop, at, part, offs + n / 2, n - n / 2, err);
        g_propagate_error(err, g_steal_pointer(&why));
        return false;
    }
    if (!write_file(path, tar, hex, err))
        return false;
    file = (kn_drop_file){ g_steal_pointer(&name), g_strdup(hex) };
    g_array_append_val(drop->files, file);
    return true;
}

bool
kn_day_files(const kn_export_plan *plan, kn_drop *drop, const char *dir, GError **err)
{
    char day[11];
    g_autofree char *folder = NULL;
    place at = { dir, day };

    kn_drop_day_text(drop->day, day);
    folder = g_build_filename(dir, day, NULL);
    if (g_mkdir_with_parents(folder, 0700) != 0)
        return kn_fail(err, KN_E_IO, "%s cannot be made", folder);
    for (unsigned i = 0; i < drop->parts->len; i++) {
        const kn_drop_part *p = &g_array_index(drop->parts, kn_drop_part, i);
        g_autoptr(GArray) offs = g_array_new(FALSE, FALSE, sizeof(int64_t));

        if (!kn_store_day_offsets(plan->store, drop->day, kn_store_topic(plan->store, p->topic),
                                  p->part, offs, err))
            return false;
        for (unsigned k = 0; k < offs->len; k += MESSAGES_A_FILE)
            if (!export_some(plan, drop, &at, p, (const int64_t *)(void *)offs->data + k,
                             MIN(MESSAGES_A_FILE, offs->len - k), err))
                return false;
    }
    return true;
}
