/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <kouan/error.h>
#include <string.h>

#define KN_E(n, o, r, t, e) \
    [KN_E_##n] = { \
        .name = #n, .outcome = KN_OUTCOME_##o, .receipt = (r), .text = (t), .english = (e) \
    },
static const kn_error_row error_rows[] = {
#include <kouan/error.def>
};
#undef KN_E
static_assert(G_N_ELEMENTS(error_rows) == KN_E_COUNT, "one row for each code");

GQuark
kn_error_quark(void)
{
    return g_quark_from_static_string("kouan");
}

const kn_error_row *
kn_error_row_of(kn_error code)
{
    assert((size_t)code < G_N_ELEMENTS(error_rows));
    return &error_rows[code];
}

kn_error
kn_error_code(const GError *err)
{
    if (!err || err->domain != kn_error_quark() || err->code < 0 || err->code >= KN_E_COUNT)
        return KN_E_ENGINE_ERROR;
    return (kn_error)err->code;
}

kn_outcome
kn_error_outcome(const GError *err)
{
    return error_rows[kn_error_code(err)].outcome;
}

kn_error
kn_error_by_name(const char *name)
{
    for (size_t i = 0; name && i < G_N_ELEMENTS(error_rows); i++)
        if (strcmp(error_rows[i].name, name) == 0)
            return (kn_error)i;
    return KN_E_COUNT;
}

bool
kn_fail(GError **err, kn_error code, const char *format, ...)
{
    GError *made;
    va_list args;

    assert(code > KN_E_OK && code < KN_E_COUNT);
    if (!err)
        return false;
    va_start(args, format);
    made = g_error_new_valist(kn_error_quark(), (int)code, format, args);
    va_end(args);
    /* A precision counts bytes and may cut a character in two; receipts, JSON and logs take none. */
    if (!g_utf8_validate(made->message, -1, NULL)) {
        char *valid = g_utf8_make_valid(made->message, -1);

        g_free(made->message);
        made->message = valid;
    }
    g_propagate_error(err, made);
    return false;
}
