/* SPDX-License-Identifier: Apache-2.0 */
/* Traps: messages made to fall into exactly one of them by a signer of our own (OpenSSL and fixed text, no
 * function of engine/xml), for every kind of key, and others where nothing may fit. */
#include "xml/trap.h"

#include "trap_signer.h"

#include <string.h>
#include <time.h>

#include "xml/xml_auto.h"

static kn_xml *xml;

enum {
    ON_RSA = 1,
    ON_EC = 2,
    ON_SM2 = 4,
    ON_FIELD = 8,
    RAW = ON_EC | ON_SM2 | ON_FIELD,
    ALL = ON_RSA | RAW
};
static const struct {
    unsigned bit;
    kn_alg alg;
} kinds[] = { { ON_RSA, KN_ALG_RSA_SHA256 },
              { ON_EC, KN_ALG_ECDSA_SHA256 },
              { ON_SM2, KN_ALG_SM2_SM3 },
              { ON_FIELD, KN_ALG_SM2_SM3_FIELD } };

/* --- the messages ---------------------------------------------------------------------------------- */

#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define XENC "http://www.w3.org/2001/04/xmlenc#"
#define CHINAPORT "http://www.chinaport.gov.cn/2022/04/xmldsig#"
/* A Signature before its values are there, in canonical form, not ended. */
#define TEMPLATE(method, digest) \
    "<ds:Signature" DSIG \
    "><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/" \
    "REC-xml-c14n-20010315\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"" method \
    "\"></ds:SignatureMethod><ds:Reference URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"" DS \
    "enveloped-signature\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"" digest \
    "\"></ds:DigestMethod><ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo>"

/* clang-format off */
static const plan plans[] = {
    { NULL, "good", ALL, KN_E_OK, .sent = FLAT },
    { NULL, "good, indented", ALL, KN_E_OK, .sent = LINES },
    { NULL, "a digit changed", ALL, KN_E_DIGEST_MISMATCH, .from = ">100<", .to = ">101<" },
    { NULL, "an attribute changed", ALL, KN_E_DIGEST_MISMATCH, .from = "\"CNY\"", .to = "\"USD\"" },
    { NULL, "an element taken out", ALL, KN_E_DIGEST_MISMATCH, .from = "<k:empty></k:empty>", .to = "" },
    { NULL, "an indented one changed", ALL, KN_E_DIGEST_MISMATCH, .sent = LINES, .from = ">100<", .to = ">10<" },
    { NULL, "another key, nobody's", ALL, KN_E_SIG_BAD, .other_key = true },
    { NULL, "another digest in SignedInfo", ALL, KN_E_SIG_BAD, .from = "<ds:DigestValue>", .to = "<ds:DigestValue> " },
    { NULL, "another kind of value", RAW, KN_E_SIG_VALUE_FORM,
      .from = "<ds:SignatureValue>", .to = "<ds:SignatureValue>AAAA" },

    { "info-newline", "LF", ALL, KN_E_SIG_BAD, .info_end = "\n" },
    { "info-newline", "CRLF", ALL, KN_E_SIG_BAD, .info_end = "\r\n" },
    { "info-newline", "LF, indented", ALL, KN_E_SIG_BAD, .sent = LINES, .info_end = "\n" },
    { "info-xsi-added", "root lacks it", ALL, KN_E_SIG_BAD, .sent = BARE, .declared = DSIG K XSI },
    { "info-xsi-missing", "signer lacks it", ALL, KN_E_SIG_BAD, .declared = DSIG K },
    { "info-exclusive", "ds alone", ALL, KN_E_SIG_BAD, .declared = DSIG },
    { "info-exclusive", "ds alone, no xsi anywhere", ALL, KN_E_SIG_BAD, .sent = BARE, .declared = DSIG },
    { "sm2-id", "empty", ON_SM2 | ON_FIELD, KN_E_SIG_BAD, .id = "" },
    { "sm2-id", "hexadecimal text", ON_SM2 | ON_FIELD, KN_E_SIG_BAD, .id = "31323334353637383132333435363738" },
    { "sm2-id", "bytes", ON_SM2, KN_E_SIG_BAD, .id = "\x12\x34\x56\x78\x12\x34\x56\x78" },
    { "sm2-id", "draft", ON_SM2, KN_E_SIG_BAD, .id = "ALICE123@YAHOO.COM" },
    { "sm2-id", "no Z", ON_SM2 | ON_FIELD, KN_E_SIG_BAD, .form = FORM_NO_Z },
    { "info-reformatted", "lines inside SignedInfo", ALL, KN_E_SIG_BAD, .info_gap = "\n    " },
    { "value-der", "DER", RAW, KN_E_SIG_VALUE_FORM, .form = FORM_DER },
    { "value-padding", "no leading zeros", RAW, KN_E_SIG_VALUE_FORM, .form = FORM_SHORT },
    { "value-padding", "a zero too many", ON_RSA, KN_E_SIG_VALUE_FORM, .form = FORM_LONG },
    { "digest-other", "SM3", ON_RSA | ON_EC, KN_E_DIGEST_MISMATCH, .digest_md = "SM3" },
    { "digest-other", "SHA-256", ON_SM2, KN_E_DIGEST_MISMATCH, .digest_md = "SHA256" },
    { "digest-other", "SHA-1", ON_RSA | ON_EC | ON_SM2, KN_E_SIG_VALUE_FORM, .digest_md = "SHA1" },
    { "digest-other", "new digest, old dialect", ON_FIELD, KN_E_SIG_VALUE_FORM, .digest_md = "SM3" },
    { "digest-hex", "hexadecimal", ALL, KN_E_SIG_VALUE_FORM, .digest_form = HEX_TEXT },
    { "digest-hex", "base64 of it", ALL, KN_E_SIG_VALUE_FORM, .digest_form = BASE64_OF_HEX },
    { "digest-hex", "digest of it", ALL, KN_E_DIGEST_MISMATCH, .digest_form = DIGEST_OF_HEX },
    { "doc-space", "line before Signature", ALL, KN_E_DIGEST_MISMATCH, .digested = FLAT, .gap = GAP },
    { "doc-space", "line more before Signature", ALL, KN_E_DIGEST_MISMATCH, .sent = LINES, .gap = GAP },
    { "doc-reformatted", "indented afterwards", ALL, KN_E_DIGEST_MISMATCH, .sent = LINES, .digested = FLAT },
    { "doc-reformatted", "stripped afterwards", ALL, KN_E_DIGEST_MISMATCH, .sent = FLAT, .digested = LINES },
    { "doc-crlf", "CR lost", ALL, KN_E_DIGEST_MISMATCH, .sent = WITH("<k:a>1\n2</k:a>"),
      .digested = WITH("<k:a>1&#xD;\n2</k:a>") },
    { "doc-crlf", "CR as bytes", ALL, KN_E_DIGEST_MISMATCH, .sent = WITH("<k:a>1\n2</k:a>"),
      .digested = WITH("<k:a>1\r\n2</k:a>") },
    { "doc-text", "attribute order", ALL, KN_E_DIGEST_MISMATCH,
      .sent = "<k:Test" K XSI " version=\"1.0\" guid=\"4CDE1CFD-EDED-46B1-946C-B8022E42FC94\">" BODY END },
    { "doc-text", "empty element", ALL, KN_E_DIGEST_MISMATCH, .sent = WITH("<k:x/>") },
    { "doc-text", "quotes", ALL, KN_E_DIGEST_MISMATCH, .sent = WITH("<k:x y='1'></k:x>") },
    { "doc-text", "declaration", ALL, KN_E_DIGEST_MISMATCH, .sent = DECLARATION FLAT },
    { "doc-text", "byte order mark", ALL, KN_E_DIGEST_MISMATCH, .sent = "\xEF\xBB\xBF" DECLARATION FLAT },
    { "doc-text", "line break at the end", ALL, KN_E_DIGEST_MISMATCH, .sent = FLAT "\n" },
    { "doc-comments", "comment", ALL, KN_E_DIGEST_MISMATCH,
      .sent = WITH("<!-- a --><k:x/>"), .digested = WITH("<!-- a --><k:x></k:x>") },
    { "doc-with-signature", "empty values", ON_RSA, KN_E_DIGEST_MISMATCH, .sent = FLAT,
      .digested = WITH(TEMPLATE(MORE "rsa-sha256", XENC "sha256")
      "<ds:SignatureValue></ds:SignatureValue></ds:Signature>") },
    { "doc-with-signature", "nothing behind SignedInfo", ON_SM2, KN_E_DIGEST_MISMATCH, .sent = FLAT,
      .digested = WITH(TEMPLATE(CHINAPORT "sm2-sm3", CHINAPORT "sm3") "</ds:Signature>") },
    { "doc-gbk", "GB18030", ALL, KN_E_DIGEST_MISMATCH, .charset = "GB18030" },
    { "doc-private-use", "punctuation", ALL, KN_E_DIGEST_MISMATCH, .sent = WITH("<k:x>\uE78D</k:x>"),
      .digested = WITH("<k:x>\uFE10</k:x>") },
    { "doc-ns-moved", "declared below", ALL, KN_E_DIGEST_MISMATCH, .digested = WITH("<k:x></k:x>"),
      .sent = WITH("<k:x xmlns:soap=\"urn:soap\"></k:x>") },
    { "info-ns-moved", "root has one more", ALL, KN_E_SIG_BAD, .digested = FLAT,
      .sent = "<k:Test" K " xmlns:soap=\"urn:soap\"" XSI ATTRS ">" BODY END },
    { "info-ns-moved", "root had dxp", ALL, KN_E_SIG_BAD, .declared = DSIG " xmlns:dxp=\"" DXP "\"" K XSI },
    { "info-text", "as text", ALL, KN_E_SIG_BAD, .declared = "" },
    { "sig-digest", "SHA-1", ON_RSA | ON_EC, KN_E_SIG_BAD, .sign_md = "SHA1" },
    { "sig-digest", "SM3", ON_EC, KN_E_SIG_BAD, .sign_md = "SM3" },
    { "sig-digest", "SHA-256", ON_SM2 | ON_FIELD, KN_E_SIG_BAD, .sign_md = "SHA256", .form = FORM_NO_Z },
    { "sig-hex", "text", ALL, KN_E_SIG_BAD, .sign = SIGN_HEX },
    { "sig-hex", "digest of the digest", ALL, KN_E_SIG_BAD, .sign = SIGN_DIGEST },
    { "other-key", "the partner's other key", ALL, KN_E_SIG_BAD, .other_key = true },
};
/* clang-format on */

/* --- the judge --------------------------------------------------------------------------------------- */

/* As the engine does it; false after an error, shape filled where a trap can be looked for. */
static kn_error
judge(const char *text, EVP_PKEY *key, xmlDoc **doc, kn_shape *shape)
{
    g_autoptr(GError) err = NULL;
    bool ok;

    if (!kn_xml_open(xml, text, strlen(text), false, doc, &err))
        fail_msg("%s", err->message);
    ok = kn_xml_shape(*doc, shape, &err) && kn_xml_verify(xml, *doc, shape, key, NULL, &err);
    if (!ok && kn_error_code(err) == KN_E_SIG_VALUE_FORM && !shape->root)
        assert_true(kn_xml_shape_of_form(*doc, shape, NULL));
    return ok ? KN_E_OK : kn_error_code(err);
}

static bool
look(const plan *p, kn_alg alg, const kn_trap_budget *budget, bool with_key, kn_trap_fit *fit)
{
    g_autofree char *text = trap_make(p, alg);
    EVP_PKEY *key = kit_key(alg), *others[] = { kit_other_key(alg) };
    g_autoptr(xmlDoc) doc = NULL;
    kn_shape shape = { 0 };
    kn_error error = judge(text, key, &doc, &shape);
    bool detached = shape.detached, found;
    kn_trap_case c = { .xml = xml,
                       .doc = doc,
                       .shape = &shape,
                       .error = error,
                       .key = with_key ? key : NULL,
                       .raw = text,
                       .raw_len = strlen(text),
                       .others = others,
                       .n_others = p->trap && strcmp(p->trap, "other-key") == 0,
                       .budget = budget };

    if (error != p->error)
        fail_msg("%s (%s, %s): %s instead of %s", p->trap, p->what, kn_alg_row_of(alg)->name,
                 kit_error_name(error), kit_error_name(p->error));
    found = kn_trap_find(&c, fit);
    assert_true(found == (fit->trap != NULL));
    assert_true(shape.detached == detached);
    kn_shape_clear(&shape);
    return found;
}

static void
trap_each_message(void **unused)
{
    unsigned seen = 0, rows = 0;

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(plans); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
            const plan *p = &plans[i];
            g_auto(kn_trap_fit) fit = { 0 };
            bool found;

            if (!(p->algs & kinds[k].bit))
                continue;
            found = look(p, kinds[k].alg, NULL, true, &fit);
            if (g_strcmp0(found ? fit.trap->name : NULL, p->trap) != 0)
                fail_msg("%s, %s: %s instead of %s", p->what, kn_alg_row_of(kinds[k].alg)->name,
                         found ? fit.trap->name : "nothing", p->trap ? p->trap : "nothing");
            if (found)
                seen |= 1U << (fit.trap - kn_traps);
            if (found && fit.bytes)
                assert_true(fit.offset == KN_TRAP_NOWHERE || fit.offset <= fit.bytes->len);
        }
    while (kn_traps[rows].name)
        rows++;
    assert_true(rows > 0 && rows <= KN_TRAP_MAX);
    assert_int_equal(seen, (1U << rows) - 1); /* no row without a message */
}

/* The lane's share: the same answers for the rows it has, nothing for the others, the budget kept. */
static void
trap_lane_budget(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(plans); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
            const plan *p = &plans[i];
            g_auto(kn_trap_fit) fit = { 0 };
            const char *found;

            if (!(p->algs & kinds[k].bit))
                continue;
            found = look(p, kinds[k].alg, &kn_trap_budget_lane, true, &fit) ? fit.trap->name : NULL;
            if (found && g_strcmp0(found, p->trap) != 0)
                fail_msg("%s: %s instead of %s", p->what, found, p->trap);
            assert_true(!fit.trap || fit.trap->lane);
            assert_true(fit.verifies <= kn_trap_budget_lane.verifies);
            assert_true(fit.digests <= kn_trap_budget_lane.digests);
        }
}

/* What a lane can say of a value whose key is not proven: its form, and no more than that. */
static void
trap_by_form_alone(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(plans); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
            const plan *p = &plans[i];
            g_auto(kn_trap_fit) fit = { 0 };

            if (!(p->algs & kinds[k].bit) || p->error != KN_E_SIG_VALUE_FORM
                || p->form == FORM_LONG)
                continue;
            (void)look(p, kinds[k].alg, &kn_trap_budget_lane, false, &fit);
            assert_string_equal(fit.trap ? fit.trap->name : "", p->trap ? p->trap : "");
            assert_int_equal(fit.verifies, 0);
        }
}

static void
trap_where(void **unused)
{
    static const plan newline = { "info-newline", "", ON_EC, KN_E_SIG_BAD, .info_end = "\n" };
    static const plan space = { "doc-space", "", ON_EC, KN_E_DIGEST_MISMATCH, .gap = "\n" };
    static const plan order = { "doc-reformatted", "", ON_EC, KN_E_DIGEST_MISMATCH, .sent = LINES,
                                .digested = FLAT };
    g_auto(kn_trap_fit) a = { 0 }, b = { 0 }, c = { 0 };

    (void)unused;
    assert_true(look(&newline, KN_ALG_ECDSA_SHA256, NULL, true, &a));
    assert_true(a.signed_info);
    assert_int_equal(a.offset, a.bytes->len - 1); /* the byte that is one too many */
    assert_string_equal(a.note, "LF");
    assert_true(look(&space, KN_ALG_ECDSA_SHA256, NULL, true, &b));
    assert_int_equal(b.offset, strlen(FLAT) - strlen(END));
    assert_string_equal(b.path, "k:Test");
    assert_true(look(&order, KN_ALG_ECDSA_SHA256, NULL, true, &c));
    assert_int_equal(c.offset, strlen("<k:Test" K XSI ATTRS ">"));
    assert_string_equal(c.path, "k:Test");
}

static void
trap_key_name(void **unused)
{
    static const struct {
        const char *name, *serial;
        bool differs;
    } names[] = { { "1234ABCD", "1234ABCD", false },
                  { "1234abcd", "1234ABCD", false },
                  { "0x001234ABCD", "1234ABCD", false },
                  { "12:34:AB:CD", "1234ABCD", false },
                  { "1234ABCE", "1234ABCD", true },
                  { "CN=somebody", "1234ABCD", true },
                  { "", "1234ABCD", false } };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (kn_trap_key_name_differs(names[i].name, names[i].serial) != names[i].differs)
            fail_msg("%s against %s", names[i].name, names[i].serial);
}

static void
trap_private_use(void **unused)
{
    static const char text[] = "<a>渝\uE78D\uFE10\uE78D\uF000</a>";
    g_autofree char *list = kn_trap_private_use(text, strlen(text));
    g_autofree char *none = kn_trap_private_use("<a>渝州</a>", strlen("<a>渝州</a>"));

    (void)unused;
    assert_string_equal(list, "U+E78D U+FE10 U+F000");
    assert_string_equal(none, "");
}

static double
cpu_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Printed, not judged: what the lane's share adds to a refused message. */
static void
trap_cost(void **unused)
{
    static const plan forged = { NULL, "", ALL, KN_E_SIG_BAD, .other_key = true };
    static const plan changed = { NULL,         "", ALL, KN_E_DIGEST_MISMATCH, .from = ">100<",
                                  .to = ">101<" };

    (void)unused;
    for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++)
        for (int which = 0; which < 2; which++) {
            const plan *p = which ? &changed : &forged;
            g_autofree char *text = trap_make(p, kinds[k].alg);
            double spent[2] = { 0, 0 };

            for (int round = 0; round < 40; round++) {
                g_autoptr(xmlDoc) doc = NULL;
                kn_shape shape = { 0 };
                g_auto(kn_trap_fit) fit = { 0 };
                double start = cpu_us(), middle;
                kn_error error = judge(text, kit_key(kinds[k].alg), &doc, &shape);
                kn_trap_case c = { .xml = xml,
                                   .doc = doc,
                                   .shape = &shape,
                                   .error = error,
                                   .key = kit_key(kinds[k].alg),
                                   .raw = text,
                                   .raw_len = strlen(text),
                                   .budget = &kn_trap_budget_lane };

                middle = cpu_us();
                assert_false(kn_trap_find(&c, &fit));
                spent[0] += middle - start;
                spent[1] += cpu_us() - middle;
                kn_shape_clear(&shape);
            }
            print_message("%-13s %s: refused message %.0f us, with traps %.0f us, ratio %.1f\n",
                          kn_alg_row_of(kinds[k].alg)->name, which ? "changed" : "forged ",
                          spent[0] / 40, (spent[0] + spent[1]) / 40,
                          (spent[0] + spent[1]) / spent[0]);
        }
}

static int
setup(void **unused)
{
    (void)unused;
    assert_true(kn_xml_setup(NULL));
    xml = kn_xml_new(NULL, NULL);
    return 0;
}

static int
teardown(void **unused)
{
    (void)unused;
    kn_xml_free(xml);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trap_each_message),  cmocka_unit_test(trap_lane_budget),
        cmocka_unit_test(trap_by_form_alone), cmocka_unit_test(trap_where),
        cmocka_unit_test(trap_key_name),      cmocka_unit_test(trap_private_use),
        cmocka_unit_test(trap_cost),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
