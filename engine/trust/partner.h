/* SPDX-License-Identifier: Apache-2.0 */
/* Partners: who may send what, signed with which algorithms and which certificates, until when.
 * One *.ini a partner; everything here is read once at start and never changes afterwards.  A change
 * of partners is a new kn_partners and, with it, a new trust version (DESIGN §8, 11).
 *
 * threads  loading: one; afterwards read-only and shared by all lanes
 * source   XML_SECURITY §2, §5; DESIGN §5, §8; SC-01 .. SC-06
 */
#ifndef KOUAN_TRUST_PARTNER_H
#define KOUAN_TRUST_PARTNER_H

#include "base/alg.h"
#include "base/files.h"

#include <glib.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum kn_partner_kind {
    KN_PARTNER_PORTAL,     /* publishes shells; may carry card-signed messages of others */
    KN_PARTNER_ENTERPRISE, /* signs bare messages with its own key or card */
    KN_PARTNER_CUSTOMS,    /* the intranet: answers */
    KN_PARTNER_ADAPTER,    /* a part of this engine at the edge: sms, bank, spool */
} kn_partner_kind;

typedef enum kn_receipt_sign {
    KN_RECEIPT_INNER, /* the business receipt carries the signature, a shell round it none */
    KN_RECEIPT_BOTH,  /* inner receipt and shell are signed */
} kn_receipt_sign;

/* When a shell is answered by a DxpRep beside the receipt. */
typedef enum kn_receipt_transport {
    KN_TRANSPORT_OFF,
    KN_TRANSPORT_ERRORS, /* when the shell, or what it holds, is refused before its handler */
    KN_TRANSPORT_ALWAYS, /* 0000 otherwise */
} kn_receipt_transport;

/* One algorithm row of a partner (XML_SECURITY §2). */
typedef struct kn_partner_alg {
    bool on;
    int64_t end_ms; /* first ms that is too late: midnight +08:00 after the last good day;
                     * INT64_MAX = no end */
} kn_partner_alg;

/* Certificates one role is checked against.  Opaque: certificate.c works with it. */
typedef struct kn_anchors kn_anchors;

typedef struct kn_partner {
    const char *id;   /* exchange id, 1..16 of [A-Za-z0-9_-] */
    const char *name; /* for people */
    const char *file; /* file it was read from, for messages */
    kn_partner_kind kind;
    bool active;                  /* false: known, but R1 answers SENDER_UNKNOWN */
    bool gb18030;                 /* charset of the route; otherwise UTF-8 */
    const char *alarm;            /* address for alarms or "" */
    const char *const *documents; /* root names it may send; sorted, NULL-ended; "*" alone = all */
    bool dxp_sv;                  /* it may wrap its DxpMsg in a DxpMsgSv */
    const char *const *receivers; /* partners it may address beside the engine; sorted */
    const char *const *cop_codes; /* values allowed in a signed copCode, besides id; may be empty */

    kn_partner_alg algorithms[KN_ALG_COUNT];
    kn_profile profile;                 /* form of its signatures and of its cards' */
    bool rsa1024;                       /* rsa-sha1 rows take keys from 1024 bits */
    const kn_anchors *own;              /* certificates of the partner itself; never NULL */
    const char *bind_subject_cn;        /* exact CN of its certificates or "" */
    const char *const *bind_extensions; /* "oid=value", NULL-ended */

    const char *const *carry_documents; /* types of others it may carry; sorted; "*" alone = all */
    const char *const *carry_enterprises;  /* organisation codes; sorted; "*" alone = all */
    const kn_anchors *cards;               /* of the cards it carries; NULL = carries none */
    const char *const *unsigned_documents; /* may be carried without a card; sorted */
    bool may_state_card_facts;             /* DESIGN §8, 3 */

    const char *receipt_topic; /* "" = the default of its kind */
    kn_alg receipt_algorithm;
    kn_receipt_sign receipt_sign;
    kn_receipt_transport receipt_transport;
    bool receipt_gb18030; /* answers are written in GB18030, with a declaration */

    const char *uscc;    /* kind enterprise: 统一社会信用代码 or "" */
    const char *orgcode; /* 组织机构代码 or ""; from uscc when only that is given */
} kn_partner;

typedef struct kn_partners kn_partners;

/* Areas of kn_files: entries, and what they name. */
#define KN_AREA_PARTNERS "partners"
#define KN_AREA_PEM "pem"

/* Reads every *.ini of the area in the order of names; every mistake of every file is added to mistakes
 * (GPtrArray of char *, owned), each as "file: [group] key: what".  Always makes partners (free them);
 * with mistakes they are good for nothing but comparing. */
kn_partners *kn_partners_read(kn_files *files, GPtrArray *mistakes);
/* Reads every *.ini of folder, in the order of names.  Relative file names inside are taken from
 * base_dir (NULL = folder).  false: KN_E_CONFIG; the message holds every mistake of every file, one a
 * line, each as "file: [group] key: what".  A folder without partners is a mistake. */
bool kn_partners_load(const char *folder, const char *base_dir, kn_partners **out, GError **err);
/* Card rules ([card.oids], [card.classes], see card.h) of the engine's own file instead of the
 * defaults; once, before threads start.  file NULL or groups missing: defaults stay. */
bool kn_partners_card_rules(kn_partners *partners, GKeyFile *file, const char *file_name,
                            GError **err);
void kn_partners_free(kn_partners *partners);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_partners, kn_partners_free)

/* NULL when there is none; an inactive one is returned (the caller looks at .active). */
const kn_partner *kn_partners_find(const kn_partners *partners, const char *id);
size_t kn_partners_count(const kn_partners *partners);
/* i below the count; sorted by id. */
const kn_partner *kn_partners_at(const kn_partners *partners, size_t i);
/* What a person should hear at start and each day: what is strange in the files; algorithm rows, anchors and
 * certificates that end within 30 days of now_ms or ended already; CRLs that are late.
 * One sentence each, NULL-ended, never NULL. */
char **kn_partners_warnings(const kn_partners *partners, int64_t now_ms);

/* What ends first of all that a partner's signatures and its cards' hang on: certificates (CAs and pinned ones),
 * CRLs in force.  Last good ms, in the past when it has ended; INT64_MAX = there is none. */
typedef struct kn_partner_ends {
    int64_t certificate_ms, crl_ms;
} kn_partner_ends;

kn_partner_ends kn_partner_ends_of(const kn_partner *partner);

/* Rule S6, its part about this partner: row switched on, and not past its last good day in +08:00.
 * false: KN_E_SIG_ALG_REFUSED, KN_E_SIG_ALG_EXPIRED. */
bool kn_partner_algorithm(const kn_partner *partner, kn_alg alg, int64_t at_ms, GError **err);
/* May it send this type itself?  false: KN_E_MSG_NOT_ALLOWED. */
bool kn_partner_may_send(const kn_partner *partner, const char *document, GError **err);
/* May it carry this type of this enterprise (organisation code, "" = not known)?  card_signed tells
 * whether a card's key signed the inner message.  "" as orgcode passes only with enterprises = *.
 * false: KN_E_MSG_NOT_ALLOWED; KN_E_CARD_REQUIRED when only the card's signature is missing. */
bool kn_partner_may_carry(const kn_partner *partner, const char *document, const char *orgcode,
                          bool card_signed, GError **err);
/* May it address this partner (rule B2)?  false: KN_E_MSG_NOT_ALLOWED. */
bool kn_partner_may_address(const kn_partner *partner, const char *receiver, GError **err);
/* Is this signed value (copCode, dxpId, SenderId) one of the partner's (rule B1)? */
bool kn_partner_is_sender(const kn_partner *partner, const char *value);

#endif
