/* SPDX-License-Identifier: Apache-2.0 */
/* The two numbers of a document (GN-01, GN-02).  Both carry the same serial s:
 *   数据中心统一编码 YYYY + s in 14 digits;  车次确认编号 YYYYMM + card (13) + s in 13 digits
 * so one is computed from the other: year + "0" + last 13 digits.  No table of aliases. */
#include "checkpoint.h"

#include <string.h>

#define SERIAL_MAX 9999999999999 /* 13 digits: the shorter of the two decides (GN-07) */
#define NO_CARD "0000000000000"

bool
kn_checkpoint_numbers(int64_t serial, int64_t time_ms, const char *card, char data_no[19],
                      char trip_no[33])
{
    char date[32];

    if (serial < 1 || serial > SERIAL_MAX)
        return false;
    kn_time_text(time_ms, KN_TIME_DATE, date); /* +08:00, wherever the host stands (GN-08) */
    (void)g_snprintf(data_no, 19, "%.4s%014" G_GINT64_FORMAT, date, serial);
    (void)g_snprintf(trip_no, 33, "%.4s%.2s%s%013" G_GINT64_FORMAT, date, date + 5,
                     card ? card : NO_CARD, serial);
    return true;
}

static bool
all(const char *text, size_t n, bool letters)
{
    for (size_t i = 0; i < n; i++)
        if (letters ? !g_ascii_isalnum(text[i]) : !g_ascii_isdigit(text[i]))
            return false;
    return true;
}

static bool
data_no_ok(const char *text)
{
    return strlen(text) == 18 && all(text, 18, false);
}

static bool
trip_no_ok(const char *text)
{
    return strlen(text) == 32 && all(text, 6, false) && all(text + 6, CK_CARD_LEN, true)
           && all(text + 19, 13, false);
}

kn_error
kn_checkpoint_key(const char *data_no, const char *trip_no, char key[19])
{
    char by_trip[19] = "";

    if (trip_no && *trip_no == '\0')
        trip_no = NULL;
    if (data_no && *data_no == '\0')
        data_no = NULL;
    if (!data_no && !trip_no)
        return KN_E_FIELD_MISSING;
    if ((data_no && !data_no_ok(data_no)) || (trip_no && !trip_no_ok(trip_no)))
        return KN_E_NO_DOCUMENT;
    if (trip_no)
        (void)g_snprintf(by_trip, sizeof by_trip, "%.4s0%s", trip_no, trip_no + 19);
    if (data_no && trip_no && strcmp(data_no, by_trip) != 0)
        return KN_E_NO_DOCUMENT;
    (void)g_strlcpy(key, data_no ? data_no : by_trip, 19);
    return KN_E_OK;
}

kn_error
kn_checkpoint_key_of(const kn_msg *msg, const char *part, char key[19])
{
    g_autofree char *data_path = g_strdup_printf("%s/dataCenterNo", part);
    g_autofree char *trip_path = g_strdup_printf("%s/tripNo", part);

    return kn_checkpoint_key(kn_msg_text(msg, data_path), kn_msg_text(msg, trip_path), key);
}

const kn_record *
kn_checkpoint_own(kn_context *ctx, kn_ask *ask, kn_decision *out, const char *key,
                  const char *trip_no, const char *field)
{
    const kn_record *seen = kn_ask_record(ask, CK_KIND, key);
    const char *stored;

    if (kn_ask_pending(ask))
        return NULL;
    stored = seen ? kn_record_text(seen, "tripNo") : NULL;
    if (!seen || strcmp(seen->owner, kn_context_owner(ctx)) != 0
        || strcmp(seen->state, kn_checkpoint_machine.states[CK_REMOVED].code) == 0
        || (trip_no && *trip_no && g_strcmp0(trip_no, stored) != 0)) {
        (void)kn_refuse(out, KN_E_NO_DOCUMENT, field, "CK-05", NULL);
        return NULL;
    }
    kn_receipt_key(kn_reply(out), "dataCenterNo", seen->key);
    kn_receipt_key(kn_reply(out), "tripNo", stored ? stored : "");
    return seen;
}
