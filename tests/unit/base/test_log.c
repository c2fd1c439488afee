/* SPDX-License-Identifier: Apache-2.0 */
/* What a log line looks like; stderr is a pipe while a line is written. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <glib.h>
#include <jansson.h>
#include <kouan/log.h>
#include <string.h>

#include "caught.h"

static void
log_text_line(void **unused)
{
    const char *text;

    (void)unused;
    kn_log_init(KN_INFO, false);
    caught_begin();
    kn_info("batch settled", KN_STR("topic", "kouan.in.checkpoint"), KN_INT("messages", 200));
    text = caught_end();
    assert_true(g_regex_match_simple(
        "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+08:00 info  batch settled "
        "topic=kouan\\.in\\.checkpoint messages=200\n$",
        text, 0, 0));
}

/* A value can neither end the line nor pass for another key. */
static void
log_text_values(void **unused)
{
    static const struct {
        const char *value, *printed, *why;
    } vectors[] = {
        { "plain", " v=plain\n", "as it is" },
        { "口岸", " v=口岸\n", "UTF-8 needs no quotes" },
        { "", " v=\"\"\n", "empty is seen" },
        { NULL, " v=\"\"\n", "absent like empty" },
        { "a b", " v=\"a b\"\n", "blank" },
        { "a=b", " v=\"a=b\"\n", "looks like a key" },
        { "say \"x\"", " v=\"say \\\"x\\\"\"\n", "quotes" },
        { "c:\\x", " v=\"c:\\\\x\"\n", "backslash" },
        { "one\ntwo", " v=\"one two\"\n", "a line end would forge a line" },
        { "\x1b[31m", " v=\" [31m\"\n", "terminal control" },
        { "tab\there", " v=\"tab here\"\n", "tab" },
    };

    (void)unused;
    kn_log_init(KN_INFO, false);
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        const char *text;

        caught_begin();
        kn_info("x", KN_STR("v", vectors[i].value));
        text = caught_end();
        if (!g_str_has_suffix(text, vectors[i].printed)
            || strchr(text, '\n') != text + strlen(text) - 1)
            fail_msg("%s: %s", vectors[i].why, text);
    }
}

static void
log_json_line(void **unused)
{
    json_t *object;

    (void)unused;
    kn_log_init(KN_INFO, true);
    kn_log_context("0-1-2-0", "PORTAL1");
    caught_begin();
    kn_warn("odd \"thing\"", KN_STR("v", "a\nb"), KN_INT("n", INT64_MIN));
    object = json_loads(caught_end(), 0, NULL);
    kn_log_context(NULL, NULL);
    kn_log_init(KN_INFO, false);
    assert_non_null(object);
    assert_string_equal(json_string_value(json_object_get(object, "level")), "warn");
    assert_string_equal(json_string_value(json_object_get(object, "text")), "odd \"thing\"");
    assert_string_equal(json_string_value(json_object_get(object, "v")), "a\nb");
    assert_true(json_integer_value(json_object_get(object, "n")) == INT64_MIN);
    assert_string_equal(json_string_value(json_object_get(object, "msg")), "0-1-2-0");
    assert_string_equal(json_string_value(json_object_get(object, "partner")), "PORTAL1");
    json_decref(object);
}

/* Bytes that are no UTF-8 may lose their tag, never the line. */
static void
log_json_survives_bad_bytes(void **unused)
{
    json_t *object;

    (void)unused;
    kn_log_init(KN_INFO, true);
    caught_begin();
    kn_info("x", KN_STR("v", "\xff\xfe"), KN_INT("n", 1));
    object = json_loads(caught_end(), 0, NULL);
    kn_log_init(KN_INFO, false);
    assert_non_null(object);
    assert_int_equal(json_integer_value(json_object_get(object, "n")), 1);
    json_decref(object);
}

static void
log_context_of_the_thread(void **unused)
{
    const char *text;

    (void)unused;
    kn_log_init(KN_INFO, false);
    kn_log_context("0-1-2-0", NULL);
    caught_begin();
    kn_error_line("x", KN_INT("n", -1));
    text = caught_end();
    assert_non_null(strstr(text, " error x n=-1 msg=0-1-2-0\n"));
    kn_log_context(NULL, NULL);
    caught_begin();
    kn_warn("x", KN_INT("n", 1));
    text = caught_end();
    assert_non_null(strstr(text, " warn  x n=1\n"));
}

static void
log_level_drops(void **unused)
{
    (void)unused;
    kn_log_init(KN_WARN, false);
    caught_begin();
    kn_debug("a", KN_INT("n", 1));
    kn_info("b", KN_INT("n", 1));
    kn_warn("c", KN_INT("n", 1));
    assert_non_null(strstr(caught_end(), " warn  c n=1\n"));
    assert_null(strstr(caught_line, " b "));
    assert_null(strstr(caught_line, " a "));
    kn_log_init(KN_INFO, false);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_text_line),
        cmocka_unit_test(log_text_values),
        cmocka_unit_test(log_json_line),
        cmocka_unit_test(log_json_survives_bad_bytes),
        cmocka_unit_test(log_context_of_the_thread),
        cmocka_unit_test(log_level_drops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
