/* SPDX-License-Identifier: Apache-2.0 */
/* Field rows: each field of a document is a row {requirement id, element, obligation, type, limits}.
 * Checking walks all rows and collects all errors (CM-30), never only the first.
 */
#ifndef KOUAN_FIELD_H
#define KOUAN_FIELD_H

#include <jansson.h>
#include <kouan/codes.h>
#include <kouan/error.h>
#include <kouan/msg.h>
#include <stdint.h>

typedef enum kn_obligation {
    KN_MUST = 1, /* 必填 */
    KN_MAY,      /* 选填 */
    KN_GIVEN,    /* 返填: the engine fills it; a sent value is ignored (msg.grey_field_policy) */
    KN_WHEN,     /* conditional: row's .when answers KN_MUST, KN_MAY or KN_NEVER */
    KN_NEVER,    /* must be empty here */
    KN_KEY,      /* 返填, but sent to name the document: never an error, never taken */
} kn_obligation;

typedef enum kn_field_type {
    KN_F_TEXT = 1, /* any text, min..max Unicode code points (CM-35) */
    KN_F_ALNUM,    /* A-Z a-z 0-9, min..max */
    KN_F_DIGITS,   /* 0-9, min..max */
    KN_F_DECIMAL, /* N..max,scale; at most max digits of which scale decimals; no sign, no exponent */
    KN_F_CODE,    /* value of .list, by code or by name */
    KN_F_DATE,    /* YYYY-MM-DD */
} kn_field_type;

/* Errors of one message; a table stops adding there (rows times fields can be many). */
#define KN_FIELD_ERRORS_MAX 1000

/* One thing that is wrong; collected into a GPtrArray owned by whoever made it. */
typedef struct kn_field_error {
    kn_error code;
    char *path;   /* "Declaration/Rows/Row[2]/bindObjectId" */
    char *rule;   /* "CK-B03" */
    char *detail; /* one Chinese sentence naming the field; no personal data */
    bool warning; /* reported, does not refuse */
} kn_field_error;

kn_field_error *kn_field_error_new(kn_error code, const char *path, const char *rule,
                                   const char *detail, bool warning);
void kn_field_error_free(kn_field_error *error);

/* How a group is read where the deployment may choose (CFG-17). */
enum {
    KN_SCOPE_CONVERT_FULLWIDTH = 1, /* msg.fullwidth = convert: full-width becomes half-width */
    KN_SCOPE_REFUSE_GREY = 2, /* msg.grey_field_policy = reject: a value in a G field is an error */
};

typedef struct kn_field_source kn_field_source;

/* What a row's functions may look at: values of this group, of the header group, handler's conf. */
typedef struct kn_field_scope {
    unsigned flags;                /* KN_SCOPE_* */
    const kn_field_source *source; /* set while a group is checked; for kn_field_given */
    const kn_codes *codes;
    const void *conf;     /* handler's conf struct */
    const json_t *values; /* values of this group accepted so far (rows before this one) */
    const json_t *parent; /* values of the enclosing group, or NULL */
} kn_field_scope;

typedef struct kn_field {
    const char *id;    /* requirement id; NULL ends the table */
    const char *name;  /* element's local name, and the member's name in the record body */
    const char *label; /* Chinese name as the catalogue prints it */
    kn_obligation need;
    kn_field_type type;
    int min, max, scale; /* KN_F_DECIMAL: min 1 = must be greater than 0 */
    const char *list;
    kn_obligation (*when)(const kn_field_scope *scope);
    /* Further check of an accepted value: KN_E_OK or the error; *warning makes it a warning. */
    kn_error (*check)(const kn_field_scope *scope, const char *value, bool *warning);
} kn_field;

/* Checks the children of node against rows.  Accepted, normalised values (trimmed; names turned into
 * codes; decimals without useless zeros) go into values (a JSON object, members in row order; empty
 * optional fields are left out).  Errors are appended to errors; path_prefix starts their paths. */
void kn_fields_check(const kn_field *rows, const kn_msg *msg, kn_node *node,
                     const char *path_prefix, kn_field_scope *scope, json_t *values,
                     GPtrArray *errors);

/* The same for values that are stored already (checked again before they leave the house). */
void kn_values_check(const kn_field *rows, const json_t *given, const char *path_prefix,
                     kn_field_scope *scope, json_t *values, GPtrArray *errors);
/* Something not empty was given in this group under this name, right or wrong: keeps an obligation
 * that hangs on a wrong field from becoming a second error.  Only inside .when and .check. */
bool kn_field_given(const kn_field_scope *scope, const char *name);

/* Start-time check of a table: ids, names and labels there, no name twice, limits in order, lists
 * known (codes may be NULL: not looked at).  false: KN_E_TABLE naming table and row. */
bool kn_fields_table_check(const char *table, const kn_field *rows, const kn_codes *codes,
                           GError **err);
/* Markdown table of a set of rows; free with g_free.  (struct kn_fieldset: kouan/handler.h) */
struct kn_fieldset;
char *kn_fields_markdown(const struct kn_fieldset *set);

/* Exact numbers: an accepted KN_F_DECIMAL ("12000", "2200.5") as a whole number of 10^-scale, scale 0 to 9,
 * and back without useless zeros.  false: not such a text, more decimals than scale, or too large. */
bool kn_decimal_read(const char *text, int scale, int64_t *out);
void kn_decimal_text(int64_t value, int scale, char out[32]);

/* Check digits and forms (pure; CODES §2, §3, §6, §7). */
bool kn_orgcode_ok(const char *code);
bool kn_uscc_ok(const char *code, bool embedded_too);
bool kn_container_ok(const char *number);
bool kn_plate_ok(const char *plate);
bool kn_customs10_ok(const char *code);

#endif
