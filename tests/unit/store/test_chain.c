/* SPDX-License-Identifier: Apache-2.0 */
/* The chain's bytes against vectors made by other code (tests/e2e/lib/chain.py), and that every field has a
 * say in them. */
#include "base/hex.h"
#include "store/chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TOPIC "kouan.in.checkpoint"
#define HEADER "{\"guid\":\"G\"}"
#define READS "[[\"checkpoint\",\"K\",0]]"
#define ONES "1111111111111111111111111111111111111111111111111111111111111111"
#define TWOS "2222222222222222222222222222222222222222222222222222222222222222"

static const char expected[] = "kouan entry 1\n"
                               "M19:" TOPIC ",1:3,3:100,1:0,-,9:MA0000410,12:" HEADER ",64:" ONES
                               ",13:1795348800123,2:OK,1:1,1:2,22:" READS ",\n"
                               "H19:" TOPIC
                               ",1:3,1:7,3:100,10:checkpoint,1:K,1:1,-,3:S01,5:STAGE,6:CK-T01,-,"
                               "13:1795348800123,\n"
                               "M19:" TOPIC ",1:3,3:100,1:1,18:kouan.out.PORTAL01,-,-,64:" TWOS
                               ",13:1795348800123,-,1:1,-,-,\n";

typedef struct rows {
    kn_store_message in, out;
    kn_store_history history;
    const char *topic, *dest;
} rows;

static void
rows_init(rows *r)
{
    *r = (rows){ .topic = TOPIC, .dest = "kouan.out.PORTAL01" };
    r->in = (kn_store_message){ .part = 3,
                                .off = 100,
                                .dest = -1,
                                .key = g_bytes_new_static("MA0000410", 9),
                                .header = (char *)(uintptr_t)HEADER,
                                .at_ms = 1795348800123LL,
                                .verdict = "OK",
                                .rules = 1,
                                .trust = 2,
                                .reads = (char *)(uintptr_t)READS };
    memset(r->in.digest, 0x11, sizeof r->in.digest);
    r->history = (kn_store_history){ .part = 3,
                                     .seq = 7,
                                     .off = 100,
                                     .kind = "checkpoint",
                                     .key = "K",
                                     .version = 1,
                                     .state_to = "S01",
                                     .event = "STAGE",
                                     .row = "CK-T01",
                                     .at_ms = 1795348800123LL };
    r->out = (kn_store_message){
        .part = 3, .off = 100, .idx = 1, .dest = 4, .at_ms = 1795348800123LL, .rules = 1
    };
    memset(r->out.digest, 0x22, sizeof r->out.digest);
}

static GString *
entry_of(rows *r)
{
    GString *entry = g_string_new("left over");

    kn_chain_begin(entry);
    kn_chain_message(entry, &r->in, r->topic, NULL);
    kn_chain_history(entry, &r->history, r->topic);
    kn_chain_message(entry, &r->out, r->topic, r->dest);
    g_clear_pointer(&r->in.key, g_bytes_unref);
    return entry;
}

static void
assert_digest(const uint8_t *digest, const char *want)
{
    char hex[2 * KN_SM3_BYTES + 1];

    kn_hex_encode(digest, KN_SM3_BYTES, hex);
    assert_string_equal(hex, want);
}

static void
chain_vectors(void **unused)
{
    static const uint8_t zero[KN_SM3_BYTES];
    g_autoptr(kn_sm3) sm3 = kn_sm3_new((const uint8_t *)"", 0);
    uint8_t digest[KN_SM3_BYTES], head[KN_SM3_BYTES];
    rows r;
    GString *entry;

    (void)unused;
    rows_init(&r);
    entry = entry_of(&r);
    assert_string_equal(entry->str, expected);
    kn_sm3_of(sm3, entry->str, entry->len, digest);
    assert_digest(digest, "55178552d65a8c7c262fd51267d018255e520488d1ef016d582134b5f8d00bd3");
    kn_chain_link(sm3, zero, digest, head);
    assert_digest(head, "927bf448b4fb30329308b9a57fa78c7e841d5cad13c38a19e44c14c068863f00");
    kn_chain_link(sm3, head, digest, head); /* into itself */
    assert_digest(head, "8cfba2f3eb433ffe5eacbbd025928c81b034396229a2bf75fa391954e61ad0f4");
    (void)g_string_free(entry, TRUE);
}

/* One change each. */
static void
change(rows *r, int which)
{
    switch (which) {
    case 0: r->in.part = 4; break;
    case 1: r->in.off = 101; break;
    case 2: r->in.header = NULL; break;
    case 3: r->in.header = (char *)(uintptr_t) ""; break;
    case 4: r->in.digest[31] ^= 1; break;
    case 5: r->in.at_ms++; break;
    case 6: r->in.verdict = "REPEAT"; break;
    case 7: r->in.verdict = NULL; break;
    case 8: r->in.rules = 12; break;
    case 9: r->in.trust = 0; break;
    case 10: r->in.reads = NULL; break;
    case 11: r->topic = "kouan.in.customs"; break;
    case 12: r->dest = "kouan.out.PORTAL02"; break;
    case 13: r->out.key = g_bytes_new_static("", 0); break;
    case 14: r->out.idx = 2; break;
    case 15: r->history.seq = 8; break;
    case 16:
        r->history.kind = "checkpoin";
        r->history.key = "tK";
        break;
    case 17: r->history.version = 2; break;
    case 18: r->history.state_from = ""; break;
    case 19: r->history.state_from = "-"; break;
    case 20: r->history.event = "STAGE,6:CK-T01"; break; /* a field does not run into the next */
    case 21: r->history.actor = "somebody"; break;
    case 22: r->history.row = NULL; break;
    case 23: r->history.at_ms = 0; break;
    case 24: r->in.off = INT64_MIN; break;
    case 25: r->history.off = 1; break;
    default: r->history.state_to = "S02"; break;
    }
}

static void
chain_every_field_counts(void **unused)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    (void)unused;
    (void)g_hash_table_add(seen, g_strdup(expected));
    for (int i = 0; i <= 26; i++) {
        rows r;
        GString *entry;

        rows_init(&r);
        change(&r, i);
        entry = entry_of(&r);
        g_clear_pointer(&r.out.key, g_bytes_unref);
        if (!g_hash_table_add(seen, g_string_free(entry, FALSE)))
            fail_msg("change %d makes no difference", i);
    }
}

/* Bytes that look like the form itself stay bytes of a field. */
static void
chain_fields_are_counted(void **unused)
{
    rows a, b;
    GString *one, *other;

    (void)unused;
    rows_init(&a);
    rows_init(&b);
    a.history.kind = "k,1:x";
    a.history.key = "y";
    b.history.kind = "k";
    b.history.key = "x,1:y";
    one = entry_of(&a);
    other = entry_of(&b);
    assert_string_not_equal(one->str, other->str);
    assert_non_null(strstr(one->str, "5:k,1:x,1:y,"));
    assert_non_null(strstr(other->str, "1:k,5:x,1:y,"));
    (void)g_string_free(one, TRUE);
    (void)g_string_free(other, TRUE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_vectors),
        cmocka_unit_test(chain_every_field_counts),
        cmocka_unit_test(chain_fields_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
