/* SPDX-License-Identifier: Apache-2.0 */
/* Traps: what partners' signers are known to do wrong, as hypotheses that are tried on a message whose
 * signature was refused.  A hypothesis that fits names the mistake; it never changes the verdict, and
 * nothing here says "good" to anybody.
 *
 * threads  the table is constant; a case uses its kn_xml, so one lane
 * cost     bounded: kn_trap_budget_lane or kn_trap_budget_tool, whatever the message says
 * source   XML_SECURITY §10
 */
#ifndef KOUAN_XML_TRAP_H
#define KOUAN_XML_TRAP_H

#include "xml/open.h"
#include "xml/shape.h"

#include <kouan/error.h>
#include <openssl/evp.h>

#define KN_TRAP_MAX 24                 /* rows of the table */
#define KN_TRAP_LANE_BYTES (64 * 1024) /* a lane tries nothing on longer documents */
#define KN_TRAP_NOWHERE ((size_t)-1)   /* the two forms cannot be laid side by side */

typedef struct kn_trap_budget {
    unsigned verifies; /* signature verifications */
    unsigned digests;  /* digests of a form of the document */
    bool lane;         /* only rows marked for lanes */
} kn_trap_budget;

extern const kn_trap_budget kn_trap_budget_lane; /* 8 verifications, 18 digests */
extern const kn_trap_budget kn_trap_budget_tool; /* all rows */

typedef struct kn_trap_work kn_trap_work;

typedef struct kn_trap {
    const char *name; /* "info-newline": stable, for receipts and programs; NULL ends the table */
    unsigned fails;   /* KN_TRAP_ON_* */
    bool lane;        /* cheap enough for a receipt */
    bool (*try_it)(kn_trap_work *work);
    const char *text;    /* Chinese, for the receipt: what was done and what to do */
    const char *english; /* the same for the tool */
} kn_trap;

enum { KN_TRAP_ON_SIG_BAD = 1, KN_TRAP_ON_DIGEST = 2, KN_TRAP_ON_FORM = 4 };

extern const kn_trap kn_traps[];

/* A refused document; everything is borrowed for the call. */
typedef struct kn_trap_case {
    kn_xml *xml;
    xmlDoc *doc;
    kn_shape
        *shape;     /* of kn_xml_shape, or of kn_xml_shape_of_form after SIG_VALUE_FORM; whether the
                      * Signature hangs in its place is as before afterwards */
    kn_error error; /* SIG_BAD, DIGEST_MISMATCH, SIG_VALUE_FORM; nothing is tried on others */
    EVP_PKEY *key; /* the pinned key, or that of the certificate shown; NULL: judge by form alone */
    const char *raw; /* the document as it came, or NULL */
    size_t raw_len;
    bool gb18030;            /* raw is GB18030 */
    EVP_PKEY *const *others; /* further keys of the partner; n_others */
    size_t n_others;
    const kn_trap_budget *budget; /* NULL: the tool's */
} kn_trap_case;

/* What fits.  Zero-initialise; kn_trap_fit_clear afterwards. */
typedef struct kn_trap_fit {
    const kn_trap *trap;
    char note[96];    /* English: which variant, "" = there is only one */
    bool signed_info; /* bytes are another SignedInfo, otherwise another document */
    GString *bytes;   /* what was signed or digested; NULL = not a matter of bytes */
    size_t offset;    /* first byte that differs from our canonical form, or KN_TRAP_NOWHERE */
    char path[160];   /* element it lies in, local path with prefixes; "" */
    unsigned verifies, digests; /* spent, also when nothing fits */
} kn_trap_fit;

void kn_trap_fit_clear(kn_trap_fit *fit);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_trap_fit, kn_trap_fit_clear)

/* Tries the rows of the table in their order.  true: the first one that fits is in out. */
bool kn_trap_find(const kn_trap_case *c, kn_trap_fit *out);

/* KeyName is a hint only; separators, 0x and leading zeros are nothing.
 * true: it names another number than serial_hex. */
bool kn_trap_key_name_differs(const char *key_name, const char *serial_hex);

/* Characters outside what all tools decode alike: private use, and their GB18030-2022 twins, as
 * "U+E78D U+FE10"; at most eight, "" = none.  Free with g_free. */
char *kn_trap_private_use(const char *utf8, size_t len);

/* Element path at a byte of a canonical document ("ck:A/ck:B"), for first differences. */
void kn_trap_path_at(const char *canonical, size_t len, size_t offset, char *out, size_t room);

#endif
