/* SPDX-License-Identifier: Apache-2.0 */
/* A handler on the bench: message and records in, decision out; no broker, no database.
 * Shape of the data: tests/cases/README.md. */
#ifndef KOUAN_TEST_CASE_H
#define KOUAN_TEST_CASE_H

#include <jansson.h>
#include <kouan/registry.h>
#include <libxml/tree.h>

typedef struct kn_case_world kn_case_world;

/* --- message (case_xml.c) ------------------------------------------------------------------------ */

/* Variables of a case: "${name}" in an edit's value. */
typedef const char *(*kn_case_var)(void *arg, const char *name);

/* A base message with its edits; elements left empty are taken out unless keep_empty.
 * NULL: *why says what is wrong with the case. */
xmlDoc *kn_case_message(const char *path, const json_t *edits, bool keep_empty, kn_case_var var,
                        void *arg, char **why);
/* Text with variables put in; g_free it.  NULL: unknown variable. */
char *kn_case_expand(const char *text, kn_case_var var, void *arg);
/* Against an XSD: true, or false with the first violation in *why. */
bool kn_case_valid(xmlDoc *doc, const char *xsd, char **why);

/* Every message to customs of a decision, written as the engine writes it, against the XSD. */
bool kn_case_onward_valid(const json_t *decision, const char *xsd, char **why);

/* --- world (case_rig.c) -------------------------------------------------------------------------- */

/* Records, counters, options and variables of one case.  folder: tests/cases/<handler>; schemas: folder
 * of its XSDs.
 * conf: {"ck.plate_check": "strict"} or NULL.  NULL: *why. */
kn_case_world *kn_case_world_new(const kn_handler *handler, const kn_codes *codes,
                                 const char *folder, const char *schemas, const json_t *speakers,
                                 const json_t *conf, char **why);
void kn_case_world_free(kn_case_world *world);
void kn_case_world_counters(kn_case_world *world, const json_t *counters, int slot);

/* One step: the decision as JSON (kn_decision_json), with "xsd": text when the schema refused the
 * message and the handler never saw it.  Effects are kept in the world.  Decides twice: all records
 * known at once, and entered again after waiting, with bodies in another member order; a difference
 * is an error.  NULL: *why. */
json_t *kn_case_step(kn_case_world *world, const json_t *step, char **why);
/* Body of a record of the world, or NULL; borrowed. */
const json_t *kn_case_record(kn_case_world *world, const char *kind, const char *key);
const char *kn_case_variable(kn_case_world *world, const char *name);

#endif
