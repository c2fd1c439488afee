/* SPDX-License-Identifier: Apache-2.0 */
/* A shared object read as bytes: what it wants and what it shows, before anything of it runs.
 * shape    ELF, 64 bit, little endian, with section headers: what gcc and clang make on our machines
 * threads  any
 */
#ifndef KOUAN_REGISTRY_ELF_H
#define KOUAN_REGISTRY_ELF_H

#include <glib.h>
#include <stdbool.h>

#define KN_ELF_BYTES_MAX ((size_t)64 << 20)

typedef struct kn_elf {
    GPtrArray *wants;    /* char *: symbols it needs from others; weak ones left out */
    GPtrArray *shows;    /* char *: symbols others may use */
    GPtrArray *changing; /* char *: "name in .bss": data that can change at run time */
    bool runs_at_load;   /* constructors of its own */
} kn_elf;

/* false: KN_E_CONFIG with what is wrong about the file; path is only read. */
bool kn_elf_read(const char *path, kn_elf *out, GError **err);
void kn_elf_clear(kn_elf *elf);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_elf, kn_elf_clear)

#endif
