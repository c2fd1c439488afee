/* SPDX-License-Identifier: Apache-2.0 */
/* The six types of a field: text in, normalised value or error out. */
#ifndef KOUAN_MACHINE_FIELD_TYPES_H
#define KOUAN_MACHINE_FIELD_TYPES_H

#include <kouan/field.h>

/* text   not empty, UTF-8
 * value  set on KN_E_OK only; g_free it */
kn_error kn_field_normalise(const kn_field *row, const kn_field_scope *scope, const char *text,
                            char **value);

#endif
