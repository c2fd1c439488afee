/* SPDX-License-Identifier: Apache-2.0 */
/* The hash chain of a partition, byte for byte as docs/EVIDENCE.md has it.
 *
 * shape    entry: a first line, then one line a row: the incoming message, its history rows by number, its
 *          outgoing messages by index.  A line: "M" or "H", then fields "length:bytes," ("-," = none)
 *          link: SM3("kouan link 1\n", link before, SM3(entry)); before the first message 32 zero bytes
 * names    topics stand in it by name: ids are a matter of one database
 * threads  those of the buffers handed in
 */
#ifndef KOUAN_STORE_CHAIN_H
#define KOUAN_STORE_CHAIN_H

#include "base/sm3.h"
#include "store/store.h"

#define KN_CHAIN_FIRST "kouan entry 1\n"
#define KN_CHAIN_LINK "kouan link 1\n"

/* Empties entry and writes its first line. */
void kn_chain_begin(GString *entry);
/* Adds a row.  topic: where it came in; dest: where it goes, NULL for an incoming one.  The payload itself is
 * not looked at, its digest stands for it. */
void kn_chain_message(GString *entry, const kn_store_message *message, const char *topic,
                      const char *dest);
void kn_chain_history(GString *entry, const kn_store_history *row, const char *topic);
/* out may be before. */
void kn_chain_link(kn_sm3 *sm3, const uint8_t before[KN_SM3_BYTES],
                   const uint8_t of_entry[KN_SM3_BYTES], uint8_t out[KN_SM3_BYTES]);

#endif
