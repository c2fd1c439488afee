/* SPDX-License-Identifier: Apache-2.0 */
/* Our XML schemas: loaded and linted at start, shared read-only by all lanes; rule V1.
 *
 * A schema file may import or include only files of the same folder, by base name; while loading,
 * the entity loader serves those from memory, afterwards it refuses everything.
 * source   XML_SECURITY §3 V1, §7
 */
#ifndef KOUAN_XML_SCHEMA_H
#define KOUAN_XML_SCHEMA_H

#include <glib.h>
#include <libxml/tree.h>
#include <stdbool.h>

typedef struct kn_xml kn_xml;
typedef struct kn_schema kn_schema;   /* one loaded XSD */
typedef struct kn_schemas kn_schemas; /* the set */

/* folder  directory of the *.xsd files
 * names   file names ("receipt.xsd"), NULL-ended; doubled names are loaded once
 * Single-threaded, after kn_xml_setup.  false: KN_E_CONFIG naming file and line, KN_E_IO. */
bool kn_schemas_load(const char *folder, const char *const *names, kn_schemas **out, GError **err);
/* Adds more files, also of another folder; the name must be new.  Before kn_xml_new. */
bool kn_schemas_add(kn_schemas *schemas, const char *folder, const char *const *names,
                    GError **err);
void kn_schemas_free(kn_schemas *schemas);

/* By file name; NULL when not loaded. */
const kn_schema *kn_schemas_get(const kn_schemas *schemas, const char *name);
/* The schema speaks of ds:Signature: validate with the Signature attached
 * (kn_xml_signature_attach), detach before reading.  All our own schemas answer true and accept
 * both, a document with and one without it. */
bool kn_schema_wants_signature(const kn_schema *schema);

/* Line of the schema file where a value may name a prefix (xs:QName, xs:NOTATION) or where another file is
 * taken in that nobody has looked through; 0 = nowhere.  Under profile w3c such a value would be unsigned
 * (XML_SECURITY §6). */
long kn_schema_names_in_values(const kn_schema *schema);
/* The file's name, borrowed; and the set by number, NULL past the end. */
const char *kn_schema_name(const kn_schema *schema);
const kn_schema *kn_schemas_at(const kn_schemas *schemas, size_t i);

/* V1: the tree against the schema; never creates defaults, follows no schemaLocation.
 * false: KN_E_XSD_INVALID with the first three violations (element names and lines, no values),
 * KN_E_XSD_ABORTED (the validator gave up), KN_E_ENGINE_ERROR. */
bool kn_xml_validate(kn_xml *xml, xmlDoc *doc, const kn_schema *schema, GError **err);

/* The same for the author of a document: each violation in libxml2's words, which quote values, so never
 * for a log or a receipt.  true: the validator came to its end, whatever it found. */
bool kn_xml_violations(kn_xml *xml, xmlDoc *doc, const kn_schema *schema,
                       void (*each)(void *data, const xmlNode *node, int line, const char *text),
                       void *data, GError **err);

/* How often something asked the closed loader for a file or URL since start (an alarm's number). */
unsigned kn_xml_loader_refusals(void);

#endif
