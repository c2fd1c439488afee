/* SPDX-License-Identifier: Apache-2.0 */
#include "store/arrays.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
put_text_null(kn_columns *c)
{
    kn_put_text(c, 0, "ab");
    kn_put_text(c, 0, NULL);
    kn_put_text(c, 0, "");
}

static void
put_nothing(kn_columns *c)
{
    (void)c;
}

static void
put_int2(kn_columns *c)
{
    kn_put_int2(c, 0, -2);
}

static void
put_int8(kn_columns *c)
{
    kn_put_int8(c, 0, INT64_MIN);
}

static void
put_time(kn_columns *c)
{
    kn_put_time(c, 0, 946684800001LL);
    kn_put_time(c, 0, 946684799999LL);
}

static void
put_jsonb(kn_columns *c)
{
    json_t *json = json_pack("{s:i,s:[n]}", "b", 1, "a");

    kn_put_jsonb(c, 0, json);
    kn_put_jsonb_text(c, 0, "[]");
    kn_put_jsonb(c, 0, NULL);
    json_decref(json);
}

static void
put_room(kn_columns *c)
{
    memcpy(kn_put_room(c, 0, 100), "xyz", 3);
    kn_put_used(c, 0, 100, 3);
    kn_put_bytes(c, 0, "w", 1);
}

static void
put_gbytes(kn_columns *c)
{
    kn_put_gbytes(c, 0, NULL);
}

#define B(s) (s), sizeof(s) - 1

static void
arrays_bytes(void **unused)
{
    static const struct {
        Oid type;
        void (*put)(kn_columns *c);
        const char *want;
        size_t len;
        const char *why;
    } vectors[] = {
        { KN_OID_TEXTS, put_text_null,
          B("\0\0\0\1\0\0\0\1\0\0\0\x19\0\0\0\3\0\0\0\1\0\0\0\2"
            "ab\xff\xff\xff\xff\0\0\0\0"),
          "null is length -1, empty is length 0" },
        { KN_OID_INT4S, put_nothing, B("\0\0\0\0\0\0\0\0\0\0\0\x17"), "empty: no dimension" },
        { KN_OID_INT2S, put_int2, B("\0\0\0\1\0\0\0\0\0\0\0\x15\0\0\0\1\0\0\0\1\0\0\0\2\xff\xfe"),
          "sign" },
        { KN_OID_INT8, put_int8, B("\x80\0\0\0\0\0\0\0"), "a single value has no head" },
        { KN_OID_TIMESTAMPTZS, put_time,
          B("\0\0\0\1\0\0\0\0\0\0\x04\xa0\0\0\0\2\0\0\0\1\0\0\0\x08\0\0\0\0\0\0\x03\xe8"
            "\0\0\0\x08\xff\xff\xff\xff\xff\xff\xfc\x18"),
          "microseconds around 2000" },
        { KN_OID_JSONBS, put_jsonb,
          B("\0\0\0\1\0\0\0\1\0\0\x0e\xda\0\0\0\3\0\0\0\1\0\0\0\x13\1{\"b\":1,\"a\":[null]}"
            "\0\0\0\3\1[]"
            "\xff\xff\xff\xff"),
          "version byte" },
        { KN_OID_BYTEAS, put_room,
          B("\0\0\0\1\0\0\0\0\0\0\0\x11\0\0\0\2\0\0\0\1\0\0\0\3xyz\0\0\0\1w"),
          "unused room is given back" },
    };
    kn_columns c;

    (void)unused;
    kn_columns_init(&c);
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        kn_columns_start(&c, &vectors[i].type, 1);
        vectors[i].put(&c);
        kn_columns_end(&c);
        if (c.lengths[0] != (int)vectors[i].len
            || memcmp(c.values[0], vectors[i].want, vectors[i].len) != 0)
            fail_msg("%s: %d bytes", vectors[i].why, c.lengths[0]);
    }
    kn_columns_start(&c, (const Oid[]){ KN_OID_BYTEA }, 1);
    put_gbytes(&c);
    kn_columns_end(&c);
    assert_null(c.values[0]); /* a single null is no pointer */
    kn_columns_clear(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
