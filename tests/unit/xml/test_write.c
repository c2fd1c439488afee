/* SPDX-License-Identifier: Apache-2.0 */
/* What we write: canonical by birth, valid against our schemas, verifiable; the shell both ways. */
#include "kit.h"

#include <string.h>

#include "xml/dxp.h"
#include "xml/receipt.h"
#include "xml/xml_auto.h"

#define GUID "4CDE1CFD-EDED-46B1-946C-B8022E42FC94"

static kn_xml *xml;
static kn_schemas *schemas;
static kn_writer *writer;

static xmlDoc *
parsed(const char *text, size_t len)
{
    g_autoptr(GError) err = NULL;
    xmlDoc *doc = NULL;

    if (!kn_xml_open(xml, text, len, false, &doc, &err))
        fail_msg("%s\n%s", err->message, text);
    return doc;
}

/* The bytes are their own canonical form; signed they verify with every row. */
static void
is_canonical(const kn_canonical *doc, const char *schema)
{
    static const kn_alg algs[] = { KN_ALG_SM2_SM3, KN_ALG_RSA_SHA256, KN_ALG_ECDSA_SHA256 };
    g_autoptr(xmlDoc) tree = parsed(doc->text->str, doc->text->len);
    g_autoptr(GString) again = g_string_new(NULL);
    g_autoptr(GError) err = NULL;

    assert_true(kn_xml_canonical(tree, again, NULL));
    assert_string_equal(doc->text->str, again->str);
    assert_true(g_str_has_prefix(doc->text->str + doc->end_tag, "</"));
    if (schema && !kn_xml_validate(xml, tree, kn_schemas_get(schemas, schema), &err))
        fail_msg("%s\n%s", err->message, doc->text->str);
    for (size_t i = 0; i < G_N_ELEMENTS(algs); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(xmlDoc) with = NULL;
        char digest[64];

        assert_true(kn_xml_sign_canonical(xml, kit_signer(algs[i]), doc, out, digest, NULL));
        assert_non_null(strstr(out->str, digest));
        assert_int_equal(kit_judge(xml, out->str, out->len, kit_key(algs[i]), NULL), KN_E_OK);
        with = parsed(out->str, out->len);
        if (schema && !kn_xml_validate(xml, with, kn_schemas_get(schemas, schema), &err))
            fail_msg("signed: %s", err->message);
    }
}

static void
write_escapes(void **unused)
{
    static const kn_ns ns[] = {
        { "b", "urn:b" }, { "", "urn:d" }, { "a", "urn:a" }, { NULL, NULL }
    };
    static const kn_attr attrs[] = {
        { "z", "\"<&>\t\r\n" }, { "b", "渝" }, { "c", NULL }, { NULL, NULL }
    };
    g_autoptr(kn_canonical) doc = NULL;
    json_t *body = json_pack("{s:s, s:[i,i], s:{s:b, s:n}, s:[{s:s},{s:s}], s:s}", "t",
                             "\x01<&>\r\"", "n", 1, -2, "o", "flag", 1, "none", "rows", "x", "1",
                             "x", "2", "e", "");

    (void)unused;
    kn_writer_root(writer, "b", "Root", ns, attrs);
    kn_write_json(writer, "a", body);
    json_decref(body);
    kn_writer_text(writer, "", "nothing", NULL);
    kn_writer_start(writer, "", "open", attrs); /* ended by take */
    assert_true(kn_writer_take(writer, &doc, NULL));
    assert_non_null(strstr(doc->text->str, "<a:t>\xEF\xBF\xBD&lt;&amp;&gt;&#xD;\"</a:t>"));
    assert_non_null(strstr(doc->text->str, "<a:n>1</a:n><a:n>-2</a:n>"));
    assert_non_null(strstr(doc->text->str, "<a:o><a:flag>true</a:flag></a:o>"));
    assert_non_null(
        strstr(doc->text->str, "<a:rows><a:x>1</a:x></a:rows><a:rows><a:x>2</a:x></a:rows>"));
    assert_non_null(strstr(doc->text->str, "<a:e></a:e>"));
    is_canonical(doc, NULL);
}

static void
write_refuses(void **unused)
{
    static const kn_ns ns[] = { { "a", "urn:a" }, { NULL, NULL } };
    static const char *const bodies[] = { "{\"1a\": \"x\"}", "{\"a b\": 1}",        "{\"a\": 1.5}",
                                          "{\"\": 1}",       "{\"a\": {\"<\": 1}}", "[1]" };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        json_t *body = json_loads(bodies[i], 0, NULL);
        kn_canonical *doc = NULL;
        g_autoptr(GError) err = NULL;

        assert_non_null(body);
        kn_writer_root(writer, "a", "R", ns, NULL);
        kn_write_json(writer, "a", body);
        assert_false(kn_writer_take(writer, &doc, &err));
        assert_int_equal(kn_error_code(err), KN_E_ENGINE_ERROR);
        assert_null(doc);
        json_decref(body);
    }
    {
        kn_canonical *doc = NULL;

        kn_writer_root(writer, "a", "R", ns, NULL);
        kn_writer_text(writer, "other", "x", "1");
        assert_false(kn_writer_take(writer, &doc, NULL));
        assert_false(kn_writer_take(writer, &doc, NULL)); /* nothing begun */
    }
}

/* --- receipts ------------------------------------------------------------------------------------ */

/* size: one receipt with every member, written out */
static void
receipt_every_error(void **unused)
{
    static const kn_receipt_pair keys[] = { { "unifiedNo", "I20260000000001" },
                                            { "tripNo", NULL } };
    static const char *const actions[] = { "CK.MODIFY", "CK.DELETE" };
    g_autofree char *huge = g_strnfill(2000, 'x');
    const kn_receipt_error errors[] = {
        { KN_E_FIELD_LENGTH, "Declaration/Rows/Row[2]/bindObjectId", "CK-B03", "长度超过限制",
          false },
        { KN_E_FIELD_CODE, NULL, NULL, huge, true },
        { KN_E_STORE_RETRY, "", "", "", false },
    };
    kn_why why = { .alg = KN_ALG_SM2_SM3, .expected = "AAAA", .found = "", .document_len = 7 };
    json_t *body = json_pack("{s:[{s:s}], s:i}", "row", "a", "渝", "total", 1);

    (void)unused;
    for (int code = 0; code < KN_E_COUNT; code++)
        for (unsigned parts = 0; parts < 4; parts++) {
            g_autoptr(kn_canonical) doc = NULL;
            kn_receipt_data data = {
                .guid = GUID,
                .sender_id = "KOUAN",
                .final = true,
                .return_time = "20261122100000123",
                .return_status = code ? -1 : 1,
                .code = (kn_error)code,
                .business = parts & 1,
            };

            if (parts & 1) {
                data.ori_guid = GUID;
                data.ori_type = "CheckpointStage";
                data.receiver_id = "PORTAL01";
                data.keys = keys;
                data.n_keys = G_N_ELEMENTS(keys);
                data.return_info = huge;
                data.actions = actions;
                data.n_actions = G_N_ELEMENTS(actions);
                data.state_code = "S01";
                data.state_label = "暂存";
            }
            if (parts & 2) {
                data.errors = errors;
                data.n_errors = G_N_ELEMENTS(errors);
                data.rule = "CK-V06";
                data.field = "Head/cusCode";
                data.detail = huge;
                data.why = &why;
                data.certificate_serial = "1234ABCD";
                data.trap = &kn_traps[code % KN_TRAP_MAX];
                data.card_no = "JJ0G912345678";
                data.card_facts_stated = true;
                data.body = body;
            }
            assert_true(kn_receipt_write(writer, &data, &doc, NULL));
            if (code < 2)
                is_canonical(doc, "receipt.xsd");
            else {
                g_autoptr(xmlDoc) tree = parsed(doc->text->str, doc->text->len);
                g_autoptr(GError) err = NULL;

                if (!kn_xml_validate(xml, tree, kn_schemas_get(schemas, "receipt.xsd"), &err))
                    fail_msg("%s\n%s", err->message, doc->text->str);
            }
        }
    json_decref(body);
}

static void
receipt_refuses(void **unused)
{
    static const kn_receipt_pair keys[] = { { "no name", "1" } };
    const kn_receipt_data data = { .guid = GUID,
                                   .sender_id = "K",
                                   .return_time = "20261122100000123",
                                   .keys = keys,
                                   .n_keys = 1 };
    kn_canonical *doc = NULL;

    (void)unused;
    assert_false(kn_receipt_write(writer, &data, &doc, NULL));
}

/* --- the shell ----------------------------------------------------------------------------------- */

static kn_dxp
sample_shell(void)
{
    kn_dxp dxp = { .n_receivers = 2, .n_keys = 1 };

    dxp.cop_msg_id = g_strdup(GUID);
    dxp.sender = g_strdup("DXPENT0000000001");
    dxp.receivers[0] = g_strdup("DXPEDCCHK0000001");
    dxp.receivers[1] = g_strdup("DXPEDCCHK0000002");
    dxp.create_time = g_strdup("2026-11-22T10:00:00+08:00");
    dxp.msg_type = g_strdup("CheckpointStage");
    dxp.file_name = g_strdup("a&b.xml");
    dxp.ic_card = g_strdup("2100040012345");
    dxp.key_names[0] = g_strdup("RetType");
    dxp.key_values[0] = g_strdup("1");
    return dxp;
}

static char *
shell_text(void)
{
    kn_dxp dxp = sample_shell();
    g_autoptr(kn_canonical) doc = NULL;
    g_autoptr(GError) err = NULL;

    if (!kn_dxp_write(writer, &dxp, KIT_DOC, strlen(KIT_DOC), &doc, &err))
        fail_msg("%s", err->message);
    is_canonical(doc, "dxp-terminal.xsd");
    kn_dxp_clear(&dxp);
    return g_strdup(doc->text->str);
}

static void
dxp_both_ways(void **unused)
{
    g_autofree char *text = shell_text();
    g_autoptr(xmlDoc) doc = parsed(text, strlen(text));
    g_autoptr(xmlDoc) other = parsed(KIT_DOC, strlen(KIT_DOC));
    kn_dxp want = sample_shell(), got = { 0 };

    (void)unused;
    assert_true(kn_dxp_is(doc));
    assert_false(kn_dxp_is(other));
    assert_false(kn_dxp_open(other, &got, NULL));
    assert_true(kn_dxp_open(doc, &got, NULL));
    assert_string_equal(got.cop_msg_id, want.cop_msg_id);
    assert_string_equal(got.sender, want.sender);
    assert_int_equal(got.n_receivers, 2);
    assert_string_equal(got.receivers[1], want.receivers[1]);
    assert_string_equal(got.create_time, want.create_time);
    assert_string_equal(got.msg_type, want.msg_type);
    assert_string_equal(got.file_name, want.file_name);
    assert_string_equal(got.ic_card, want.ic_card);
    assert_int_equal(got.n_keys, 1);
    assert_string_equal(got.key_names[0], "RetType");
    assert_string_equal(got.key_values[0], "1");
    assert_int_equal(got.data->len, strlen(KIT_DOC));
    assert_memory_equal(got.data->data, KIT_DOC, got.data->len);
    kn_dxp_clear(&want);
    kn_dxp_clear(&got);
}

/* clang-format off */
static const struct { const char *name, *from, *to; bool valid, opens; } shell_edits[] = {
    { "as written", "<dxp:Data>", "<dxp:Data>", true, true },
    { "no AddInfo members", "<dxp:BizKey><dxp:Key name=\"RetType\">1</dxp:Key></dxp:BizKey>", "", true, true },
    { "time without zone", "+08:00<", "<", true, true },
    { "white space in Data", "<dxp:Data>", "<dxp:Data>\n  ", true, true },
    { "empty MsgType", ">CheckpointStage<", "><", true, true },
    { "RecMapId", "</dxp:AddInfo>", "<dxp:RecMapId>1</dxp:RecMapId></dxp:AddInfo>", true, true },
    { "IsText", "</dxp:AddInfo>", "<dxp:IsText Encode=\"UTF-8\"/></dxp:AddInfo>", true, true },
    { "Id", " ver=\"1.0\"", " ver=\"1.0\" Id=\"a\"", true, true },
    { "Key without name", " name=\"RetType\"", "", true, true },
    { "IsText without Encode", "</dxp:AddInfo>", "<dxp:IsText/></dxp:AddInfo>", false, true },
    { "other version", "ver=\"1.0\"", "ver=\"1.1\"", false, true },
    { "no version", " ver=\"1.0\"", "", false, true },
    { "foreign attribute", " ver=", " x=\"1\" ver=", false, true },
    { "no CopMsgId", "<dxp:CopMsgId>" GUID "</dxp:CopMsgId>", "", false, false },
    { "empty CopMsgId", ">" GUID "<", "><", false, false },
    { "sender of 17", "DXPENT0000000001", "DXPENT00000000012", false, true },
    { "receiver of 17", "DXPEDCCHK0000001", "DXPEDCCHK00000012", false, true },
    { "no receiver",
      "<dxp:ReceiverId>DXPEDCCHK0000001</dxp:ReceiverId><dxp:ReceiverId>DXPEDCCHK0000002</dxp:ReceiverId>", "",
      false, false },
    { "six receivers", "<dxp:ReceiverIds>",
      "<dxp:ReceiverIds><dxp:ReceiverId>1</dxp:ReceiverId><dxp:ReceiverId>1</dxp:ReceiverI"
        "d><dxp:ReceiverId>1</dxp:ReceiverId><dxp:ReceiverId>1</dxp:ReceiverId>", false, false },
    { "time no time", "2026-11-22T", "2026-11-22 ", false, true },
    { "type of 31", ">CheckpointStage<", ">CheckpointStageCheckpointStage1<", false, true },
    { "order", "<dxp:CreatTime>", "<dxp:MsgType>x</dxp:MsgType><dxp:CreatTime>", false, false },
    { "unknown element", "</dxp:TransInfo>", "<dxp:X/></dxp:TransInfo>", false, false },
    { "card of 14", "2100040012345", "21000400123456", false, true },
    { "Data no base64 (libxml2's type passes over foreign characters, we do not)", "<dxp:Data>", "<dxp:Data>*",
      true, false },
    { "Data twice", "<dxp:Data>", "<dxp:Data>AAAA</dxp:Data><dxp:Data>", false, true },
    { "after AddInfo", "</dxp:AddInfo>", "</dxp:AddInfo><dxp:X/>", false, true },
    { "other namespace", "http://www.chinaport.gov.cn/dxp", "http://www.chinaport.gov.cn/dxq", false, false },
};
/* clang-format on */

static void
dxp_edits(void **unused)
{
    static const char *const official[] = { "../shared/eport/xsd-2018",
                                            "../shared/eport/xsd-202205" };
    static const char *const name[] = { "dxp-terminal.xsd", NULL };
    g_autofree char *base = shell_text();
    bool compared = false;

    (void)unused;
    for (size_t k = 0; k <= G_N_ELEMENTS(official); k++) {
        const char *folder = k ? official[k - 1] : "schemas/xsd";
        kn_schemas *set = NULL;
        kn_xml *lane = NULL;

        if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
            continue;
        assert_true(kn_schemas_load(folder, name, &set, NULL));
        lane = kn_xml_new(NULL, set);
        for (size_t i = 0; i < G_N_ELEMENTS(shell_edits); i++) {
            g_autofree char *text = kit_replace(base, shell_edits[i].from, shell_edits[i].to);
            g_autoptr(xmlDoc) doc = parsed(text, strlen(text));
            g_autoptr(GError) err = NULL;
            kn_dxp dxp = { 0 };

            if (kn_xml_validate(lane, doc, kn_schemas_get(set, *name), &err)
                != shell_edits[i].valid)
                fail_msg("%s: %s: %s", folder, shell_edits[i].name, err ? err->message : "valid");
            if (kn_dxp_open(doc, &dxp, NULL) != shell_edits[i].opens)
                fail_msg("open: %s", shell_edits[i].name);
            kn_dxp_clear(&dxp);
        }
        compared = compared || k > 0;
        kn_xml_free(lane);
        kn_schemas_free(set);
    }
    if (!compared)
        print_message("skipped: no ../shared\n");
}

static void
dxp_write_refuses(void **unused)
{
    kn_canonical *doc = NULL;

    (void)unused;
    for (int i = 0; i < 6; i++) {
        kn_dxp dxp = sample_shell();
        char **member[] = { &dxp.cop_msg_id,  &dxp.sender,  &dxp.receivers[1],
                            &dxp.create_time, &dxp.ic_card, &dxp.key_values[0] };
        g_autoptr(GError) err = NULL;

        g_free(*member[i]);
        *member[i] = g_strdup("");
        assert_false(kn_dxp_write(writer, &dxp, "x", 1, &doc, &err));
        assert_int_equal(kn_error_code(err), KN_E_SHELL_BAD);
        kn_dxp_clear(&dxp);
    }
}

static void
signer_files(void **unused)
{
    g_autofree char *folder = g_dir_make_tmp("kouan-key-XXXXXX", NULL);
    static const kn_alg algs[] = { KN_ALG_SM2_SM3, KN_ALG_RSA_SHA256, KN_ALG_ECDSA_SHA256 };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(algs); i++)
        kit_write_pem(algs[i], folder);
    for (size_t i = 0; i < G_N_ELEMENTS(algs); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(algs); j++) {
            g_autofree char *key = g_strdup_printf("%s/%s.key", folder,
                                                   kn_alg_row_of(algs[i])->name);
            g_autofree char *crt = g_strdup_printf("%s/%s.crt", folder,
                                                   kn_alg_row_of(algs[j])->name);
            g_autoptr(kn_signer) signer = NULL;
            g_autoptr(GError) err = NULL;
            bool ok = kn_signer_load(algs[i], key, crt, &signer, &err);

            if (ok != (i == j))
                fail_msg("%s %s: %s", key, crt, err ? err->message : "loaded");
            assert_false(kn_signer_load(algs[(i + 1) % 3], key, crt, &signer, NULL));
            assert_false(kn_signer_load(algs[i], crt, crt, &signer, NULL));
            assert_false(kn_signer_load(algs[i], "/nonexistent", crt, &signer, NULL));
        }
    for (size_t i = 0; i < G_N_ELEMENTS(algs); i++) {
        static const char *const endings[] = { "key", "pub", "crt" };

        for (size_t j = 0; j < 3; j++) {
            g_autofree char *path = g_strdup_printf("%s/%s.%s", folder,
                                                    kn_alg_row_of(algs[i])->name, endings[j]);

            assert_int_equal(remove(path), 0);
        }
    }
    assert_int_equal(remove(folder), 0);
}

static int
setup(void **unused)
{
    static const char *const names[] = { "receipt.xsd", "dxp-terminal.xsd", "receipt.xsd", NULL };
    g_autoptr(GError) err = NULL;

    (void)unused;
    if (!kn_xml_setup(NULL))
        return -1;
    if (!kn_schemas_load("schemas/xsd", names, &schemas, &err)) {
        print_message("%s\n", err->message);
        return -1;
    }
    xml = kn_xml_new(NULL, schemas);
    writer = kn_writer_new();
    return 0;
}

static int
teardown(void **unused)
{
    (void)unused;
    kn_xml_free(xml);
    kn_schemas_free(schemas);
    kn_writer_free(writer);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_escapes),       cmocka_unit_test(write_refuses),
        cmocka_unit_test(receipt_every_error), cmocka_unit_test(receipt_refuses),
        cmocka_unit_test(dxp_both_ways),       cmocka_unit_test(dxp_edits),
        cmocka_unit_test(dxp_write_refuses),   cmocka_unit_test(signer_files),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
