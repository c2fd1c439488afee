/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/life.h"

#include <setjmp.h> /* allow: cmocka wants it */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const char document[] = "{\"kind\":\"checkpoint\",\"key\":\"2026\",\"owner\":\"MA0000410\","
                               "\"state\":\"S02\",\"version\":2,"
                               "\"body\":{\"tripNo\":\"T1\"}}";
static const char place[] = "{\"topic\":\"kouan.in.checkpoint\",\"part\":3,\"off\":6,\"at\":0,"
                            "\"type\":\"CKDeclareMessage\","
                            "\"guid\":\"G\",\"sender\":\"PORTAL01\",\"verdict\":\"OK\",\"trust\":4,"
                            "\"changes\":[{\"kind\":\"checkpoint\","
                            "\"key\":\"2026\",\"from\":null,\"to\":\"S01\",\"event\":\"CK.STAGE\","
                            "\"row\":\"CK-T01\",\"actor\":\"9\"}],"
                            "\"outputs\":[{\"idx\":1,\"to\":\"kouan.out.PORTAL01\",\"type\":"
                            "\"Receipt\",\"guid\":\"R\",\"answers\":\"G\"},"
                            "{\"idx\":2,\"to\":\"kouan.out.PORTAL02\",\"type\":\"Receipt\","
                            "\"guid\":\"S\",\"answers\":\"H\"}]}";

static char *
life(const char *documents, const char *places)
{
    g_autofree char *text = g_strdup_printf("{\"documents\":[%s],\"life\":[%s]}", documents,
                                            places);
    json_t *trace = json_loads(text, 0, NULL);
    char *out;

    assert_non_null(trace);
    out = kn_life_text(trace);
    json_decref(trace);
    return out;
}

static void
life_of_a_document(void **unused)
{
    g_autofree char *text = life(document, place);

    (void)unused;
    assert_string_equal(text, "checkpoint 2026, tripNo T1\n"
                              "    state S02 申报, version 2, owner MA0000410\n"
                              "\n"
                              "1970-01-01 08:00:00.000  CKDeclareMessage G from PORTAL01: OK\n"
                              "    at kouan.in.checkpoint/3 offset 6, judged by trust set 4\n"
                              "    (new) → S01 暂存  CK-T01 on CK.STAGE by 9\n"
                              "    sent Receipt R to kouan.out.PORTAL01\n"
                              "    sent Receipt S to kouan.out.PORTAL02 (belongs to H)\n");
}

/* Nothing is known of the message: still one readable block. */
static void
life_of_little(void **unused)
{
    g_autofree char *text = life("",
                                 "{\"topic\":\"t\",\"part\":0,\"off\":1,\"at\":1,\"type\":null,"
                                 "\"verdict\":\"XML_MALFORMED\",\"changes\":[],\"outputs\":[]}");
    g_autofree char *empty = life("", "");

    (void)unused;
    assert_string_equal(
        text, "1970-01-01 08:00:00.001  (unreadable) : XML_MALFORMED\n    at t/0 offset 1\n");
    assert_string_equal(empty, "");
}

/* Unknown kinds and states of another version are shown by code; two documents are told apart. */
static void
life_of_strangers(void **unused)
{
    g_autofree char *two = g_strdup_printf("%s,{\"kind\":\"ship\",\"key\":\"K\",\"state\":\"S99\"}",
                                           document);
    g_autofree char *text = life(two, place);

    (void)unused;
    assert_non_null(strstr(text, "ship K\n    state S99, version 0"));
    assert_non_null(strstr(text, "    checkpoint 2026  (new) → S01"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(life_of_a_document),
        cmocka_unit_test(life_of_little),
        cmocka_unit_test(life_of_strangers),
    };

    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
