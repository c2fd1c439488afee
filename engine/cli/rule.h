/* SPDX-License-Identifier: Apache-2.0 */
/* Rule of XML_SECURITY §3 that an error code stands for. */
#ifndef KOUAN_CLI_RULE_H
#define KOUAN_CLI_RULE_H

#include <kouan/error.h>

/* "" where the code stands for none. */
const char *kn_rule_of(kn_error code);

#endif
