/* SPDX-License-Identifier: Apache-2.0 */
/* The error table: what each row must keep, and the way of a code through GError. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <kouan/error.h>
#include <string.h>

static bool
four_digits(const char *text)
{
    return strlen(text) == 4 && strspn(text, "0123456789") == 4;
}

/* A partner gets a code and a text together or nothing. */
static void
error_rows_tell_partners_what_they_must(void **unused)
{
    (void)unused;
    for (kn_error code = KN_E_OK; code < KN_E_COUNT; code++) {
        const kn_error_row *row = kn_error_row_of(code);
        bool told = row->outcome == KN_OUTCOME_DONE || row->outcome == KN_OUTCOME_REFUSE
                    || row->outcome == KN_OUTCOME_QUARANTINE || row->outcome == KN_OUTCOME_PAUSE;

        if (told != four_digits(row->receipt) || told != (*row->text != '\0'))
            fail_msg("%s: receipt “%s”, text “%s” do not fit the outcome", row->name, row->receipt,
                     row->text);
        if (!told && *row->receipt)
            fail_msg("%s: nobody is told, so no receipt code", row->name);
        if (!g_utf8_validate(row->text, -1, NULL) || *row->english == '\0')
            fail_msg("%s: text is not UTF-8, or there is no English", row->name);
    }
}

/* Own codes begin at 4000; below that only what the E-port platform defines. */
static void
error_receipt_codes_are_of_the_platform_or_ours(void **unused)
{
    static const char *const platform[] = { "0000", "0001", "0002", "0999", "1001", "1002", "1004",
                                            "1999", "2001", "2002", "2999", "3001", "3999" };

    (void)unused;
    for (kn_error code = KN_E_OK; code < KN_E_COUNT; code++) {
        const kn_error_row *row = kn_error_row_of(code);
        bool known = *row->receipt == '\0' || *row->receipt == '4';

        for (size_t i = 0; i < G_N_ELEMENTS(platform); i++)
            known = known || strcmp(platform[i], row->receipt) == 0;
        if (!known)
            fail_msg("%s: receipt code %s is neither the platform's nor ours", row->name,
                     row->receipt);
    }
}

static void
error_names_are_unique_and_found(void **unused)
{
    (void)unused;
    for (kn_error code = KN_E_OK; code < KN_E_COUNT; code++)
        assert_int_equal(kn_error_by_name(kn_error_row_of(code)->name), code);
}

static void
error_by_name_refuses(void **unused)
{
    static const char *const names[] = { "",         "KN_E_SIG_BAD", "sig_bad",
                                         "SIG_BAD ", "SIG_BA",       "NOTHING" };

    (void)unused;
    assert_int_equal(kn_error_by_name(NULL), KN_E_COUNT);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (kn_error_by_name(names[i]) != KN_E_COUNT)
            fail_msg("“%s” is no name", names[i]);
}

static void
error_fail_sets_code_and_message(void **unused)
{
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_false(kn_fail(&err, KN_E_XML_MALFORMED, "not well-formed, %d bytes", 7));
    assert_int_equal(kn_error_code(err), KN_E_XML_MALFORMED);
    assert_int_equal(kn_error_outcome(err), KN_OUTCOME_REFUSE);
    assert_string_equal(err->message, "not well-formed, 7 bytes");
    assert_false(kn_fail(NULL, KN_E_CONFIG, "nobody asked"));
}

/* An error that is not ours is our failure, never the partner's. */
static void
error_of_another_domain_is_an_engine_error(void **unused)
{
    static const struct {
        int code;
        const char *why;
    } foreign[] = {
        { 0, "first code of the other domain" },
        { KN_E_SIG_BAD, "same number, other domain" },
        { -1, "negative" },
    };

    (void)unused;
    assert_int_equal(kn_error_code(NULL), KN_E_ENGINE_ERROR);
    assert_int_equal(kn_error_outcome(NULL), KN_OUTCOME_QUARANTINE);
    for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++) {
        g_autoptr(GError) err = g_error_new_literal(G_KEY_FILE_ERROR, foreign[i].code, "x");

        if (kn_error_code(err) != KN_E_ENGINE_ERROR)
            fail_msg("%s", foreign[i].why);
    }
    for (int code = -1; code <= KN_E_COUNT; code += KN_E_COUNT + 1) {
        g_autoptr(GError) err = g_error_new_literal(kn_error_quark(), code, "out of the table");

        assert_int_equal(kn_error_code(err), KN_E_ENGINE_ERROR);
    }
}

/* The outcomes that the promises of the engine rest on. */
static void
error_outcomes_that_matter(void **unused)
{
    static const struct {
        kn_error code;
        kn_outcome outcome;
        const char *why;
    } vectors[] = {
        { KN_E_POSITION_MOVED, KN_OUTCOME_EXIT, "on doubt about ownership the process leaves" },
        { KN_E_BUS_FENCED, KN_OUTCOME_EXIT, "a fenced producer never goes on" },
        { KN_E_STORE_DOWN, KN_OUTCOME_PAUSE, "no message is lost because a server is away" },
        { KN_E_BUS_DOWN, KN_OUTCOME_PAUSE, "the same for the broker" },
        { KN_E_STORE_RETRY, KN_OUTCOME_WAIT, "a lock conflict is nobody's fault" },
        { KN_E_KEY_CRL_STALE, KN_OUTCOME_QUARANTINE, "our CRL is old: the partner must not pay" },
        { KN_E_LOG_LOST, KN_OUTCOME_STOP, "a person decides" },
        { KN_E_SIG_BAD, KN_OUTCOME_REFUSE, "a bad signature is a decision, no failure" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++)
        if (kn_error_row_of(vectors[i].code)->outcome != vectors[i].outcome)
            fail_msg("%s: %s", kn_error_row_of(vectors[i].code)->name, vectors[i].why);
}

/* A precision of printf counts bytes: what it cuts in two is made whole again. */
static void
error_text_is_utf8(void **unused)
{
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_false(kn_fail(&err, KN_E_CONFIG, "“%.4s” is wrong", "渝渝"));
    assert_true(g_utf8_validate(err->message, -1, NULL));
    assert_string_equal(err->message, "“渝\xEF\xBF\xBD” is wrong");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_rows_tell_partners_what_they_must),
        cmocka_unit_test(error_receipt_codes_are_of_the_platform_or_ours),
        cmocka_unit_test(error_names_are_unique_and_found),
        cmocka_unit_test(error_by_name_refuses),
        cmocka_unit_test(error_fail_sets_code_and_message),
        cmocka_unit_test(error_of_another_domain_is_an_engine_error),
        cmocka_unit_test(error_outcomes_that_matter),
        cmocka_unit_test(error_text_is_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
