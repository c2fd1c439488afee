/* SPDX-License-Identifier: Apache-2.0 */
/* The installation of the catalogue: a test PKI, the partners HOST* and an engine without servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "hostile.h"

#include "base/clock.h"
#include "lane/lane.h"
#include "pki/kn_pki.h"

#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#define PARTS 6

kn_engine *hostile_engine;
kn_lane *hostile_lane;
int64_t hostile_now_ms = 1795312800000; /* fixed, so that a run repeats */
static atomic_bool stop;

#define CHAINS "ca/p256-chain.pem, ca/rsa-chain.pem, ca/sm2-chain.pem"
#define CRLS \
    "host/p256-root.crl, host/p256-ca.crl, host/rsa-root.crl, host/rsa-ca.crl, " \
    "host/sm2-root.crl, host/sm2-ca.crl"
#define GOOD "ecdsa-sha256, rsa-sha256, sm2-sm3, sm2-sm3-field until 2099-12-31"
#define SHA1 "ecdsa-sha256, rsa-sha1 until 2099-12-31\nallow_sha1 = true"
#define KEYS "anchors = " CHAINS "\ncrl = " CRLS "\n"
#define CARRY \
    "[carry]\ndocuments = *\ncard_anchors = " CHAINS "\ncard_crl = " CRLS \
    "\nunsigned_documents = CKStageMessage\n"

typedef struct entry {
    const char *id, *kind;
    const char *more; /* of [partner] */
    const char *algorithms;
    const char *keys; /* of [keys] besides */
    const char *rest; /* further groups */
    int enterprise;   /* -1 = none */
} entry;

/* clang-format off */
static const entry entries[] = {
    { "HOSTA", "enterprise", "documents = *\ncop_codes = 5000960001", GOOD, KEYS "bind_subject_cn = HOSTA\n", "", 0 },
    { "HOSTB", "enterprise", "documents = *", GOOD, KEYS "bind_subject_cn = HOSTB\n", "", 1 },
    { "HOSTP", "portal", "documents = *", GOOD, KEYS "bind_subject_cn = HOSTP\n", CARRY, -1 },
    { "HOSTQ", "portal", "documents = *", GOOD, KEYS "bind_subject_cn = HOSTQ\n",
      CARRY "may_state_card_facts = true\nenterprises = MA0000410\n", -1 },
    { "HOSTNOCARD", "portal", "documents = *", GOOD, KEYS "bind_subject_cn = HOSTNOCARD\n",
      "[carry]\ndocuments = *\nunsigned_documents = CKStageMessage\n", -1 },
    { "HOSTN", "enterprise", "documents = CKViewMessage", GOOD, KEYS "bind_subject_cn = HOSTN\n", "", 2 },
    { "HOSTOLD", "enterprise", "documents = *", SHA1 "\nrsa1024 = true",
      KEYS "bind_subject_cn = HOSTOLD\n", "", 3 },
    { "HOSTOLD2", "enterprise", "documents = *", SHA1, KEYS "bind_subject_cn = HOSTOLD2\n", "", 4 },
    { "HOSTLATE", "enterprise", "documents = *",
      "sm2-sm3, sm2-sm3-field until @YESTERDAY@, rsa-sha1 until @YESTERDAY@\nallow_sha1 = true",
      KEYS "bind_subject_cn = HOSTLATE\n", "", 5 },
    { "HOSTGB", "enterprise", "documents = *\ncharset = gb18030", GOOD, KEYS "bind_subject_cn = HOSTGB\n", "", 6 },
    { "HOSTSTALE", "enterprise", "documents = *", GOOD, "anchors = " CHAINS
      "\ncrl = host/p256-stale.crl, host/p256-root.crl\nbind_subject_cn = HOSTSTALE\n", "", 7 },
    { "HOSTNOCRL", "enterprise", "documents = *", GOOD, "anchors = " CHAINS
      "\ncrl = host/p256-root.crl\nbind_subject_cn = HOSTNOCRL\n", "", 8 },
    { "HOSTDEEP", "enterprise", "documents = *", GOOD, "anchors = host/deep-chain.pem\nbind_subject_cn = HOSTDEEP\n",
      "", 9 },
    { "HOSTOFF", "enterprise", "documents = *\nactive = false", GOOD, KEYS "bind_subject_cn = HOSTOFF\n", "", 10 },
    { "HOSTEXT", "enterprise", "documents = *", GOOD,
      KEYS "bind_extension = 1.3.6.1.4.1.5315.100.5.11=MA0000111\n", "", 2 },
    { "HOSTPIN", "enterprise", "documents = *", GOOD, KEYS "certificates = host/pinned.pem\n", "", 11 },
};
/* clang-format on */

static void
write_entry(const char *folder, const entry *e)
{
    const kn_pki_enterprise *who = e->enterprise < 0 ? NULL : kn_pki_enterprise_at(e->enterprise);
    g_autofree char *name = g_strdup_printf("%s.ini", e->id);
    g_autofree char *file = g_build_filename(folder, "partners", name, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    char yesterday[32];

    kn_time_text(hostile_now_ms - 86400000, KN_TIME_DATE, yesterday);
    g_string_append_printf(text,
                           "[partner]\nid = %s\nname = %s\nkind = %s\n%s\n[keys]\nalgorithms = "
                           "%s\n%s%s",
                           e->id, e->id, e->kind, e->more, e->algorithms, e->keys, e->rest);
    g_string_append(text, "[receipt]\nalgorithm = ecdsa-sha256\n");
    if (who)
        g_string_append_printf(text, "[enterprise]\nuscc = %s\norgcode = %s\n", who->uscc,
                               who->orgcode);
    g_string_replace(text, "@YESTERDAY@", yesterday, 0);
    assert_true(g_file_set_contents(file, text->str, -1, NULL));
}

static void
write_config(const char *folder, const char *ini)
{
    g_autofree char *secret = g_build_filename(folder, "secret.hex", NULL);
    g_autofree char *text = g_strdup_printf(
        "[engine]\nid = KOUAN\ncodes = %s/config/codes\nschemas = "
        "%s/schemas/xsd\n[kafka]\npartitions = %d\n"
        "[sign]\necdsa_key = engine/p256.key\necdsa_cert = engine/p256.pem\n"
        "rsa_key = engine/rsa.key\nrsa_cert = engine/rsa.pem\n"
        "sm2_key = engine/sm2.key\nsm2_cert = engine/sm2.pem\n",
        KOUAN_SOURCE_DIR, KOUAN_SOURCE_DIR, PARTS);

    assert_true(g_file_set_contents(ini, text, -1, NULL));
    assert_true(g_file_set_contents_full(
        secret, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", -1,
        G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

void
hostile_world_forget(void)
{
    kn_lane_forget_sets(hostile_lane);
}

void
hostile_world_open(const char *folder)
{
    kn_pki_plan plan = { .portals = 1, .enterprises = 1, .cards = 1, .now_ms = hostile_now_ms };
    g_autoptr(GError) err = NULL;
    g_autofree char *ini = g_build_filename(folder, "kouan.ini", NULL);
    g_autofree char *machine = g_build_filename(folder, "host/foreign-root.pem", NULL);

    if (!kn_pki_make(folder, &plan, &err))
        fail_msg("%s", err->message);
    hostile_parties_make(folder, hostile_now_ms);
    /* A CA that the machine trusts means nothing here (system_ca). */
    assert_true(g_setenv("SSL_CERT_FILE", machine, TRUE));
    for (size_t i = 0; i < G_N_ELEMENTS(entries); i++)
        write_entry(folder, &entries[i]);
    write_config(folder, ini);
    if (!kn_engine_load(ini, true, &hostile_engine, &err))
        fail_msg("%s", err->message);
    hostile_lane = kn_lane_new(hostile_engine, 0, &stop);
    hostile_lane->xml = kn_xml_new(NULL, hostile_engine->schemas);
}

void
hostile_world_close(void)
{
    kn_lane_free(hostile_lane);
    kn_engine_free(hostile_engine);
    hostile_parties_free();
}

/* --- admission --------------------------------------------------------------------------------------- */

const char *
hostile_key_of(const hostile_draft *d)
{
    const hostile_party *p = hostile_party_of(d->row->signer && !d->base->inside ? d->row->signer
                                                                                 : d->base->signer);
    const kn_partner *partner = p->partner
                                    ? kn_partners_find(hostile_engine->set->partners, p->partner)
                                    : NULL;

    if (d->row->key)
        return *d->row->key ? d->row->key : NULL;
    if (d->base->card || !partner || !*partner->orgcode)
        return "MA0000410"; /* of the cards */
    return partner->orgcode;
}

/* The linker puts this in the place of kn_bus_record_header (--wrap): a librdkafka message with headers
 * cannot be made outside of it. */
char *__wrap_kn_bus_record_header(const kn_bus_record *record, const char *name);
static const char *sender_header;

char *
__wrap_kn_bus_record_header(const kn_bus_record *record, const char *name)
{
    (void)record;
    return strcmp(name, "sender") == 0 ? g_strdup(sender_header) : NULL;
}

kn_item *
hostile_admit(const hostile_draft *d, int64_t *cpu_us)
{
    static kn_part part = { .topic = (char *)(uintptr_t) "kouan.in.checkpoint" };
    kn_item *item = g_new0(kn_item, 1);
    const char *key = hostile_key_of(d);
    g_autoptr(GError) err = NULL;
    int64_t before;
    bool ok;

    item->part = &part;
    part.set = hostile_engine->set;
    item->record.bytes = d->bytes->str;
    item->record.len = d->bytes->len;
    item->record.key = key;
    item->record.key_len = key ? strlen(key) : 0;
    item->record.part = (kn_topics_partition(key ? key : "", item->record.key_len, PARTS)
                         + d->row->part)
                        % PARTS;
    sender_header = d->row->header ? d->row->header : d->base->header;
    item->time_ms = hostile_now_ms + d->row->shift_ms;
    before = kn_clock_thread_cpu_us();
    ok = kn_admit(hostile_lane, item, &err);
    if (cpu_us)
        *cpu_us = kn_clock_thread_cpu_us() - before;
    if (!ok)
        fail_msg("%s: %s", d->row->name, err->message);
    return item;
}
