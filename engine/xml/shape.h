/* SPDX-License-Identifier: Apache-2.0 */
/* The signature's shape: rules S2..S9 on the tree, before any cryptography.
 * S1 (root known) is the caller's; whether the algorithm row is switched on is trust's.
 *
 * source   XML_SECURITY §2, §3 (S)
 */
#ifndef KOUAN_XML_SHAPE_H
#define KOUAN_XML_SHAPE_H

#include "base/alg.h"

#include <glib.h>
#include <libxml/tree.h>
#include <stdbool.h>
#include <stdint.h>

#define KN_CERT_TEXT_MAX 8192 /* characters of X509Certificate (S9) */

/* How a subtree becomes bytes. */
typedef struct kn_c14n_form {
    bool exclusive;  /* false: inclusive C14N 1.0; never with comments */
    char **prefixes; /* exclusive: InclusiveNamespaces PrefixList, NULL-ended; NULL = none */
} kn_c14n_form;

/* What a well-shaped signature says.  Nodes are borrowed from the tree; buffers are owned.
 * Zero-initialise; kn_shape_clear never touches the tree, so document and shape may go in any order. */
typedef struct kn_shape {
    xmlNode *root;
    xmlNode *signature;
    xmlNode *signed_info;
    xmlNode *after; /* sibling that followed the Signature, or NULL */
    bool detached;
    kn_profile profile;
    kn_alg alg;
    kn_c14n_form info_form;        /* of SignedInfo; eport: inclusive */
    kn_c14n_form doc_form;         /* of the document; eport: inclusive */
    xmlAttr *id;                   /* the root's Id, when the reference names it; else NULL */
    uint8_t digest[KN_DIGEST_MAX]; /* DigestValue */
    size_t digest_len;
    uint8_t value[KN_SIG_VALUE_MAX]; /* SignatureValue */
    size_t value_len;
    uint8_t
        *cert; /* DER as sent, may carry trailing bytes (K1); NULL: KeyName alone (key.by_name) */
    size_t cert_len;
    char *
        key_name; /* first KeyName, white space trimmed, at most 128 bytes; NULL = none; a hint only */
} kn_shape;

void kn_shape_clear(kn_shape *shape);

/* S2..S9 of profile eport.  out must be empty (zeroed or cleared).  false: the error of the first
 * rule that fails. */
bool kn_xml_shape(xmlDoc *doc, kn_shape *out, GError **err);
/* The same but for S8: after KN_E_SIG_VALUE_FORM, so that it can be told what the two values are instead
 * (trap.h).  digest and value stay empty; nothing may be accepted by it. */
bool kn_xml_shape_of_form(xmlDoc *doc, kn_shape *out, GError **err);
/* The same for profile w3c (XML_SECURITY §6): exclusive C14N, a second transform, "#id" of the root.
 * What is well-shaped for eport is so here too, but for SHA-1 rows and XSI attributes. */
bool kn_xml_shape_w3c(xmlDoc *doc, kn_shape *out, GError **err);
/* Whichever of the two the partner's entry asks for. */
bool kn_xml_shape_as(kn_profile profile, xmlDoc *doc, kn_shape *out, GError **err);
/* Any element of the signature namespace anywhere: the message must then pass kn_xml_shape. */
bool kn_xml_has_signature(const xmlDoc *doc);

/* Takes the Signature out of the root's children and puts it back in its place.  While detached it
 * hangs behind the root at document level, so it goes with the document and nobody who reads from
 * the root sees it.  Doing either twice is harmless. */
void kn_xml_signature_detach(kn_shape *shape);
void kn_xml_signature_attach(kn_shape *shape);

#endif
