/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alarm.h"

#include "base/log_line.h"

#include <assert.h>
#include <glib.h>
#include <stdatomic.h>
#include <string.h>

#define KN_ALARM_ROW(id, code, text, meaning, action) \
    [KN_ALARM_##id] = { (code), (text), (meaning), (action) },
static const kn_alarm_row rows[] = {
#include "base/alarm.def"
};
#undef KN_ALARM_ROW
static_assert(G_N_ELEMENTS(rows) == KN_ALARM_COUNT, "one row for each alarm");

static atomic_int_fast64_t raised[KN_ALARM_COUNT];
static GMutex sink_lock;
static kn_alarm_sink sink;
static void *sink_data;

const kn_alarm_row *
kn_alarm_row_of(kn_alarm_id id)
{
    assert((size_t)id < G_N_ELEMENTS(rows));
    return &rows[id];
}

kn_alarm_id
kn_alarm_by_code(const char *code)
{
    for (size_t i = 0; code && i < G_N_ELEMENTS(rows); i++)
        if (g_ascii_strcasecmp(rows[i].code, code) == 0)
            return (kn_alarm_id)i;
    return KN_ALARM_COUNT;
}

int64_t
kn_alarm_raised(kn_alarm_id id)
{
    return (int64_t)atomic_load(&raised[id]);
}

void
kn_alarm_to(kn_alarm_sink new_sink, void *data)
{
    g_mutex_lock(&sink_lock);
    sink = new_sink;
    sink_data = data;
    g_mutex_unlock(&sink_lock);
}

void
kn_alarm_raise(kn_alarm_id id, const kn_tag *tags)
{
    const kn_alarm_row *row = kn_alarm_row_of(id);
    const kn_log_line line = {
        .level = KN_ALARM, .code = row->code, .sentence = row->text, .tags = tags
    };

    (void)atomic_fetch_add(&raised[id], 1);
    kn_log_write(&line);
    g_mutex_lock(&sink_lock);
    if (sink) {
        json_t *object = kn_log_object(&line);

        sink(sink_data, id, object);
        json_decref(object);
    }
    g_mutex_unlock(&sink_lock);
}
