/* SPDX-License-Identifier: Apache-2.0 */
/* Writing files of the test PKI.  Inside of pki/ only. */
#ifndef KOUAN_PKI_FILE_H
#define KOUAN_PKI_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

bool kn_pki_write_text(const char *file, const char *text, size_t len, int mode, GError **err);

#endif
