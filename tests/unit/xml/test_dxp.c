/* SPDX-License-Identifier: Apache-2.0 */
/* Shells round shells, what may be told back of one, and the answer to one. */
#include "kit.h"

#include "xml/dxp.h"
#include "xml/xml_auto.h"

#include <string.h>

#define DXP "xmlns:d=\"http://www.chinaport.gov.cn/dxp\""
#define INFO \
    "<d:TransInfo><d:CopMsgId>C1</d:CopMsgId><d:SenderId>S1</d:SenderId><d:ReceiverIds>" \
    "<d:ReceiverId>R1</d:ReceiverId><d:ReceiverId>R2</d:ReceiverId></d:ReceiverIds>" \
    "<d:CreatTime>2026-11-22T10:00:00+08:00</d:CreatTime><d:MsgType>T</d:MsgType></d:TransInfo>"
#define MSG "<d:DxpMsg " DXP " ver=\"1.0\">" INFO "<d:Data>AAAA</d:Data></d:DxpMsg>"
#define NODE \
    "<d:SvNo " \
    "Ver=\"1.0\"><d:MsgId>NODE0001202611221000000000000001</" \
    "d:MsgId><d:SendTime>2026-11-22T10:00:00</d:SendTime>" \
    "<d:EndNode>NODE0002</d:EndNode><d:StaNode>NODE0001</d:StaNode></d:SvNo>"
#define SENT "<d:MsgId>1</d:MsgId><d:SendTime>2026-11-22T10:00:00</d:SendTime>"
#define SV(node, msg) "<d:DxpMsgSv " DXP " ver=\"1.0\">" node msg "</d:DxpMsgSv>"

static kn_xml *xml;
static kn_schemas *schemas;
static kn_writer *writer;

static xmlDoc *
parsed(const char *text)
{
    g_autoptr(GError) err = NULL;
    xmlDoc *doc = NULL;

    if (!kn_xml_open(xml, text, strlen(text), false, &doc, &err))
        fail_msg("%s\n%s", err->message, text);
    return doc;
}

static bool
opens(const xmlDoc *doc)
{
    kn_dxp dxp = { 0 };
    bool ok = kn_dxp_open(doc, &dxp, NULL);

    kn_dxp_clear(&dxp);
    return ok;
}

/* clang-format off */
static const struct { const char *name, *text; bool is, sv, opens, valid; } forms[] = {
    { "a terminal node's", MSG, true, false, true, true },
    { "a transport node's", SV(NODE, MSG), true, true, true, true },
    { "white space between", SV("\n  " NODE "\n  ", MSG "\n"), true, true, true, true },
    { "without its node", SV("", MSG), false, true, false, false },
    { "without a message", SV(NODE, ""), false, true, false, false },
    { "two messages", SV(NODE, MSG MSG), true, true, true, false },
    { "the message first", SV(MSG, NODE), false, true, false, false },
    { "one in another", SV(NODE, SV(NODE, MSG)), false, true, false, false },
    { "a message of another namespace", SV(NODE, "<x:DxpMsg xmlns:x=\"urn:x\"/>"), false, true, false, false },
    { "node of nine",
      SV("<d:SvNo Ver=\"1.0\">" SENT "<d:EndNode>NODE00002</d:EndNode><d:StaNode>N</d:StaNode></d:SvNo>", MSG),
      true, true, true, false },
    { "no version of the node", SV("<d:SvNo>" SENT "<d:EndNode>N</d:EndNode><d:StaNode>N</d:StaNode></d:SvNo>", MSG),
      true, true, true, false },
    { "neither", "<x/>", false, false, false, false },
};
/* clang-format on */

static void
dxp_forms(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autoptr(xmlDoc) doc = parsed(forms[i].text);
        bool valid = kn_xml_validate(xml, doc, kn_schemas_get(schemas, "dxp-terminal.xsd"), NULL);

        if (kn_dxp_is(doc) != forms[i].is || kn_dxp_is_sv(doc) != forms[i].sv
            || opens(doc) != forms[i].opens || valid != forms[i].valid)
            fail_msg("%s: is %d sv %d opens %d valid %d", forms[i].name, kn_dxp_is(doc),
                     kn_dxp_is_sv(doc), opens(doc), valid);
    }
}

/* The same forms before the published schema, where it is. */
static void
dxp_official(void **unused)
{
    static const char *const name[] = { "dxp-transport.xsd", NULL };
    const char *folder = "../shared/eport/xsd-202205";
    g_autoptr(GError) err = NULL;
    kn_schemas *set = NULL;
    kn_xml *lane = NULL;

    (void)unused;
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        print_message("skipped: no ../shared\n");
        return;
    }
    if (!kn_schemas_load(folder, name, &set, &err))
        fail_msg("%s", err->message);
    lane = kn_xml_new(NULL, set);
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autoptr(xmlDoc) doc = parsed(forms[i].text);

        if (kn_xml_validate(lane, doc, kn_schemas_get(set, *name), NULL) != forms[i].valid)
            fail_msg("%s: not as the published schema has it", forms[i].name);
    }
    kn_xml_free(lane);
    kn_schemas_free(set);
}

/* --- told back ------------------------------------------------------------------------------------------- */

static void
dxp_head(void **unused)
{
    static const struct {
        const char *name, *from, *to;
        bool ok;
    } edits[] = {
        { "as it is", "C1", "C1", true },
        { "Data is no base64", "AAAA", "*", true }, /* only the head is looked at */
        { "no Data", "<d:Data>AAAA</d:Data>", "", true },
        { "empty MsgType", ">T<", "><", true },
        { "no TransInfo", INFO, "", false },
        { "no sender", "<d:SenderId>S1</d:SenderId>", "", false },
        { "empty sender", ">S1<", "><", false },
        { "sender of 17", ">S1<", ">12345678901234567<", false },
        { "receiver of 17", ">R2<", ">12345678901234567<", false },
        { "no receiver", "<d:ReceiverId>R1</d:ReceiverId><d:ReceiverId>R2</d:ReceiverId>", "",
          false },
        { "type of 31", ">T<", ">1234567890123456789012345678901<", false },
        { "time too short", "2026-11-22T10:00:00+08:00", "2026", false },
        { "out of order", "<d:CreatTime>", "<d:MsgType>T</d:MsgType><d:CreatTime>", false },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(edits); i++) {
        g_autofree char *text = kit_replace(MSG, edits[i].from, edits[i].to);
        g_autoptr(xmlDoc) doc = parsed(text);
        kn_dxp head = { 0 };
        bool ok = kn_dxp_head(kn_dxp_msg(doc), &head);

        if (ok != edits[i].ok)
            fail_msg("%s: %d", edits[i].name, ok);
        assert_int_equal(ok, head.cop_msg_id != NULL);
        assert_null(head.data);
        kn_dxp_clear(&head);
    }
    {
        kn_dxp head = { 0 };

        assert_false(kn_dxp_head(NULL, &head));
    }
}

/* --- the answer ------------------------------------------------------------------------------------------ */

static void
dxp_rep(void **unused)
{
    g_autoptr(xmlDoc) shell = parsed(MSG);
    kn_dxp head = { 0 };
    kn_dxp_rep rep = { .receiver = "S1",
                       .code = "1004",
                       .info = "签名与数据不符：<&>",
                       .date = "2026-11-22",
                       .head = &head };
    g_autoptr(kn_canonical) doc = NULL;
    g_autoptr(xmlDoc) tree = NULL;
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_true(kn_dxp_head(kn_dxp_msg(shell), &head));
    if (!kn_dxp_write_rep(writer, &rep, &doc, &err))
        fail_msg("%s", err->message);
    tree = parsed(doc->text->str);
    if (!kn_xml_validate(xml, tree, kn_schemas_get(schemas, "dxp-terminal.xsd"), &err))
        fail_msg("%s\n%s", err->message, doc->text->str);
    assert_non_null(strstr(doc->text->str, "<dxp:RecevierId>S1</dxp:RecevierId>"));
    assert_non_null(
        strstr(doc->text->str, "<dxp:Result><dxp:RecId>R2</dxp:RecId><dxp:Code>1004</dxp:Code>"));
    assert_non_null(strstr(doc->text->str, "<dxp:OriHead><dxp:CopMsgId>C1<"));
    kn_dxp_clear(&head);
}

static void
dxp_rep_refused(void **unused)
{
    g_autoptr(xmlDoc) shell = parsed(MSG);
    g_autofree char *long_info = g_strnfill(301, 'x');
    kn_dxp head = { 0 }, none = { 0 };
    const kn_dxp_rep wrong[] = {
        { "", "0000", NULL, "2026-11-22", &head },
        { "12345678901234567", "0000", NULL, "2026-11-22", &head },
        { "S1", "", NULL, "2026-11-22", &head },
        { "S1", "0123456789", NULL, "2026-11-22", &head },
        { "S1", "0000", long_info, "2026-11-22", &head },
        { "S1", "0000", NULL, "2026-11-22", &none },
    };

    (void)unused;
    assert_true(kn_dxp_head(kn_dxp_msg(shell), &head));
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        kn_canonical *doc = NULL;
        g_autoptr(GError) err = NULL;

        if (kn_dxp_write_rep(writer, &wrong[i], &doc, &err))
            fail_msg("%zu: written", i);
        assert_int_equal(kn_error_code(err), KN_E_SHELL_BAD);
        assert_null(doc);
    }
    kn_dxp_clear(&head);
}

static int
setup(void **unused)
{
    static const char *const names[] = { "dxp-terminal.xsd", NULL };

    (void)unused;
    if (!kn_xml_setup(NULL) || !kn_schemas_load("schemas/xsd", names, &schemas, NULL))
        return -1;
    xml = kn_xml_new(NULL, schemas);
    writer = kn_writer_new();
    return 0;
}

static int
teardown(void **unused)
{
    (void)unused;
    kn_writer_free(writer);
    kn_xml_free(xml);
    kn_schemas_free(schemas);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dxp_forms), cmocka_unit_test(dxp_official),    cmocka_unit_test(dxp_head),
        cmocka_unit_test(dxp_rep),   cmocka_unit_test(dxp_rep_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
