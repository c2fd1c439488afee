/* SPDX-License-Identifier: Apache-2.0 */
/* A row of the ledger (store/parked.h) in words. */
#ifndef KOUAN_CLI_PARKED_H
#define KOUAN_CLI_PARKED_H

#include <jansson.h>
#include <stdbool.h>

/* "released by X at …: why" when it is closed, else NULL; free with g_free. */
char *kn_parked_closed(const json_t *row);
/* The action with this guid moved it. */
bool kn_parked_has_act(const json_t *row, const char *guid);
/* One row, or a list of them, on stdout. */
void kn_parked_print(const json_t *rows);

#endif
