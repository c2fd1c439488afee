/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler may call: the names and patterns of pure-allow.txt, ended by NULL. */
#ifndef KOUAN_REGISTRY_PURE_H
#define KOUAN_REGISTRY_PURE_H

extern const char *const kn_pure_allowed[];

#endif
