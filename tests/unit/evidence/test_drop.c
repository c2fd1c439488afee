/* SPDX-License-Identifier: Apache-2.0 */
/* Days as they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "evidence/drop.h"

#include <cmocka.h>

static void
drop_days(void **unused)
{
    static const struct {
        const char *text;
        int32_t day; /* -1: none */
    } vectors[] = {
        { "2000-01-01", 0 },    { "2026-11-27", 9827 },
        { "2024-02-29", 8825 }, { "2023-02-29", -1 },
        { "2026-13-01", -1 },   { "2026-00-10", -1 },
        { "2026-1-1", -1 },     { "26-01-01", -1 },
        { "2026-11-27 ", -1 },  { "", -1 },
        { "2026/11/27", -1 },   { "1999-12-31", -1 },
        { "2026-11-27-1", -1 }, { "yesterday", -1 },
        { "2026-04-31", -1 },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        int32_t day = -1;
        char text[11];
        bool ok = kn_drop_day_parse(vectors[i].text, &day);

        if (ok != (vectors[i].day >= 0) || (ok && day != vectors[i].day))
            fail_msg("%s: %d", vectors[i].text, day);
        if (!ok)
            continue;
        kn_drop_day_text(day, text);
        assert_string_equal(text, vectors[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(drop_days) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
