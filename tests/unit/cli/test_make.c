/* SPDX-License-Identifier: Apache-2.0 */
/* What the generator makes must pass the engine's own eyes: signature, certificate, schema. */
#include "cli/make.h"

#include "base/clock.h"
#include "cli/paper.h"
#include "pki/kn_pki.h"
#include "trust/certificate.h"
#include "xml/schema.h"
#include "xml/verify.h"

#include <setjmp.h> /* allow: cmocka wants it */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct rig {
    char *folder;
    kn_make *make;
    kn_schemas *schemas;
    kn_partners *partners;
    kn_trust *trust;
    kn_xml *xml;
} rig;

static int
set_up(void **state)
{
    static const char *const names[] = { "checkpoint.xsd", "dxp-terminal.xsd", NULL };
    const kn_pki_plan plan = { .portals = 3, .enterprises = 2, .cards = 6, .bad = false };
    g_autofree char *partners = NULL;
    rig *r = g_new0(rig, 1);

    r->folder = g_dir_make_tmp("kouan-make-XXXXXX", NULL);
    partners = g_build_filename(r->folder, "partners", NULL);
    *state = r;
    if (!kn_xml_setup(NULL) || !kn_pki_make(r->folder, &plan, NULL)
        || !kn_make_open(r->folder, &r->make, NULL)
        || !kn_schemas_load("schemas/xsd", names, &r->schemas, NULL)
        || !kn_partners_load(partners, r->folder, &r->partners, NULL))
        return -1;
    r->trust = kn_trust_new(r->partners);
    r->xml = kn_xml_new(NULL, r->schemas);
    return 0;
}

static int
drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int
tear_down(void **state)
{
    rig *r = *state;

    kn_xml_free(r->xml);
    kn_trust_free(r->trust);
    kn_partners_free(r->partners);
    kn_schemas_free(r->schemas);
    kn_make_free(r->make);
    (void)nftw(r->folder, drop, 16, FTW_DEPTH | FTW_PHYS);
    g_free(r->folder);
    g_free(r);
    return 0;
}

/* S, K, G, D for one document of the partner. */
static void
prove(rig *r, const char *partner, kn_role role, xmlDoc *doc, const char *what)
{
    const kn_partner *p = kn_partners_find(r->partners, partner);
    const kn_certificate *cert = NULL;
    kn_shape shape = { 0 };
    g_autoptr(GError) err = NULL;

    if (!p || !kn_xml_shape(doc, &shape, &err)
        || !kn_trust_key(r->trust, p, role, shape.alg, shape.cert, shape.cert_len,
                         kn_clock_wall_ms(), &cert, &err)
        || !kn_xml_verify(r->xml, doc, &shape, cert->key, NULL, &err))
        fail_msg("%s: %s", what, err ? err->message : "no partner");
    kn_shape_clear(&shape);
}

static void
check_schema(rig *r, xmlDoc *doc, const char *schema, const char *what)
{
    g_autoptr(GError) err = NULL;

    if (!kn_xml_validate(r->xml, doc, kn_schemas_get(r->schemas, schema), &err))
        fail_msg("%s: %s", what, err->message);
}

static kn_make_order
order_of(const kn_make_template *t, const json_t *body, const char *partner)
{
    return (kn_make_order){ .type = t->type,
                            .ns = t->ns,
                            .prefix = t->prefix,
                            .body = body,
                            .partner = partner,
                            .receiver = "KOUAN00000000001",
                            .n = 7 };
}

static void
check_one(rig *r, const kn_make_template *t, const char *partner, const char *card)
{
    json_t *body = kn_make_body(t);
    kn_make_order order = order_of(t, body, partner);
    g_auto(kn_made) made = { 0 };
    g_auto(kn_paper) paper = { 0 };
    g_autoptr(GError) err = NULL;

    order.card = card ? kn_make_card(r->make, card) : NULL;
    order.bare = !card;
    order.owner = card ? NULL : "MA0000410";
    if (!kn_make_message(r->make, &order, &made, &err)
        || !kn_paper_read(r->xml, made.bytes->str, made.bytes->len, false, &paper, &err))
        fail_msg("%s by %s: %s", t->type, partner, err->message);
    assert_string_equal(paper.type, t->type);
    assert_string_equal(paper.guid, made.guid);
    assert_string_equal(paper.sender, partner);
    assert_true(paper.in_shell == (card != NULL));
    prove(r, partner, KN_ROLE_PARTNER, paper.outer, partner);
    if (card) {
        check_schema(r, paper.outer, "dxp-terminal.xsd", "shell");
        prove(r, partner, KN_ROLE_CARD, paper.inner, card);
        assert_string_equal(paper.orgcode, made.key);
    }
    check_schema(r, kn_paper_business(&paper), "checkpoint.xsd", t->type);
    json_decref(body);
}

static void
make_every_template(void **state)
{
    rig *r = *state;

    for (const kn_make_template *t = kn_make_templates; t->type; t++) {
        for (int portal = 1; portal <= 3; portal++) { /* the three key families */
            g_autofree char *id = g_strdup_printf("PORTAL%02d", portal);
            g_autofree char *card = g_strdup_printf("%d", portal * 2);

            check_one(r, t, id, card);
        }
        check_one(r, t, "ENTE01", NULL);
        check_one(r, t, "CUSTOMS", NULL);
    }
}

/* One byte of what was signed is changed: the digest must say so. */
static void
make_notices_a_change(void **state)
{
    rig *r = *state;
    const kn_make_template *t = kn_make_template_of("CKStageMessage");
    json_t *body = kn_make_body(t);
    kn_make_order order = order_of(t, body, "ENTE02");
    g_auto(kn_made) made = { 0 };
    g_auto(kn_paper) paper = { 0 };
    kn_shape shape = { 0 };
    const kn_certificate *cert = NULL;
    g_autoptr(GError) err = NULL;
    char *at;

    order.bare = true;
    order.owner = "";
    assert_true(kn_make_message(r->make, &order, &made, NULL));
    at = strstr(made.bytes->str, "2200.5");
    assert_non_null(at);
    *at = '3';
    assert_true(kn_paper_read(r->xml, made.bytes->str, made.bytes->len, false, &paper, NULL));
    assert_true(kn_xml_shape(paper.outer, &shape, NULL));
    assert_true(kn_trust_key(r->trust, kn_partners_find(r->partners, "ENTE02"), KN_ROLE_PARTNER,
                             shape.alg, shape.cert, shape.cert_len, kn_clock_wall_ms(), &cert,
                             NULL));
    assert_false(kn_xml_verify(r->xml, paper.outer, &shape, cert->key, NULL, &err));
    assert_int_equal(kn_error_code(err), KN_E_DIGEST_MISMATCH);
    kn_shape_clear(&shape);
    json_decref(body);
}

static void
make_refusals(void **state)
{
    rig *r = *state;
    const kn_make_template *t = kn_make_template_of("CKViewMessage");
    json_t *body = kn_make_body(t);
    kn_make_order order = order_of(t, body, "PORTAL99");
    kn_made made = { 0 };
    kn_make *none = NULL;

    assert_false(kn_make_message(r->make, &order, &made, NULL));
    assert_null(made.bytes);
    order.partner = "PORTAL01";
    order.receiver = "a receiver that is too long for a shell";
    order.card = kn_make_card(r->make, "2");
    assert_false(kn_make_message(r->make, &order, &made, NULL));
    assert_null(made.guid);
    assert_null(kn_make_card(r->make, "0"));
    assert_null(kn_make_card(r->make, "7"));
    assert_null(kn_make_card(r->make, "9900000000099"));
    assert_null(kn_make_operator(r->make, "9"));
    assert_null(kn_make_template_of("CKNoMessage"));
    assert_false(kn_make_open("/nonexistent", &none, NULL));
    json_decref(body);
}

static void
make_fills_numbers(void **state)
{
    rig *r = *state;
    const kn_make_template *t = kn_make_template_of("CKStageMessage");
    json_t *body = kn_make_body(t);
    kn_make_order order = order_of(t, body, "PORTAL01");
    g_auto(kn_made) made = { 0 };
    g_auto(kn_paper) paper = { 0 };
    g_autofree char *plate = NULL, *remark = NULL;

    order.card = kn_make_operator(r->make, "1");
    order.n = 1234567;
    assert_true(kn_make_set(body, "Declaration/remark", "{n}{n0}{nx}{n2}{", NULL));
    assert_true(kn_make_message(r->make, &order, &made, NULL));
    assert_true(kn_paper_read(r->xml, made.bytes->str, made.bytes->len, false, &paper, NULL));
    plate = kn_paper_text(xmlDocGetRootElement(paper.inner), "Declaration/bindMediumInfo");
    remark = kn_paper_text(xmlDocGetRootElement(paper.inner), "Declaration/remark");
    assert_string_equal(plate, "渝A34567");
    assert_string_equal(remark, "1234567{n0}{nx}67{");
    json_decref(body);
}

static void
make_set_paths(void **state)
{
    static const struct {
        const char *path;
        bool ok;
        const char *why;
    } vectors[] = {
        { "Declaration/customsCode", true, "a leaf" },
        { "Declaration/Rows/Row[1]/remark", true, "in the first row" },
        { "Declaration/Rows/Row[2]/remark", true, "a new row behind it" },
        { "Declaration/Rows/Row/remark", true, "no index: the first" },
        { "BaseTransfer/copCode", true, "a group that was left out" },
        { "Nowhere/to", true, "unknown elements may be wanted" },
        { "Declaration/Rows/Row[9]/remark", false, "the index jumps" },
        { "Declaration/Rows/Row[0]/remark", false, "counted from 1" },
        { "Declaration/Rows/Row[x]/remark", false, "no number" },
        { "Declaration/Rows/Row[1/remark", false, "not closed" },
        { "Declaration/customsCode/below", false, "below a text" },
        { "Declaration//x", false, "empty name" },
        { "/Declaration", false, "empty name first" },
        { "[1]", false, "an index alone" },
        { "", false, "nothing" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        json_t *body = kn_make_body(kn_make_template_of("CKStageMessage"));
        g_autoptr(GError) err = NULL;

        if (kn_make_set(body, vectors[i].path, "v", &err) != vectors[i].ok)
            fail_msg("%s: %s", vectors[i].path, vectors[i].why);
        json_decref(body);
    }
}

/* A set member keeps its place: the schema wants an order. */
static void
make_set_keeps_order(void **state)
{
    rig *r = *state;
    const kn_make_template *t = kn_make_template_of("CKStageMessage");
    json_t *body = kn_make_body(t);
    kn_make_order order = order_of(t, body, "ENTE01");
    g_auto(kn_made) made = { 0 };
    g_auto(kn_paper) paper = { 0 };

    order.bare = true;
    order.owner = "MA0000410";
    assert_true(kn_make_set(body, "Declaration/dataCenterNo", "1", NULL));
    assert_true(kn_make_set(body, "Declaration/passType", NULL, NULL));
    assert_true(kn_make_set(body, "Declaration/Rows/Row[2]/rowNo", "2", NULL));
    assert_true(kn_make_message(r->make, &order, &made, NULL));
    assert_true(kn_paper_read(r->xml, made.bytes->str, made.bytes->len, false, &paper, NULL));
    check_schema(r, paper.outer, "checkpoint.xsd", "members set");
    assert_null(kn_paper_at(xmlDocGetRootElement(paper.outer), "Declaration/passType"));
    json_decref(body);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(make_every_template), cmocka_unit_test(make_notices_a_change),
        cmocka_unit_test(make_refusals),       cmocka_unit_test(make_fills_numbers),
        cmocka_unit_test(make_set_paths),      cmocka_unit_test(make_set_keeps_order),
    };

    return cmocka_run_group_tests_name("make", tests, set_up, tear_down);
}
