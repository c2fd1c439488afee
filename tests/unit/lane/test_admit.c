/* SPDX-License-Identifier: Apache-2.0 */
/* Open, prove, check on a real installation (keys, partners, schemas), without Kafka or PostgreSQL:
 * each message breaks exactly one rule and is refused by that rule, or is accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "base/clock.h"
#include "cli/make.h"
#include "lane/lane.h"
#include "lane/lane_priv.h"
#include "pki/kn_pki.h"
#include "xml/trap.h"

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#define ROOT_DIR KOUAN_SOURCE_DIR
#define PARTS 6

static char *folder;
static kn_engine *engine;
static kn_make *maker;
static kn_lane *lane;
static atomic_bool stop;

/* What one vector changes about a good message. */
typedef struct vector {
    const char *name;
    const char *type;    /* document type */
    const char *set[2];  /* path, value in the body */
    const char *partner; /* NULL = PORTAL01 in a shell, ENTE01 bare */
    bool bare, no_card;
    const char *receiver;
    const char *from, *to; /* replaced in the finished bytes */
    const char *key;       /* record key; NULL = the right one, "" = none */
    int64_t shift_ms;      /* Kafka time against now */
    kn_error error;
    const char *rule;
} vector;

static const vector vectors[] = {
    { .name = "stage in a shell, signed by a card", .type = "CKStageMessage" },
    { .name = "stage in a shell, unsigned inside, facts stated",
      .type = "CKStageMessage",
      .no_card = true },
    { .name = "stage bare (P-256, RSA, SM2 in turn)", .type = "CKStageMessage", .bare = true },
    { .name = "stage bare by the second enterprise",
      .type = "CKStageMessage",
      .bare = true,
      .partner = "ENTE02" },
    { .name = "stage bare by the third enterprise",
      .type = "CKStageMessage",
      .bare = true,
      .partner = "ENTE03" },
    { .name = "RSA portal", .type = "CKStageMessage", .partner = "PORTAL02" },
    { .name = "SM2 portal", .type = "CKStageMessage", .partner = "PORTAL03" },
    { .name = "declare with a card", .type = "CKDeclareMessage" },
    { .name = "customs answers", .type = "CKCustomsMessage", .bare = true, .partner = "CUSTOMS" },

    { .name = "declare without a card",
      .type = "CKDeclareMessage",
      .no_card = true,
      .error = KN_E_CARD_REQUIRED,
      .rule = "SC-05" },
    { .name = "declare bare without a card's key",
      .type = "CKDeclareMessage",
      .bare = true,
      .error = KN_E_CARD_REQUIRED,
      .rule = "SC-05" },
    { .name = "a digit of the body",
      .type = "CKStageMessage",
      .bare = true,
      .from = "2200.5",
      .to = "2200.6",
      .error = KN_E_DIGEST_MISMATCH,
      .rule = "D1" },
    { .name = "guid of the root",
      .type = "CKStageMessage",
      .bare = true,
      .from = "version=\"1.0\"",
      .to = "version=\"1.1\"",
      .error = KN_E_MSG_UNKNOWN_ROOT,
      .rule = "S1" },
    { .name = "reference to a part",
      .type = "CKStageMessage",
      .bare = true,
      .from = "URI=\"\"",
      .to = "URI=\"#\"",
      .error = KN_E_SIG_REF_URI,
      .rule = "S7" },
    { .name = "other canonicalization",
      .type = "CKStageMessage",
      .bare = true,
      .from = "xml-c14n-20010315\"",
      .to = "xml-c14n-20010316\"",
      .error = KN_E_SIG_C14N_REFUSED,
      .rule = "S6" },
    { .name = "unknown algorithm",
      .type = "CKStageMessage",
      .bare = true,
      .from = "xmldsig#sm2-sm3",
      .to = "xmldsig#sm2-md5",
      .error = KN_E_SIG_ALG_REFUSED,
      .rule = "S6" },
    { .name = "a transform more",
      .type = "CKStageMessage",
      .bare = true,
      .from = "#enveloped-signature",
      .to = "#enveloped-signaturf",
      .error = KN_E_SIG_TRANSFORM,
      .rule = "S7" },
    { .name = "no Signature at all",
      .type = "CKStageMessage",
      .bare = true,
      .from = "ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
      .to = "ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsih#\"",
      .error = KN_E_SIG_MISSING,
      .rule = "S3" },
    { .name = "speaks for another",
      .type = "CKStageMessage",
      .bare = true,
      .set = { "Head/senderId", "ENTE02" },
      .error = KN_E_KEY_NOT_BOUND,
      .rule = "K6" },
    { .name = "nobody's name",
      .type = "CKStageMessage",
      .bare = true,
      .set = { "Head/senderId", "NOBODY" },
      .error = KN_E_SENDER_UNKNOWN,
      .rule = "R1" },
    { .name = "shell and message disagree",
      .type = "CKStageMessage",
      .set = { "Head/senderId", "PORTAL02" },
      .error = KN_E_SENDER_MISMATCH,
      .rule = "B1" },
    { .name = "another receiver",
      .type = "CKStageMessage",
      .receiver = "SOMEBODY",
      .error = KN_E_RECEIVER_UNKNOWN,
      .rule = "B2" },
    { .name = "an element the schema does not know",
      .type = "CKStageMessage",
      .bare = true,
      .set = { "Declaration/wheels", "4" },
      .error = KN_E_XSD_INVALID,
      .rule = "V1" },
    { .name = "a customs answer from a portal",
      .type = "CKCustomsMessage",
      .error = KN_E_MSG_NOT_ALLOWED },
    { .name = "a declaration from customs",
      .type = "CKStageMessage",
      .bare = true,
      .partner = "CUSTOMS",
      .error = KN_E_MSG_NOT_ALLOWED },
    { .name = "another enterprise's key",
      .type = "CKStageMessage",
      .bare = true,
      .key = "MA0000066",
      .error = KN_E_KEY_PARTITION },
    { .name = "no key",
      .type = "CKStageMessage",
      .bare = true,
      .key = "",
      .error = KN_E_KEY_PARTITION },
    { .name = "certificate expired by then",
      .type = "CKStageMessage",
      .bare = true,
      .shift_ms = 3 * 365 * 86400000LL,
      .error = KN_E_KEY_EXPIRED,
      .rule = "K3" },
    { .name = "certificate not valid yet",
      .type = "CKStageMessage",
      .bare = true,
      .shift_ms = -3 * 365 * 86400000LL,
      .error = KN_E_KEY_NOT_YET,
      .rule = "K3" },
    { .name = "not well-formed",
      .type = "CKStageMessage",
      .bare = true,
      .from = "</ck:Head>",
      .to = "</ck:Heap>",
      .error = KN_E_XML_MALFORMED,
      .rule = "X5" },
};

static void
write_config(void)
{
    g_autofree char *ini = g_build_filename(folder, "kouan.ini", NULL);
    g_autofree char *secret = g_build_filename(folder, "secret.hex", NULL);
    g_autofree char *text = g_strdup_printf(
        "[engine]\ncodes = %s/config/codes\nschemas = %s/schemas/xsd\n[kafka]\npartitions = "
        "%d\n[sign]\n"
        "ecdsa_key = engine/p256.key\necdsa_cert = engine/p256.pem\nrsa_key = engine/rsa.key\n"
        "rsa_cert = engine/rsa.pem\nsm2_key = engine/sm2.key\nsm2_cert = engine/sm2.pem\n",
        ROOT_DIR, ROOT_DIR, PARTS);

    assert_true(g_file_set_contents(ini, text, -1, NULL));
    assert_true(g_file_set_contents_full(
        secret, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", -1,
        G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static int
install(void **unused)
{
    kn_pki_plan plan = { 0 };
    g_autoptr(GError) err = NULL;
    g_autofree char *ini = NULL;

    (void)unused;
    folder = g_dir_make_tmp("kouan-admit-XXXXXX", NULL);
    ini = g_build_filename(folder, "kouan.ini", NULL);
    if (!kn_pki_make(folder, &plan, &err))
        fail_msg("%s", err->message);
    write_config();
    if (!kn_engine_load(ini, true, &engine, &err) || !kn_make_open(folder, &maker, &err))
        fail_msg("%s", err->message);
    lane = kn_lane_new(engine, 0, &stop);
    lane->xml = kn_xml_new(NULL, engine->schemas);
    return 0;
}

static int
remove_all(void **unused)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);

    (void)unused;
    kn_lane_free(lane);
    kn_make_free(maker);
    kn_engine_free(engine);
    (void)g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL);
    g_free(folder);
    return 0;
}

static void
make(const vector *v, kn_made *out)
{
    const kn_make_template *t = kn_make_template_of(v->type);
    json_t *body = kn_make_body(t);
    bool customs = g_strcmp0(v->partner, "CUSTOMS") == 0;
    const char *place = v->partner && v->bare && !customs ? v->partner + strlen(v->partner) - 1
                                                          : "1";
    kn_make_order order = { .type = t->type,
                            .ns = t->ns,
                            .prefix = t->prefix,
                            .body = body,
                            .partner = v->partner ? v->partner
                                       : v->bare  ? "ENTE01"
                                                  : "PORTAL01",
                            .bare = v->bare,
                            .owner = kn_make_orgcode(place),
                            .receiver = v->receiver ? v->receiver : engine->config->id,
                            .n = 7 };
    g_autoptr(GError) err = NULL;

    if (!v->bare && !v->no_card)
        order.card = kn_make_operator(maker, "1");
    if (v->set[0] && !kn_make_set(body, v->set[0], v->set[1], &err))
        fail_msg("%s: %s", v->name, err->message);
    if (!kn_make_message(maker, &order, out, &err))
        fail_msg("%s: %s", v->name, err->message);
    json_decref(body);
    if (v->from) {
        char *at = strstr(out->bytes->str, v->from);

        if (!at)
            fail_msg("%s: nothing to change", v->name);
        (void)g_string_erase(out->bytes, at - out->bytes->str, (gssize)strlen(v->from));
        (void)g_string_insert(out->bytes, at - out->bytes->str, v->to);
    }
}

static kn_item *
admit(const vector *v, const kn_made *made)
{
    static kn_part part = { .topic = (char *)(uintptr_t) "kouan.in.checkpoint" };
    kn_item *item = g_new0(kn_item, 1);
    const char *key = v->key ? v->key : made->key;

    item->part = &part;
    part.set = engine->set;
    item->record.bytes = made->bytes->str;
    item->record.len = made->bytes->len;
    item->record.key = *key ? key : NULL;
    item->record.key_len = strlen(key);
    item->record.part = kn_topics_partition(key, strlen(key), PARTS);
    item->time_ms = kn_clock_wall_ms() + v->shift_ms;
    {
        g_autoptr(GError) err = NULL;

        if (!kn_admit(lane, item, &err))
            fail_msg("%s: %s", v->name, err->message);
    }
    return item;
}

/* What must hold beyond the code: who is answered, what is told, what counts as proven. */
static void
check_facts(const vector *v, const kn_item *item)
{
    bool told = item->sig_failed && *item->sig.expected && *item->sig.found && *item->sig_serial
                && strcmp(item->sig.expected, item->sig.found) != 0;

    if (v->error == KN_E_OK && !(item->proven && item->msg && item->partner && item->digest))
        fail_msg("%s: accepted without proof", v->name);
    if (v->error == KN_E_DIGEST_MISMATCH && !told)
        fail_msg("%s: expected and found digest are not told", v->name);
    if (v->error == KN_E_SENDER_UNKNOWN && item->partner)
        fail_msg("%s: somebody would be answered", v->name);
    if (item->proven && (v->error == KN_E_DIGEST_MISMATCH || v->error == KN_E_KEY_NOT_BOUND))
        fail_msg("%s: counts as proven", v->name);
}

static void
check(const vector *v, const kn_item *item)
{
    kn_error found = item->why ? kn_error_code(item->why) : KN_E_OK;

    if (found != v->error)
        fail_msg("%s: expected %s, found %s (%s)", v->name, kn_error_row_of(v->error)->name,
                 kn_error_row_of(found)->name, item->why ? item->why->message : "");
    if (v->rule && g_strcmp0(item->why_rule, v->rule) != 0)
        fail_msg("%s: expected rule %s, found %s", v->name, v->rule, item->why_rule);
    check_facts(v, item);
}

static void
admit_vectors(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_auto(kn_made) made = { 0 };
        kn_item *item;

        make(&vectors[i], &made);
        item = admit(&vectors[i], &made);
        check(&vectors[i], item);
        kn_item_free(item);
    }
}

static void
admit_knows_who_signed(void **unused)
{
    static const vector shell = { .name = "shell", .type = "CKDeclareMessage" };
    static const vector stated = { .name = "stated", .type = "CKStageMessage", .no_card = true };
    g_auto(kn_made) made = { 0 }, second = { 0 };
    kn_item *item;
    const kn_card *card;

    (void)unused;
    make(&shell, &made);
    item = admit(&shell, &made);
    card = kn_msg_card(item->msg);
    assert_string_equal(kn_msg_partner(item->msg), "PORTAL01");
    assert_true(card->signed_);
    assert_false(card->stated);
    assert_int_equal(strlen(card->number), 13);
    assert_string_equal(item->owner, "MA0000410");
    kn_item_free(item);
    make(&stated, &second);
    item = admit(&stated, &second);
    card = kn_msg_card(item->msg);
    assert_false(card->signed_);
    assert_true(card->stated); /* the receipt says so */
    kn_item_free(item);
}

static void
trap_of(const vector *v, const char *name)
{
    g_auto(kn_made) made = { 0 };
    kn_item *item;

    make(v, &made);
    item = admit(v, &made);
    check(v, item);
    if (g_strcmp0(item->trap ? item->trap->name : NULL, name) != 0)
        fail_msg("%s, %s: trap %s", v->name, v->partner, item->trap ? item->trap->name : "none");
    kn_item_free(item);
}

/* The receipt's share of the traps: a known mistake is named, an unknown one is not, a long message is not
 * looked into; the verdict is the same each time. */
static void
admit_names_the_trap(void **unused)
{
    g_autofree char *blanks = g_strnfill(70000, ' ');
    g_autofree char *long_gap = g_strdup_printf("<!--%s-->\n<ds:Signature ", blanks);
    const struct {
        vector v;
        const char *trap;
    } traps[] = {
        { { .name = "a line before Signature",
            .from = "<ds:Signature ",
            .to = "\n<ds:Signature ",
            .error = KN_E_DIGEST_MISMATCH,
            .rule = "D1" },
          "doc-space" },
        { { .name = "a line inside SignedInfo",
            .from = "<ds:SignedInfo>",
            .to = "<ds:SignedInfo>\n",
            .error = KN_E_SIG_BAD,
            .rule = "G1" },
          "info-reformatted" },
        { { .name = "digest in hexadecimal",
            .from = "<ds:DigestValue>",
            .to = "<ds:DigestValue>00",
            .error = KN_E_SIG_VALUE_FORM,
            .rule = "S8" },
          NULL },
        { { .name = "a digit",
            .from = "2200.5",
            .to = "2200.6",
            .error = KN_E_DIGEST_MISMATCH,
            .rule = "D1" },
          NULL },
        { { .name = "a line before Signature, 70 KB",
            .from = "<ds:Signature ",
            .to = long_gap,
            .error = KN_E_DIGEST_MISMATCH,
            .rule = "D1" },
          NULL },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(traps); i++)
        for (int k = 1; k <= 3; k++) { /* P-256, RSA, SM2 */
            g_autofree char *partner = g_strdup_printf("ENTE0%d", k);
            vector v = traps[i].v;

            v.type = "CKStageMessage";
            v.bare = true;
            v.partner = partner;
            trap_of(&v, traps[i].trap);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(admit_names_the_trap),
        cmocka_unit_test(admit_vectors),
        cmocka_unit_test(admit_knows_who_signed),
    };

    return cmocka_run_group_tests(tests, install, remove_all);
}
