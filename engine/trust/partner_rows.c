/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a partner file: parser, range check, default and manual in one. */
#include "trust/partner_file.h"

#include <stddef.h>

/* clang-format off */
#define AT(type, member) .offset = offsetof(type, member)

static const kn_option partner_rows[] = {
    { .key = "id", .type = KN_OPT_TEXT, .max = 16, AT(kn_partner_conf, id),
      .help = "exchange id: 1 to 16 of A-Z a-z 0-9 _ -", .source = "EPORT §1" },
    { .key = "name", .type = KN_OPT_TEXT, .max = 200, AT(kn_partner_conf, name),
      .help = "name for people", .source = NULL },
    { .key = "kind", .type = KN_OPT_ENUM, .choices = "portal|enterprise|customs|adapter", AT(kn_partner_conf, kind),
      .help = "what it is; decides which other keys make sense", .source = "DESIGN §8, 2" },
    { .key = "active", .type = KN_OPT_BOOL, .def = "true", AT(kn_partner_conf, active),
      .help = "false: its messages end as SENDER_UNKNOWN", .source = "XML_SECURITY R1" },
    { .key = "charset", .type = KN_OPT_ENUM, .def = "utf-8", .choices = "utf-8|gb18030", AT(kn_partner_conf, charset),
      .help = "bytes on its route; never guessed", .source = "XML_SECURITY X2" },
    { .key = "documents", .type = KN_OPT_LIST, AT(kn_partner_conf, documents),
      .help = "document types (root names) it may send, or *", .source = "DESIGN §5" },
    { .key = "receivers", .type = KN_OPT_LIST, .def = "", AT(kn_partner_conf, receivers),
      .help = "partners it may name as ReceiverId beside the engine; each gets the accepted message in a shell of the "
              "engine's", .source = "EPORT §1" },
    { .key = "dxp_sv", .type = KN_OPT_ENUM, .def = "off", .choices = "off|on", AT(kn_partner_conf, dxp_sv),
      .help = "on: it may wrap its DxpMsg in a DxpMsgSv", .source = "XML_SECURITY §2" },
    { .key = "cop_codes", .type = KN_OPT_LIST, .def = "", AT(kn_partner_conf, cop_codes),
      .help = "values besides id that a signed copCode may have", .source = "XML_SECURITY B1" },
    { .key = "alarm", .type = KN_OPT_TEXT, .def = "", .max = 200, AT(kn_partner_conf, alarm),
      .help = "address for alarms", .source = "DESIGN §5" },
    { 0 },
};

static const kn_option keys_rows[] = {
    { .key = "algorithms", .type = KN_OPT_LIST, .def = "sm2-sm3, rsa-sha256", AT(kn_keys_conf, algorithms),
      .help = "rows of sm2-sm3, sm2-sm3-field, rsa-sha256, ecdsa-sha256, rsa-sha1, each may end with “until "
              "YYYY-MM-DD”, "
              "the last good day in +08:00; sm2-sm3-field and rsa-sha1 must", .source = "XML_SECURITY §2" },
    { .key = "allow_sha1", .type = KN_OPT_BOOL, .def = "false", AT(kn_keys_conf, allow_sha1),
      .help = "needed beside an rsa-sha1 row", .source = "XML_SECURITY §2" },
    { .key = "rsa1024", .type = KN_OPT_BOOL, .def = "false", AT(kn_keys_conf, rsa1024),
      .help = "its rsa-sha1 keys may have 1024 bits", .source = "XML_SECURITY §2" },
    { .key = "profile", .type = KN_OPT_ENUM, .def = "eport", .choices = "eport|w3c", AT(kn_keys_conf, profile),
      .help = "form of its signatures; w3c: exclusive C14N and a reference by the root's Id too, no SHA-1",
      .source = "XML_SECURITY §6" },
    { .key = "anchors", .type = KN_OPT_LIST, AT(kn_keys_conf, anchors),
      .help = "PEM files with the roots and intermediates of its certificates", .source = "XML_SECURITY §5" },
    { .key = "crl", .type = KN_OPT_LIST, .def = "", AT(kn_keys_conf, crl),
      .help = "PEM files with the CRLs of all those CAs; empty: revocation is not checked",
        .source = "XML_SECURITY K4" },
    { .key = "crl_max_hours", .type = KN_OPT_LIST, .def = "", AT(kn_keys_conf, crl_max_hours),
      .help = "a CRL counts for so many hours from its thisUpdate, if that ends before nextUpdate; “name of a "
              "CA=hours” for one CA", .source = "XML_SECURITY §5" },
    { .key = "certificates", .type = KN_OPT_LIST, .def = "", AT(kn_keys_conf, certificates),
      .help = "PEM files with its certificates, bound by fingerprint", .source = "XML_SECURITY K6" },
    { .key = "bind_subject_cn", .type = KN_OPT_TEXT, .def = "", .max = 200, AT(kn_keys_conf, bind_subject_cn),
      .help = "binds certificates whose one CN is exactly this", .source = "XML_SECURITY K6" },
    { .key = "bind_extension", .type = KN_OPT_LIST, .def = "", AT(kn_keys_conf, bind_extension),
      .help = "binds certificates that have one of these “OID=value”", .source = "XML_SECURITY K6" },
    { 0 },
};

static const kn_option carry_rows[] = {
    { .key = "documents", .type = KN_OPT_LIST, .def = "", AT(kn_carry_conf, documents),
      .help = "document types of others it may carry in its shell, or *", .source = "DESIGN §8, 2" },
    { .key = "enterprises", .type = KN_OPT_LIST, .def = "*", AT(kn_carry_conf, enterprises),
      .help = "organisation codes it may carry for, or *", .source = "DESIGN §8, 2" },
    { .key = "card_anchors", .type = KN_OPT_LIST, .def = "", AT(kn_carry_conf, card_anchors),
      .help = "PEM files with the roots and intermediates of the cards", .source = "XML_SECURITY §5" },
    { .key = "card_crl", .type = KN_OPT_LIST, .def = "", AT(kn_carry_conf, card_crl),
      .help = "PEM files with the CRLs of the cards' CAs; empty: revocation is not checked",
        .source = "XML_SECURITY K4" },
    { .key = "card_crl_max_hours", .type = KN_OPT_LIST, .def = "", AT(kn_carry_conf, card_crl_max_hours),
      .help = "as crl_max_hours, for card_crl", .source = "XML_SECURITY §5" },
    { .key = "unsigned_documents", .type = KN_OPT_LIST, .def = "", AT(kn_carry_conf, unsigned_documents),
      .help = "types of those above that it may carry without a card's signature", .source = "XML_SECURITY §2" },
    { .key = "may_state_card_facts", .type = KN_OPT_BOOL, .def = "false", AT(kn_carry_conf, may_state_card_facts),
      .help = "facts that a card's certificate lacks may stand in the signed head", .source = "DESIGN §8, 3" },
    { 0 },
};

static const kn_option receipt_rows[] = {
    { .key = "topic", .type = KN_OPT_TEXT, .def = "", .max = 200, AT(kn_receipt_conf, topic),
      .help = "topic of its receipts; empty: kouan.out.<id>", .source = "DESIGN §2" },
    { .key = "algorithm", .type = KN_OPT_ENUM, .def = "ecdsa-sha256",
      .choices = "ecdsa-sha256|sm2-sm3|rsa-sha256|rsa-sha1",
      AT(kn_receipt_conf, algorithm), .help = "row its receipts are signed with; rsa-sha1 needs allow_sha1",
      .source = "XML_SECURITY §4" },
    { .key = "sign", .type = KN_OPT_ENUM, .def = "inner", .choices = "inner|both", AT(kn_receipt_conf, sign),
      .help = "sign the business receipt only, or its shell too", .source = "DESIGN §4" },
    { .key = "transport", .type = KN_OPT_ENUM, .def = "off", .choices = "off|errors|always",
      AT(kn_receipt_conf, transport),
      .help = "answer a shell by a DxpRep, too: never, when it is refused before its handler, or each time",
      .source = "EPORT §4" },
    { .key = "charset", .type = KN_OPT_ENUM, .def = "utf-8", .choices = "utf-8|gb18030", AT(kn_receipt_conf, charset),
      .help = "bytes of answers; gb18030 has its declaration, signatures are over the canonical form as ever",
      .source = "XML_SECURITY X2" },
    { 0 },
};

static const kn_option enterprise_rows[] = {
    { .key = "uscc", .type = KN_OPT_TEXT, .def = "", .max = 18, AT(kn_enterprise_conf, uscc),
      .help = "kind enterprise: unified social credit code", .source = "CODES §2.2" },
    { .key = "orgcode", .type = KN_OPT_TEXT, .def = "", .max = 9, AT(kn_enterprise_conf, orgcode),
      .help = "kind enterprise: organisation code; taken from uscc when absent", .source = "CODES §2.1" },
    { 0 },
};
/* clang-format on */

const kn_option *const kn_partner_groups[] = {
    partner_rows, keys_rows, carry_rows, receipt_rows, enterprise_rows, NULL,
};
const char *const kn_partner_group_names[] = {
    "partner", "keys", "carry", "receipt", "enterprise", NULL,
};
