/* SPDX-License-Identifier: Apache-2.0 */
/* xmlsec1 as the verifier of profile w3c and as the second opinion on eport, behind our gate and under
 * allow-lists.  A library of its own (kn_xmlsec): programs that do not link it carry nothing of xmlsec1.
 *
 * threads  kn_xmlsec_setup once in main before threads start; kn_xmlsec_verify from any thread
 * source   XML_SECURITY §4, §6, §8, §9; xmlsec1 1.2.37
 */
#ifndef KOUAN_XML_XMLSEC_H
#define KOUAN_XML_XMLSEC_H

#include "xml/verify.h"

/* After kn_xml_setup, before schemas are loaded.  Calling it again does nothing.
 * Order: xmlSecInit replaces libxml2's entity loader and makes the lists; our classes enter them before
 * the stock ones, because the first with a URI wins; then our closed loader is put back.
 * false: KN_E_ENGINE_ERROR. */
bool kn_xmlsec_setup(GError **err);

/* A kn_verifier.  Context without keys manager, the pinned key borrowed from the caller, one C14N, one
 * signature and one digest method allowed, reference URIs only as the shape has them, manifests ignored;
 * good means succeeded with exactly one reference that succeeded too.  KeyInfo is never looked at.
 * false: KN_E_SIG_BAD naming where xmlsec1 stopped (its own names, nothing of the message), ENGINE_ERROR. */
bool kn_xmlsec_verify(xmlDoc *doc, const kn_shape *shape, EVP_PKEY *pinned, GError **err);

#endif
