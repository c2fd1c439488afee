/* SPDX-License-Identifier: Apache-2.0 */
/* Dictionaries of the archive: trained on what lies there, kept only when they gain, read by everyone. */
#include "kit.h"
#include "store/archive.h"
#include "store/dictionary.h"

#include <string.h>

#define TYPE "CKStageMessage"

static const kn_store_training how = {
    .depth = 100000, .bytes = 16384, .per_type = 2000, .least_gain = 10
};

/* Messages of a kind: long parts in common, short ones of their own. */
static char *
message(const char *type, int i)
{
    GString *text = g_string_new("<?xml version=\"1.0\"?>\n");

    g_string_append_printf(text, "<ck:%s guid=\"%08X-0000\">", type, (unsigned)i * 2654435761U);
    for (int k = 0; k < 30; k++)
        g_string_append_printf(text,
                               "<ck:Element%dOfTheDeclaration>%u</ck:Element%dOfTheDeclaration>", k,
                               (unsigned)(i * 31 + k) * 2654435761U % 1000, k);
    /* What a certificate is in a real one: the same in all, and nothing repeats within it. */
    for (unsigned k = 0, word = 1; k < 200; k++)
        g_string_append_printf(text, "%08X", word = word * 1664525 + 1013904223);
    g_string_append_printf(text, "</ck:%s>", type);
    return g_string_free(text, FALSE);
}

/* Archives n messages whose payloads are of a type, from offset p->next_off on. */
static void
archive(kit *k, kn_position *p, const char *type, int n)
{
    g_autoptr(kit_batch) b = kit_batch_new(p);
    g_autoptr(GError) err = NULL;

    for (int i = 0; i < n; i++) {
        g_autofree char *id = g_strdup_printf("%s-%d-%d", type, (int)p->next_off, i);
        g_autofree char *text = message(type, i);
        kn_store_message *m;

        kit_batch_add(b, k, id, id, 0, 0);
        m = b->batch.messages->pdata[b->batch.messages->len - 1];
        g_clear_pointer(&m->payload, g_bytes_unref);
        m->payload = g_bytes_new(text, strlen(text));
    }
    if (!kit_settle(k, p, b, NULL, &err))
        fail_msg("%s", err->message);
    kn_position_clear(p);
    kit_take(k, 0, p);
}

static GPtrArray *
train(kit *k)
{
    GPtrArray *out = NULL;
    g_autoptr(GError) err = NULL;

    if (!kn_store_dictionary_train(k->store, &how, &out, &err))
        fail_msg("%s", err->message);
    return out;
}

static const kn_store_trained *
of_type(const GPtrArray *report, const char *type)
{
    for (unsigned i = 0; i < report->len; i++)
        if (strcmp(((kn_store_trained *)report->pdata[i])->type, type) == 0)
            return report->pdata[i];
    fail_msg("%s is not in the report", type);
    return NULL;
}

static void
dictionary_types(void **unused)
{
    static const struct {
        const char *bytes, *type, *why;
    } vectors[] = {
        { "<a/>", "a", "the least there is" },
        { "<?xml version='1.0'?><!-- <b> --><x:CK guid='1'>", "b",
          "a look, no parser: comments may fool it" },
        { "\xef\xbb\xbf<dxp:DxpMsg ver=\"1.0\">", "DxpMsg",
          "prefix and byte order mark are passed over" },
        { "<Receipt\n xmlns=''>", "Receipt", "a line break ends a name" },
        { "", "", "nothing" },
        { "{\"topic\":1}", "", "a dead letter" },
        { "<", "", "cut" },
        { "<name", "", "cut in the name" },
        { "<?xml", "", "no element" },
        { "<1234567890123456789012345678901234567890123456789012345678901234>", "", "too long" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        char type[KN_DICT_TYPE_MAX] = "?";

        kn_dict_type(vectors[i].bytes, strlen(vectors[i].bytes), type);
        if (strcmp(type, vectors[i].type) != 0)
            fail_msg("%s: %s: “%s”", vectors[i].bytes, vectors[i].why, type);
    }
}

static void
dictionary_is_made_when_it_gains(void **state)
{
    kit *k = *state;
    kn_position p = { 0 };
    g_autoptr(GPtrArray) first = NULL, again = NULL;
    const kn_store_trained *t;

    kit_take(k, 0, &p);
    archive(k, &p, TYPE, 400);
    archive(k, &p, "CKRare", 40);
    first = train(k);
    t = of_type(first, TYPE);
    assert_int_equal(t->id, 1);
    assert_null(t->why);
    assert_int_equal(t->samples, 320);
    assert_true(t->after * 2 < t->before);
    assert_true(t->before < t->raw);
    t = of_type(first, "CKRare");
    assert_int_equal(t->id, 0);
    assert_string_equal(t->why, "too few messages");
    kit_expect(k, "SELECT string_agg(id || ' ' || type, ',') FROM dictionary", "1 " TYPE);
    again = train(k); /* the same messages: nothing is left to gain */
    assert_int_equal(of_type(again, TYPE)->id, 0);
    assert_string_equal(of_type(again, TYPE)->why, "it would not gain enough");
    kn_position_clear(&p);
}

/* Written with it, read with it: by this store, and by one that was opened before it was trained. */
static void
dictionary_rows_come_back(void **state)
{
    kit *k = *state;
    kn_position p = { 0 };
    g_autoptr(kn_store) older = NULL;
    g_autoptr(GPtrArray) report = NULL;
    g_autoptr(GError) err = NULL;

    assert_true(kn_store_open(k->conninfo, &older, &err));
    kit_take(k, 0, &p);
    archive(k, &p, TYPE, 400);
    report = train(k);
    assert_int_equal(of_type(report, TYPE)->id, 1);
    assert_true(kn_store_load_dictionaries(k->store, &err));
    archive(k, &p, TYPE, 10);
    kit_expect(k,
               "SELECT string_agg(DISTINCT dict::text, ',' ORDER BY dict::text) FROM message WHERE "
               "idx = 0",
               "0,1");
    kit_expect(k,
               "SELECT avg(length(payload)) FILTER (WHERE dict = 1) * 2"
               " < avg(length(payload)) FILTER (WHERE dict = 0) FROM message",
               "t");
    for (int pass = 0; pass < 2; pass++) {
        kn_store *reader = pass == 0 ? k->store : older;
        g_autoptr(PGresult) res = PQexecParams(
            k->side, "SELECT dict, payload FROM message WHERE dict = 1 ORDER BY off", 0, NULL, NULL,
            NULL, NULL, 1);

        assert_int_equal(PQntuples(res), 10);
        for (int i = 0; i < 10; i++) {
            g_autofree char *want = message(TYPE, i);
            g_autoptr(GBytes) got = NULL;

            if (!kn_archive_payload(reader, res, i, 0, 1, &got, &err))
                fail_msg("%s", err->message);
            assert_int_equal(g_bytes_get_size(got), strlen(want));
            assert_memory_equal(g_bytes_get_data(got, NULL), want, strlen(want));
        }
    }
    kn_position_clear(&p);
}

static void
dictionary_is_dropped_only_when_nothing_names_it(void **state)
{
    kit *k = *state;
    kn_position p = { 0 };
    g_autoptr(GPtrArray) report = NULL;
    g_autoptr(GError) err = NULL;
    static const char *const steps[] = {
        NULL, /* the newest of its type */
        "INSERT INTO dictionary (id, type, bytes, samples, before, after)"
        " SELECT 2, type, bytes, 1, 1, 1 FROM dictionary",        /* replaced just now */
        "UPDATE dictionary SET made = now() - interval '4 days'", /* a message names it */
        "DELETE FROM message WHERE dict = 1",
    };

    kit_take(k, 0, &p);
    archive(k, &p, TYPE, 400);
    report = train(k);
    assert_int_equal(of_type(report, TYPE)->id, 1);
    assert_true(kn_store_load_dictionaries(k->store, &err));
    archive(k, &p, TYPE, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        bool last = i == G_N_ELEMENTS(steps) - 1;

        if (steps[i])
            g_free(kit_ask(k, steps[i]));
        if (kn_store_dictionary_drop(k->store, 1, &err) != last)
            fail_msg("step %zu", i);
        if (!last)
            assert_code(err, KN_E_NO_DOCUMENT);
        g_clear_error(&err);
    }
    assert_false(kn_store_dictionary_drop(k->store, 99, &err));
    kn_position_clear(&p);
}

static void
dictionary_of_others_is_refused(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;

    g_free(kit_ask(k, "INSERT INTO dictionary (id, type, bytes, samples, before, after)"
                      " VALUES (5, 'x', 'no dictionary', 1, 1, 1)"));
    assert_false(kn_store_load_dictionaries(k->store, &err));
    assert_code(err, KN_E_STORE_WRONG);
    assert_non_null(strstr(err->message, "dictionary 5"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dictionary_types),
        kit_test(dictionary_is_made_when_it_gains),
        kit_test(dictionary_rows_come_back),
        kit_test(dictionary_is_dropped_only_when_nothing_names_it),
        kit_test(dictionary_of_others_is_refused),
    };

    return kit_main(tests);
}
