/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as text: hexadecimal, and UUIDs made from derived bytes (never from a random source). */
#ifndef KOUAN_BASE_HEX_H
#define KOUAN_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* out: 2 * len + 1 bytes, lower case. */
void kn_hex_encode(const uint8_t *bytes, size_t len, char *out);
/* text must be exactly 2 * len hexadecimal digits. */
bool kn_hex_decode(const char *text, uint8_t *out, size_t len);
/* GN-05: upper case, 36 characters, version 8 (RFC 9562: custom, derived), from 16 bytes. */
void kn_hex_uuid(const uint8_t bytes[16], char out[37]);
/* 36 characters, upper-case hexadecimal, hyphens in place. */
bool kn_hex_is_uuid(const char *text);

#endif
