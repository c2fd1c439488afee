/* SPDX-License-Identifier: Apache-2.0 */
/* One partner file: from key file groups to a kn_partner.  Inside of trust/ only.
 * threads  while loading: one */
#ifndef KOUAN_TRUST_PARTNER_FILE_H
#define KOUAN_TRUST_PARTNER_FILE_H

#include "trust/anchors.h"
#include "trust/partner.h"

#include <kouan/option.h>

typedef struct kn_partner_conf {
    char *id, *name, *alarm;
    int kind, charset, dxp_sv;
    bool active;
    char **documents, **receivers, **cop_codes;
} kn_partner_conf;

typedef struct kn_keys_conf {
    char **algorithms, **anchors, **certificates, **crl, **crl_max_hours, **bind_extension;
    char *bind_subject_cn;
    int profile;
    bool allow_sha1, rsa1024;
} kn_keys_conf;

typedef struct kn_carry_conf {
    char **documents, **enterprises, **card_anchors, **card_crl, **card_crl_max_hours,
        **unsigned_documents;
    bool may_state_card_facts;
} kn_carry_conf;

typedef struct kn_receipt_conf {
    char *topic;
    int algorithm, sign, transport, charset;
} kn_receipt_conf;

typedef struct kn_enterprise_conf {
    char *uscc, *orgcode;
} kn_enterprise_conf;

/* A partner with what it points into. */
typedef struct kn_partner_box {
    kn_partner partner; /* first */
    char *file;
    kn_partner_conf conf;
    kn_keys_conf keys;
    kn_carry_conf carry;
    kn_receipt_conf receipt;
    kn_enterprise_conf enterprise;
    kn_anchors *own, *cards;
} kn_partner_box;

/* Reads a file of area KN_AREA_PARTNERS into a new box; every mistake is added to mistakes ("file:
 * [group] key: what"), what is only strange to hints.  The box is returned even then (never
 * NULL), so that its id can still be compared with others. */
kn_partner_box *kn_partner_file_read(kn_files *files, const char *name, GPtrArray *mistakes,
                                     GPtrArray *hints);
void kn_partner_box_free(kn_partner_box *box);

/* The rows of all groups, for the manual; group names in the same order; both NULL-ended. */
extern const kn_option *const kn_partner_groups[];
extern const char *const kn_partner_group_names[];

#endif
