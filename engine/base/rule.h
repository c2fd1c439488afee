/* SPDX-License-Identifier: Apache-2.0 */
/* Rule of XML_SECURITY §3, or requirement, that an error code stands for: the one table of it.
 * A handler names the rule of its refusal itself. */
#ifndef KOUAN_BASE_RULE_H
#define KOUAN_BASE_RULE_H

#include <kouan/error.h>

/* "" where the code stands for none. */
const char *kn_rule_of(kn_error code);

#endif
