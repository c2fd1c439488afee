/* SPDX-License-Identifier: Apache-2.0 */
/* Door: times of messages.  What is read can be written, and reads back as the same second. */
#include <assert.h>
#include <glib.h>
#include <kouan/handler.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autofree char *text = g_strndup((const char *)data, len);
    int64_t untouched = INT64_MIN, ms = untouched, again = 0;
    char out[32];

    if (!kn_time_parse(text, &ms)) {
        assert(ms == untouched);
        return 0;
    }
    /* Year 1 to 9999, a day either side for the zone. */
    assert(ms > -62135769600000 - 86400000 && ms < 253402300800000 + 86400000);
    kn_time_text(ms, KN_TIME_WIRE, out);
    if (kn_time_parse(out, &again)) /* at the ends of the calendar +08:00 may leave it */
        assert(again == ms - ((ms % 1000) + 1000) % 1000);
    return 0;
}
