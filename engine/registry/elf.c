/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/elf.h"

#include <elf.h>
#include <kouan/error.h>
#include <string.h>

/* What the compiler's own start files put into every shared object. */
#define START_DATA 8 /* __dso_handle in .data */
#define START_BSS 8  /* completed.0 in .bss, rounded up */
#define START_INIT 8 /* frame_dummy in .init_array */

typedef struct image {
    const char *bytes;
    size_t len;
    const Elf64_Shdr *sections;
    size_t n_sections;
    const char *names; /* of the sections */
    size_t names_len;
} image;

static const void *
part(const image *i, uint64_t at, uint64_t len)
{
    return at <= i->len && len <= i->len - at ? i->bytes + at : NULL;
}

/* A text of a string section; "" when it is not inside. */
static const char *
text_at(const char *strings, size_t len, size_t at)
{
    return at < len && memchr(strings + at, '\0', len - at) ? strings + at : "";
}

static bool
open_image(const char *bytes, size_t len, image *i)
{
    const Elf64_Ehdr *head = (const void *)bytes;
    const Elf64_Shdr *names;

    *i = (image){ .bytes = bytes, .len = len };
    if (len < sizeof *head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0
        || head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_ident[EI_DATA] != ELFDATA2LSB
        || head->e_type != ET_DYN || head->e_shentsize != sizeof(Elf64_Shdr)
        || head->e_shoff % sizeof(uint64_t) != 0)
        return false;
    i->n_sections = head->e_shnum;
    i->sections = part(i, head->e_shoff, i->n_sections * sizeof(Elf64_Shdr));
    if (!i->sections || head->e_shstrndx >= i->n_sections)
        return false;
    names = &i->sections[head->e_shstrndx];
    i->names = part(i, names->sh_offset, names->sh_size);
    i->names_len = names->sh_size;
    return i->names != NULL;
}

static const Elf64_Shdr *
section_of_type(const image *i, uint32_t type)
{
    for (size_t k = 0; k < i->n_sections; k++)
        if (i->sections[k].sh_type == type)
            return &i->sections[k];
    return NULL;
}

static const char *
section_name(const image *i, size_t k)
{
    return text_at(i->names, i->names_len, i->sections[k].sh_name);
}

typedef void (*on_symbol)(const image *i, const Elf64_Sym *symbol, const char *name, kn_elf *out);

static bool
walk(const image *i, const Elf64_Shdr *table, on_symbol each, kn_elf *out)
{
    const Elf64_Shdr *texts = table->sh_link < i->n_sections ? &i->sections[table->sh_link] : NULL;
    const char *strings = texts ? part(i, texts->sh_offset, texts->sh_size) : NULL;
    const Elf64_Sym *symbols = part(i, table->sh_offset, table->sh_size);

    if (!strings || !symbols || table->sh_offset % sizeof(uint64_t) != 0)
        return false;
    for (size_t k = 1; k < table->sh_size / sizeof *symbols; k++)
        each(i, &symbols[k], text_at(strings, texts->sh_size, symbols[k].st_name), out);
    return true;
}

static void
on_dynamic(const image *i, const Elf64_Sym *symbol, const char *name, kn_elf *out)
{
    unsigned bind = ELF64_ST_BIND(symbol->st_info);

    (void)i;
    if (symbol->st_shndx != SHN_UNDEF)
        g_ptr_array_add(out->shows, g_strdup(name));
    else if (bind == STB_GLOBAL)
        g_ptr_array_add(out->wants, g_strdup(name));
}

/* .data and .bss hold what can change; .data.rel.ro is only filled in by the loader. */
static bool
can_change(const char *section)
{
    return g_str_has_prefix(section, ".tdata") || g_str_has_prefix(section, ".tbss")
           || g_str_has_prefix(section, ".bss")
           || (g_str_has_prefix(section, ".data") && !g_str_has_prefix(section, ".data.rel.ro"));
}

static bool
of_start_files(const char *name)
{
    return strcmp(name, "__dso_handle") == 0 || strcmp(name, "__TMC_END__") == 0
           || g_str_has_prefix(name, "completed.");
}

static void
on_static(const image *i, const Elf64_Sym *symbol, const char *name, kn_elf *out)
{
    unsigned type = ELF64_ST_TYPE(symbol->st_info);

    if ((type != STT_OBJECT && type != STT_TLS) || symbol->st_shndx >= i->n_sections
        || of_start_files(name))
        return;
    if (can_change(section_name(i, symbol->st_shndx)))
        g_ptr_array_add(out->changing,
                        g_strdup_printf("%s in %s", name, section_name(i, symbol->st_shndx)));
}

/* Without a symbol table only the sizes can be judged. */
static void
judge_sizes(const image *i, kn_elf *out)
{
    for (size_t k = 0; k < i->n_sections; k++) {
        const char *name = section_name(i, k);
        uint64_t most = strcmp(name, ".data") == 0  ? START_DATA
                        : strcmp(name, ".bss") == 0 ? START_BSS
                                                    : 0;

        if (can_change(name) && i->sections[k].sh_size > most)
            g_ptr_array_add(out->changing, g_strdup_printf("%" G_GUINT64_FORMAT " bytes in %s",
                                                           i->sections[k].sh_size - most, name));
    }
}

static bool
read_image(const image *i, kn_elf *out)
{
    const Elf64_Shdr *dynamic = section_of_type(i, SHT_DYNSYM);
    const Elf64_Shdr *all = section_of_type(i, SHT_SYMTAB);
    const Elf64_Shdr *init = section_of_type(i, SHT_INIT_ARRAY);

    if (!dynamic || !walk(i, dynamic, on_dynamic, out))
        return false;
    out->runs_at_load = init && init->sh_size > START_INIT;
    if (!all)
        judge_sizes(i, out);
    return !all || walk(i, all, on_static, out);
}

void
kn_elf_clear(kn_elf *elf)
{
    GPtrArray **lists[] = { &elf->wants, &elf->shows, &elf->changing };

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_clear_pointer(lists[i], g_ptr_array_unref);
}

bool
kn_elf_read(const char *path, kn_elf *out, GError **err)
{
    g_autoptr(GMappedFile) file = NULL;
    g_autoptr(GError) why = NULL;
    g_auto(kn_elf) elf = { 0 };
    image i;

    file = g_mapped_file_new(path, FALSE, &why);
    if (!file)
        return kn_fail(err, KN_E_CONFIG, "%s", why->message);
    if (g_mapped_file_get_length(file) > KN_ELF_BYTES_MAX)
        return kn_fail(err, KN_E_CONFIG, "%s: longer than %zu bytes", path, KN_ELF_BYTES_MAX);
    elf.wants = g_ptr_array_new_with_free_func(g_free);
    elf.shows = g_ptr_array_new_with_free_func(g_free);
    elf.changing = g_ptr_array_new_with_free_func(g_free);
    if (!g_mapped_file_get_contents(file)
        || !open_image(g_mapped_file_get_contents(file), g_mapped_file_get_length(file), &i)
        || !read_image(&i, &elf))
        return kn_fail(err, KN_E_CONFIG, "%s: not a shared object of this machine's kind", path);
    *out = elf;
    elf = (kn_elf){ 0 };
    return true;
}
