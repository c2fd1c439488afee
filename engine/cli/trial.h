/* SPDX-License-Identifier: Apache-2.0 */
/* Trial: the configuration as it stands, but for a handler or schema that is tried instead.
 * The changed file lies beside the real one while the trial lives, since paths count from its folder.
 * errors   KN_E_CONFIG, KN_E_IO */
#ifndef KOUAN_CLI_TRIAL_H
#define KOUAN_CLI_TRIAL_H

#include <glib.h>
#include <stdbool.h>

typedef struct kn_trial kn_trial;

/* with: NULL-ended list of *.so and *.xsd, or NULL: nothing is changed. */
bool kn_trial_make(const char *config, char **with, kn_trial **out, GError **err);
const char *kn_trial_config(const kn_trial *trial); /* file to load; borrowed */
void kn_trial_free(kn_trial *trial);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_trial, kn_trial_free)

#endif
