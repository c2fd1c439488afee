/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs are the same but for their signatures, and for nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "evidence/replay.h"

#include <cmocka.h>
#include <string.h>

#define SIG(v) \
    "<ds:Signature xmlns:ds=\"x\"><ds:SignatureValue>" v "</ds:SignatureValue></ds:Signature>"

static char *
shell(const char *inner, const char *sig)
{
    g_autofree char *data = g_base64_encode((const unsigned char *)inner, strlen(inner));

    return g_strconcat("<dxp:DxpMsg><dxp:Data>", data, "</dxp:Data>", sig, "</dxp:DxpMsg>", NULL);
}

static void
check(const char *a, const char *b, bool same, const char *why)
{
    if (kn_replay_same_bytes(a, strlen(a), b, strlen(b)) != same
        || kn_replay_same_bytes(b, strlen(b), a, strlen(a)) != same)
        fail_msg("%s", why);
}

static void
replay_bytes(void **unused)
{
    static const struct {
        const char *a, *b;
        bool same;
        const char *why;
    } vectors[] = {
        { "", "", true, "nothing" },
        { "<a>1</a>", "<a>1</a>", true, "equal" },
        { "<a>1</a>", "<a>2</a>", false, "another value" },
        { "<a>1</a>", "<a>1</a> ", false, "white space" },
        { "<a>1" SIG("AA") "</a>", "<a>1" SIG("BB") "</a>", true, "another signature" },
        { "<a>1" SIG("AA") "</a>", "<a>2" SIG("AA") "</a>", false, "another value, signed" },
        { "<a>1" SIG("AA") "</a>", "<a>1</a>", true, "signed or not is for the chain to say" },
        { "<a>" SIG("A") "1</a>", "<a>" SIG("A") "2</a>", false, "behind a signature" },
        { "<a>1<ds:Signature >x</a>", "<a>1<ds:Signature >y</a>", false, "one that does not end" },
        { "<dxp:Data>!!</dxp:Data>x", "<dxp:Data>!!</dxp:Data>y", false, "no base64" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++)
        check(vectors[i].a, vectors[i].b, vectors[i].same, vectors[i].why);
}

static void
replay_shells(void **unused)
{
    g_autofree char *a = shell("<r>1" SIG("AA") "</r>", SIG("C")),
                    *b = shell("<r>1" SIG("BB") "</r>", SIG("D")),
                    *c = shell("<r>2" SIG("AA") "</r>", SIG("C")), *deep = shell(a, ""),
                    *deep_b = shell(b, "");

    (void)unused;
    check(a, b, true, "signatures inside and outside");
    check(a, c, false, "another value inside");
    check(deep, deep_b, true, "a shell in a shell");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay_bytes),
        cmocka_unit_test(replay_shells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
