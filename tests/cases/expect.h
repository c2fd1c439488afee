/* SPDX-License-Identifier: Apache-2.0 */
/* Compares a decision with what a case expects.  What is not expected must not be there: no record
 * written, no receipt, no onward message, no alarm, no field error beyond those named. */
#ifndef KOUAN_TEST_EXPECT_H
#define KOUAN_TEST_EXPECT_H

#include "support/case/case.h"

/* strict false (preludes): only the result's code. false: *why. */
bool kn_expect(kn_case_world *world, const json_t *want, const json_t *got, bool strict,
               char **why);

#endif
