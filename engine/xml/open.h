/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to tree: rules X1..X6, and the reused contexts of one lane.
 *
 * threads  kn_xml_setup once in main before threads start; a kn_xml belongs to one lane
 * source   XML_SECURITY §3 (X), §7
 */
#ifndef KOUAN_XML_OPEN_H
#define KOUAN_XML_OPEN_H

#include "xml/schema.h"

/* Limits of XML_SECURITY §7; characters are code points. */
typedef struct kn_xml_limits {
    size_t max_bytes;      /* msg.max_bytes, 1 MiB */
    size_t max_tag_bytes;  /* xml.max_tag_bytes, 16384 */
    size_t max_tag_values; /* quoted values per tag, 96 */
    size_t max_depth;      /* xml.max_depth, 64; at most KN_XML_DEPTH_CEILING */
    size_t max_attrs;      /* xml.max_attrs, 64 per element */
    size_t max_ns_scope; /* xml.max_ns_scope, 16 declarations in scope; at most KN_XML_NS_CEILING */
    size_t max_elements; /* xml.max_elements, 65536 */
    size_t max_text;     /* xml.max_text, 8192 characters of text per element */
    size_t max_attr_value; /* xml.max_attr_value, 1024 characters */
} kn_xml_limits;

#define KN_XML_DEPTH_CEILING 250
#define KN_XML_NS_CEILING 64

extern const kn_xml_limits kn_xml_limits_default;

/* Initialises libxml2 (catalogs off, entity loader closed) and fetches digests from OpenSSL.
 * Calling it again does nothing.  false: KN_E_ENGINE_ERROR. */
bool kn_xml_setup(GError **err);

/* schemas is borrowed and outlives the kn_xml; NULL when nothing is validated.
 * limits are copied; NULL = defaults.  Never NULL. */
kn_xml *kn_xml_new(const kn_xml_limits *limits, const kn_schemas *schemas);
void kn_xml_free(kn_xml *xml);

/* Parses one document.  The tree holds elements, attributes and text only: comments are dropped,
 * CDATA is text, neighbouring text is one node.
 *
 * bytes    not changed, not kept
 * gb18030  the route's charset: the declaration must say GB2312, GBK or GB18030 (rule X2)
 * out      free with xmlFreeDoc; may outlive the kn_xml
 * false:   KN_E_XML_TOO_BIG, _CHARSET, _ENCODING, _DOCTYPE, _PI, _TAG_LIMIT, _MALFORMED,
 *          _NS_RELATIVE, _LIMIT (text names the key), ENGINE_ERROR */
bool kn_xml_open(kn_xml *xml, const char *bytes, size_t len, bool gb18030, xmlDoc **out,
                 GError **err);

#endif
