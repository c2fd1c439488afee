/* SPDX-License-Identifier: Apache-2.0 */
/* kouan explain over a real installation (keys, partners, schemas) and without one: which step, what passed
 * before it, what is said, and what is never said. */
#include "cli/explain.h"

#include "base/clock.h"
#include "cli/make.h"
#include "pki/kn_pki.h"

#include <setjmp.h> /* allow: cmocka wants it */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

static char *folder;
static kn_make *maker;
static kn_judge *here, *alone, *anchored;

static char *
place(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static int
install(void **unused)
{
    kn_pki_plan plan = { 0 };
    g_autofree char *ini = NULL, *anchors = NULL;
    g_autofree char *text = g_strdup_printf(
        "[engine]\ncodes = %s/config/codes\nschemas = %s/schemas/xsd\n", KOUAN_SOURCE_DIR,
        KOUAN_SOURCE_DIR);

    (void)unused;
    folder = g_dir_make_tmp("kouan-explain-XXXXXX", NULL);
    ini = place("kouan.ini");
    anchors = place("ca/p256-chain.pem");
    assert_true(kn_pki_make(folder, &plan, NULL));
    assert_true(g_file_set_contents(ini, text, -1, NULL));
    assert_true(kn_make_open(folder, &maker, NULL));
    assert_true(kn_judge_open(&(kn_judge_plan){ .config = ini }, &here, NULL));
    assert_true(kn_judge_open(&(kn_judge_plan){ 0 }, &alone, NULL));
    assert_true(kn_judge_open(&(kn_judge_plan){ .anchors = anchors }, &anchored, NULL));
    return 0;
}

static int
remove_all(void **unused)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);

    (void)unused;
    kn_judge_free(here);
    kn_judge_free(alone);
    kn_judge_free(anchored);
    kn_make_free(maker);
    (void)g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL);
    g_free(folder);
    return 0;
}

/* A shell of PORTAL01 with a card's message in it, or a bare one of an enterprise. */
static void
make(bool bare, kn_made *out)
{
    const kn_make_template *t = kn_make_template_of("CKStageMessage");
    json_t *body = kn_make_body(t);
    kn_make_order order = { .type = t->type,
                            .ns = t->ns,
                            .prefix = t->prefix,
                            .body = body,
                            .partner = bare ? "ENTE01" : "PORTAL01",
                            .bare = bare,
                            .owner = kn_make_orgcode("1"),
                            .card = bare ? NULL : kn_make_operator(maker, "1"),
                            .receiver = "KOUAN00000000001",
                            .n = 7 };

    assert_true(kn_make_message(maker, &order, out, NULL));
    json_decref(body);
}

typedef struct vector {
    const char *name;
    bool bare;
    const char *from, *to; /* edit of the finished bytes */
    const char *partner;
    int64_t shift_ms;
    kn_judge **judge;
    kn_error error;
    const char *passed, *behind, *unchecked; /* letters */
    const char *says;                        /* part of the sentence */
    const char *trap;
} vector;

#define YEARS (3 * 365 * 86400000LL)

/* clang-format off */
static const vector vectors[] = {
    { .name = "good shell", .passed = "RXSKGDVB", .says = "nothing is wrong" },
    { .name = "good bare", .bare = true, .passed = "RXSKGDVB", .says = "nothing is wrong" },
    { .name = "line before the shell's Signature", .from = "<ds:Signature ", .to = "\n<ds:Signature ",
      .error = KN_E_DIGEST_MISMATCH, .passed = "RXSKG", .behind = "VB",
      .says = "before the Signature", .trap = "doc-space" },
    { .name = "line inside SignedInfo", .bare = true, .from = "<ds:SignedInfo>", .to = "<ds:SignedInfo>\n",
      .error = KN_E_SIG_BAD, .passed = "RXSK", .behind = "DVB",
      .says = "inside SignedInfo was changed", .trap = "info-reformatted" },
    { .name = "a digit", .bare = true, .from = "2200.5", .to = "2200.6",
      .error = KN_E_DIGEST_MISMATCH, .passed = "RXSKG", .behind = "VB", .says = "no known mistake" },
    { .name = "not well-formed", .bare = true, .from = "</ck:Head>", .to = "</ck:Heap>", .error = KN_E_XML_MALFORMED,
      .passed = "R", .behind = "SKGDVB", .says = "ot well-formed" },
    { .name = "other partner", .bare = true, .partner = "ENTE02", .error = KN_E_KEY_NOT_BOUND, .passed = "RXS",
      .behind = "GDVB", .says = "not registered for this partner" },
    { .name = "nobody", .bare = true, .partner = "NOBODY", .error = KN_E_SENDER_UNKNOWN, .passed = "",
      .behind = "XSKGDVB", .says = "not registered here" },
    { .name = "later", .bare = true, .shift_ms = YEARS, .error = KN_E_KEY_EXPIRED, .passed = "RXS", .behind = "GDVB",
      .says = "had expired" },
    { .name = "algorithm", .bare = true, .from = "xmldsig#sm2-sm3", .to = "xmldsig#sm2-md5",
      .error = KN_E_SIG_ALG_REFUSED, .passed = "RX", .behind = "KGDVB", .says = "one of the pairs" },
    { .name = "alone, good", .judge = &alone, .passed = "XSGD", .unchecked = "RKVB", .says = "was not checked" },
    { .name = "alone, a digit", .bare = true, .judge = &alone, .from = "2200.5", .to = "2200.6",
      .error = KN_E_DIGEST_MISMATCH, .passed = "XSG", .unchecked = "RKVB", .says = "no known mistake" },
    { .name = "anchors of another family", .bare = true, .judge = &anchored,
      .error = KN_E_KEY_UNTRUSTED, .passed = "XS", .behind = "GD", .unchecked = "RVB", .says = "not lead to a CA" },
};
/* clang-format on */

static void
letters(const kn_explained *e, char which, const char *expected, const char *name)
{
    g_autofree char *names = kn_explained_steps(e, which);
    g_auto(GStrv) list = g_strsplit(names, ", ", -1);
    g_autoptr(GString) found = g_string_new(NULL);

    for (size_t i = 0; list[i]; i++)
        if (*list[i])
            g_string_append_c(found, *list[i]);
    if (strcmp(found->str, expected ? expected : "") != 0)
        fail_msg("%s: steps %c are %s, expected %s", name, which, found->str, expected);
}

static void
edit(const vector *v, GString *bytes)
{
    char *at = v->from ? strstr(bytes->str, v->from) : NULL;

    if (!v->from)
        return;
    assert_non_null(at);
    (void)g_string_erase(bytes, at - bytes->str, (gssize)strlen(v->from));
    (void)g_string_insert(bytes, at - bytes->str, v->to);
}

static void
explain(const vector *v, kn_explained *out)
{
    g_auto(kn_made) made = { 0 };
    kn_letter letter = { .partner = v->partner, .at_ms = kn_clock_wall_ms() + v->shift_ms };

    make(v->bare, &made);
    edit(v, made.bytes);
    letter.bytes = made.bytes->str;
    letter.len = made.bytes->len;
    kn_explain(v->judge ? *v->judge : here, &letter, NULL, 0, out);
    /* what is borrowed from the letter must not be read any more */
    for (size_t i = 0; i < out->n; i++)
        out->findings[i].raw = NULL;
}

static void
explain_vectors(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        const vector *v = &vectors[i];
        g_auto(kn_explained) e = { 0 };
        g_autofree char *sentence = NULL, *text = NULL;
        const kn_finding *f;
        kn_error code;

        explain(v, &e);
        code = e.verdict.why ? kn_error_code(e.verdict.why) : KN_E_OK;
        sentence = kn_explained_sentence(&e);
        text = kn_explained_text(&e);
        f = kn_explained_refused(&e);
        if (code != v->error)
            fail_msg("%s: %s", v->name, kn_error_row_of(code)->name);
        letters(&e, 'p', v->passed, v->name);
        letters(&e, 't', v->behind, v->name);
        letters(&e, 'c', v->unchecked, v->name);
        if (!strstr(sentence, v->says) && !strstr(sentence + 1, v->says + 1))
            fail_msg("%s: says “%s”", v->name, sentence);
        if (g_strcmp0(f && f->fit.trap ? f->fit.trap->name : NULL, v->trap) != 0)
            fail_msg("%s: trap %s", v->name, f && f->fit.trap ? f->fit.trap->name : "none");
        assert_true(g_str_has_prefix(text, sentence));
        assert_true(g_utf8_validate(text, -1, NULL));
    }
}

/* Every fact that a receipt cannot carry. */
static void
explain_json(void **unused)
{
    static const char *const needed[] = { "algorithm",  "certificate", "subject",  "keyName",
                                          "signedInfo", "canonical",   "expected", "found" };
    g_auto(kn_explained) e = { 0 };
    json_t *facts, *shell, *inner, *trap;

    (void)unused;
    explain(&vectors[2], &e);
    facts = kn_explained_json(&e);
    shell = json_array_get(json_object_get(facts, "documents"), 0);
    inner = json_array_get(json_object_get(facts, "documents"), 1);
    trap = json_object_get(shell, "trap");
    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
        if (!json_object_get(shell, needed[i]) || !json_object_get(inner, needed[i]))
            fail_msg("%s is not told", needed[i]);
    assert_string_equal(json_string_value(json_object_get(inner, "class")), "operator");
    assert_string_equal(json_string_value(json_object_get(trap, "name")), "doc-space");
    assert_true(json_integer_value(json_object_get(trap, "offset")) > 0);
    assert_string_equal(json_string_value(json_object_get(trap, "path")), "dxp:DxpMsg");
    assert_string_equal(json_string_value(json_object_get(facts, "trust")), "checked");
    assert_string_equal(json_string_value(json_object_get(facts, "partner")), "PORTAL01");
    json_decref(facts);
}

/* A card's certificate holds its owner's name and number; neither comes out in any form. */
static void
explain_keeps_secrets(void **unused)
{
    const json_t *card = kn_make_operator(maker, "1");
    const char *number = json_string_value(json_object_get(card, "number"));
    g_auto(kn_explained) e = { 0 };
    g_autofree char *text = NULL;
    json_t *facts;
    char *json;

    (void)unused;
    explain(&vectors[0], &e);
    text = kn_explained_text(&e);
    facts = kn_explained_json(&e);
    json = json_dumps(facts, JSON_COMPACT);
    json_decref(facts);
    assert_null(strstr(text, "CN="));
    assert_null(strstr(json, "CN="));
    assert_null(strstr(text, number));
    free(json); /* allow: jansson's own */
}

static void
explain_writes_forms(void **unused)
{
    static const char *const names[] = { "shell-signedinfo.xml", "shell-canonical.xml",
                                         "message-signedinfo.xml", "message-canonical.xml",
                                         "shell-canonical-as-signed.bin" };
    g_auto(kn_explained) e = { 0 };
    g_autofree char *forms = place("forms"), *file = place("kouan.ini/forms");

    (void)unused;
    explain(&vectors[2], &e);
    assert_true(kn_explained_write(&e, forms, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(forms, names[i], NULL), *bytes = NULL;
        size_t len = 0;

        assert_true(g_file_get_contents(path, &bytes, &len, NULL));
        assert_true(len > 0 && *bytes == '<');
    }
    assert_false(kn_explained_write(&e, file, NULL));
}

/* Any bytes at all give an answer, with an installation and without. */
static void
explain_takes_anything(void **unused)
{
    static const char *const texts[] = {
        "",
        "x",
        "<a/>",
        "<a xmlns=\"urn:a\"><b/></a>",
        "\xff\xfe",
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>",
        "<dxp:DxpMsg xmlns:dxp=\"http://www.chinaport.gov.cn/dxp\"/>"
    };
    kn_judge *const judges[] = { here, alone, anchored };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(judges); k++) {
            const kn_letter letter = { .bytes = texts[i], .len = strlen(texts[i]) };
            g_auto(kn_explained) e = { 0 };
            g_autofree char *text = NULL;

            kn_explain(judges[k], &letter, NULL, 0, &e);
            text = kn_explained_text(&e);
            assert_non_null(e.verdict.why);
            assert_non_null(strstr(text, "refused at step"));
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explain_vectors),        cmocka_unit_test(explain_json),
        cmocka_unit_test(explain_keeps_secrets),  cmocka_unit_test(explain_writes_forms),
        cmocka_unit_test(explain_takes_anything),
    };

    return cmocka_run_group_tests(tests, install, remove_all);
}
