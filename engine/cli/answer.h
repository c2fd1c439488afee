/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt or dead letter as facts, and as text for a person.  Nothing is verified here. */
#ifndef KOUAN_CLI_ANSWER_H
#define KOUAN_CLI_ANSWER_H

#include "xml/open.h"

#include <jansson.h>
#include <kouan/error.h>
#include <stdio.h>

/* A receipt, bare or in a shell: {guid, kind, answers, type, final, keys {}, returnStatus, returnTime,
 * returnInfo, resultCode, errorName, rule, field, detail, errors [{path, rule, code, name, text, detail,
 * warning}], finding {}, trap {name, text}, state {code, name, label}, actions [], cardNo, body}; what it
 * lacks is left out.
 * false: it cannot be read. */
bool kn_answer_read(kn_xml *xml, const char *bytes, size_t len, json_t **out, GError **err);
/* {kind "dead", answers, errorName, resultCode, returnInfo, detail, ...} from a dead letter's JSON. */
bool kn_answer_dead_letter(const char *bytes, size_t len, json_t **out, GError **err);
/* resultCode is 0000. */
bool kn_answer_accepted(const json_t *answer);
/* Several lines, the later ones indented. */
void kn_answer_print(FILE *to, const json_t *answer);

#endif
