/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sm3.h"

#include "base/hex.h"

#include <setjmp.h> /* allow: cmocka wants it */
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static void
expect(const uint8_t got[KN_SM3_BYTES], const char *want, const char *why)
{
    char text[2 * KN_SM3_BYTES + 1];

    kn_hex_encode(got, KN_SM3_BYTES, text);
    if (strcmp(text, want) != 0)
        fail_msg("%s: %s", why, text);
}

static void
sm3_vectors(void **unused)
{
    static const struct {
        const char *text, *want, *why;
    } vectors[] = {
        { "", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b", "nothing" },
        { "abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
          "standard, 1" },
        { "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
          "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732", "standard, 2" },
    };
    g_autoptr(kn_sm3) sm3 = kn_sm3_new(NULL, 0);
    uint8_t got[KN_SM3_BYTES];

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        size_t len = strlen(vectors[i].text), half = len / 2;

        kn_sm3_of(sm3, vectors[i].text, len, got);
        expect(got, vectors[i].want, vectors[i].why);
        kn_sm3_of_two(sm3, vectors[i].text, half, vectors[i].text + half, len - half, got);
        expect(got, vectors[i].want, "in two runs");
    }
}

static void
sm3_two_may_write_over_the_first(void **unused)
{
    g_autoptr(kn_sm3) sm3 = kn_sm3_new(NULL, 0);
    static const uint8_t tail[3] = { 'a', 'b', 'c' };
    uint8_t chain[KN_SM3_BYTES] = { 1 }, apart[KN_SM3_BYTES];
    uint8_t both[KN_SM3_BYTES + sizeof tail];

    (void)unused;
    memcpy(both, chain, sizeof chain);
    memcpy(both + sizeof chain, tail, sizeof tail);
    kn_sm3_of(sm3, both, sizeof both, apart);
    kn_sm3_of_two(sm3, chain, sizeof chain, tail, sizeof tail, chain);
    assert_memory_equal(chain, apart, sizeof chain);
}

static void
sm3_keyed_is_hmac(void **unused)
{
    static const char *const want =
        "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882";
    g_autoptr(kn_sm3) jefe = kn_sm3_new((const uint8_t *)"Jefe", 4);
    g_autoptr(kn_sm3) other = kn_sm3_new((const uint8_t *)"Jeff", 4);
    uint8_t got[KN_SM3_BYTES], again[KN_SM3_BYTES];

    (void)unused;
    kn_sm3_keyed(jefe, "what do ya want for nothing?", 28, got);
    expect(got, want, "HMAC-SM3");
    kn_sm3_of(jefe, "abc", 3, again); /* a digest between two uses leaves the key alone */
    kn_sm3_keyed(jefe, "what do ya want for nothing?", 28, again);
    assert_memory_equal(got, again, sizeof got);
    kn_sm3_keyed(other, "what do ya want for nothing?", 28, again);
    assert_memory_not_equal(got, again, sizeof got);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sm3_vectors),
        cmocka_unit_test(sm3_two_may_write_over_the_first),
        cmocka_unit_test(sm3_keyed_is_hmac),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
