/* SPDX-License-Identifier: Apache-2.0 */
/* A document's content before anybody signs it: schema, field rows, code tables, all errors at once.  The
 * handler itself is entered, in a world without records and with the card that the head names.
 */
#ifndef KOUAN_CLI_CONTENT_H
#define KOUAN_CLI_CONTENT_H

#include "cli/rules.h"
#include "xml/open.h"

#include <jansson.h>

/* {good, type, guid, errors [{rule, error, code, text, path, detail, line, warning}], notes []}; never NULL.
 * bytes: bare or in a shell, signed or not. */
json_t *kn_content_check(kn_xml *xml, const kn_rules *rules, const char *bytes, size_t len,
                         int64_t now_ms);
/* The XML declaration names a charset of the GB family, as a route of such a partner wants it. */
bool kn_content_says_gb(const char *bytes, size_t len);

#endif
