/* SPDX-License-Identifier: Apache-2.0 */
/* The attack catalogue: rows that say what is done to an honest message and which rule must refuse it.
 *
 * A file of the catalogue is a row on a base.  It is made in this order:
 *   body   the unsigned document of the base, with @SIG@ where the Signature goes; edited, so that
 *          what follows is honestly signed
 *   sig    the Signature's template, with @DIGEST@, @VALUE@, @CERT@, @SERIAL@; edited before signing
 *   bytes  the finished document; edited after signing
 * On the bases of a shell's inside the edits are made to the business message, and the shell round it
 * is signed honestly.
 *
 * TO ADD ONE: a row in the rows_*.c of its subject.  It breaks one rule and carries a real certificate.
 * A profile of its own (other partners, other rules) is a file with a hostile_list of its own, listed in
 * hostile_lists (lists.c).
 * threads  one
 */
#ifndef KOUAN_TESTS_HOSTILE_H
#define KOUAN_TESTS_HOSTILE_H

#include "base/alg.h"
#include "lane/lane_priv.h"

#include <openssl/x509.h>

/* --- bases: who signs what in which form --------------------------------------------------------- */
enum {
    ON_P256 = 1 << 0, /* bare, HOSTA */
    ON_RSA = 1 << 1,
    ON_SM2 = 1 << 2,
    ON_FIELD = 1 << 3, /* SM2 in the dialect of the field */
    ON_SHA1 = 1 << 4,  /* bare, HOSTOLD, rsa-sha1 */
    ON_GB = 1 << 5,    /* bare, HOSTGB, GB18030 */
    ON_OP256 = 1 << 6, /* the shell of HOSTP, a card's message inside */
    ON_ORSA = 1 << 7,
    ON_OSM2 = 1 << 8,
    ON_ISM2 = 1 << 9, /* the card's message inside that shell */
    ON_IP256 = 1 << 10,
    ON_IRSA = 1 << 11,
    ON_PLAIN = 1 << 12, /* the unsigned message inside a shell of HOSTQ */
};
#define HOSTILE_BASES 13
#define ON_BARE (ON_P256 | ON_RSA | ON_SM2 | ON_FIELD)
#define ON_OUTER (ON_OP256 | ON_ORSA | ON_OSM2)
#define ON_INNER (ON_ISM2 | ON_IP256 | ON_IRSA)
#define ON_FEW (ON_P256 | ON_FIELD | ON_OSM2 | ON_ISM2) /* each form and both dialects of SM2 */
#define ON_ALL (ON_BARE | ON_SHA1 | ON_OUTER | ON_INNER)

typedef struct hostile_base {
    const char *name;
    const char *signer; /* a party */
    const char *card;   /* party that signs inside; NULL = bare; "" = nobody does */
    const char *header; /* record header "sender" */
    bool inside;        /* edits are made to the inner message */
    bool gb18030;
    kn_alg alg; /* KN_ALG_NONE = the natural one of the key */
} hostile_base;
extern const hostile_base hostile_bases[HOSTILE_BASES]; /* by bit */

/* --- parties: a certificate with its key ---------------------------------------------------------- */
typedef struct hostile_party {
    const char *name, *partner; /* partner it belongs to; NULL for cards */
    EVP_PKEY *key;
    X509 *cert;
    char *cert_b64, *serial;
} hostile_party;
const hostile_party *hostile_party_of(const char *name);
/* Below folder (a test PKI of kn_pki_make): certificates, CRLs and CAs of the catalogue in host/. */
void hostile_parties_make(const char *folder, int64_t now_ms);
void hostile_parties_free(void);

/* --- a file in the making ----------------------------------------------------------------------------- */
typedef struct hostile_row hostile_row;
typedef struct hostile_draft {
    const hostile_row *row;
    const hostile_base *base;
    const hostile_party *signer; /* of the document that is edited */
    GString *body, *sig, *bytes;
    char guid[37];
    int digest_nth; /* of the elements with Id="part": the Reference's target; 0 = the document */
} hostile_draft;

struct hostile_row {
    const char *name, *what;
    unsigned on; /* bases */
    kn_error error;
    const char *code, *rule;                 /* four digits and rule as the receipt says them */
    const char *body[2], *sig[2], *bytes[2]; /* what is replaced by what, everywhere it stands */
    const char *before, *behind;             /* put before and behind the finished document */
    void (*edit_body)(hostile_draft *d);     /* after the replacement: d->body and d->sig */
    void (*edit_bytes)(hostile_draft *d);
    long n; /* for the edit, as is piece */
    const char *piece;
    const char *signer; /* party instead of the base's */
    const char *shown;  /* party whose certificate is shown instead of the signer's */
    const char *header; /* record header "sender" */
    const char *key;    /* record key; NULL = the right one, "" = none */
    int64_t shift_ms;   /* of the record's time */
    int part;           /* partitions beside the right one */
    kn_alg alg;         /* instead of the base's */
};

typedef struct hostile_list {
    const char *title;
    const hostile_row *rows; /* ended by name NULL */
    bool good;               /* controls: all of these are accepted */
} hostile_list;
extern const hostile_list *const hostile_lists[]; /* ended by NULL */
extern const hostile_list hostile_bytes, hostile_shape, hostile_wrap, hostile_key, hostile_rest,
    hostile_good;
extern const hostile_row hostile_dear[]; /* rows_cost.c: only their cost is judged */

/* --- making and judging --------------------------------------------------------------------------------- */
extern int64_t hostile_now_ms; /* the record time of an unshifted file */
/* out->bytes is the finished file; clear with hostile_draft_clear. */
void hostile_make(const hostile_row *row, const hostile_base *base, hostile_draft *out);
void hostile_draft_clear(hostile_draft *d);
/* Replaces every from in s; fails the test when there is none. */
void hostile_replace(GString *s, const char *from, const char *to, const char *who);

/* An installation with the partners HOST*; folder is kept by the caller. */
void hostile_world_open(const char *folder);
void hostile_world_close(void);
extern kn_engine *hostile_engine;
extern kn_lane *hostile_lane;
/* A cold cache. */
void hostile_world_forget(void);
/* Admits a file; owned by the caller (kn_item_free); the item borrows the draft's bytes.
 * cpu_us may be NULL. */
kn_item *hostile_admit(const hostile_draft *d, int64_t *cpu_us);
/* Record key of the file, NULL = none. */
const char *hostile_key_of(const hostile_draft *d);

/* What one file may cost, in microseconds of thread CPU: the budget of XML_SECURITY §7, and what sanitizers
 * make of it. */
#define HOSTILE_BUDGET_US 300000
extern const int hostile_budget_factor;

void hostile_cost(void **unused);
void hostile_receipts(void **unused);
void hostile_coverage(void **unused);

#endif
