/* SPDX-License-Identifier: Apache-2.0 */
/* Signed messages for people, tests, the demonstration and the bench: a JSON body in, the bytes of a
 * bare message or of a shell out.  Keys come from a folder made by `kouan pki`.
 *
 * shape    a body is an object of the children of the root in the order of the schema; null members
 *          are left out, arrays repeat their element; {n} in a text becomes the order's number, {n5}
 *          the same with five digits
 * threads  a kn_make belongs to one thread
 * errors   KN_E_IO, KN_E_USAGE (no such card, path, template), KN_E_CONFIG (a key), KN_E_ENGINE_ERROR
 */
#ifndef KOUAN_CLI_MAKE_H
#define KOUAN_CLI_MAKE_H

#include <glib.h>
#include <jansson.h>
#include <kouan/error.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct kn_make kn_make;

/* folder: of pki.json */
bool kn_make_open(const char *folder, kn_make **out, GError **err);
void kn_make_free(kn_make *make);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_make, kn_make_free)

/* A document type we can make without being told how. */
typedef struct kn_make_template {
    const char *type; /* root's local name; NULL ends the table */
    const char *ns;
    const char *prefix;
    const char *body; /* JSON */
} kn_make_template;

extern const kn_make_template kn_make_templates[];
/* NULL when there is none. */
const kn_make_template *kn_make_template_of(const char *type);
/* A fresh copy of a template's body. */
json_t *kn_make_body(const kn_make_template *from);
/* Sets Declaration/Rows/Row[2]/remark; counted from 1; a row behind the last one begins as a copy of
 * the last one.  value NULL: left out.  false: KN_E_USAGE. */
bool kn_make_set(json_t *body, const char *path, const char *value, GError **err);

/* Card by number, or by its place in the index ("1"..); NULL when there is none.  Members: number,
 * class, orgcode, uscc, enterprise. Borrowed. */
const json_t *kn_make_card(const kn_make *make, const char *which);
/* The operator card of the enterprise with this place ("1"..) or organisation code; NULL = none. */
const json_t *kn_make_operator(const kn_make *make, const char *enterprise);
/* Organisation code by place ("1"..); the text itself when it is longer than two characters. */
const char *kn_make_orgcode(const char *enterprise);

/* Everything is borrowed for the call. */
typedef struct kn_make_order {
    const char *type, *ns, *prefix;
    const json_t *body;
    const char *partner; /* signs: the shell, or the bare message */
    bool bare;
    const json_t *card;   /* signs the business message inside a shell; NULL = nobody does */
    const char *owner;    /* organisation code; NULL = the card's; "" = none */
    const char *receiver; /* id of the engine */
    const char *guid;     /* NULL = random */
    int64_t time_ms;      /* 0 = now */
    int64_t n;            /* for {n} */
} kn_make_order;

typedef struct kn_made {
    char *guid, *type, *sender, *key;
    GString *bytes;
    char digest[64]; /* DigestValue of the business message; "" when it is not signed */
} kn_made;

void kn_made_clear(kn_made *made);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_made, kn_made_clear)

/* out must be empty. */
bool kn_make_message(kn_make *make, const kn_make_order *order, kn_made *out, GError **err);

#endif
