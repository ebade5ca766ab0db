/* loader_read.c - the lists of a relocatable object, copied and checked. */
#include "loader_int.h"

#include <string.h>

MlcrtStatus rt_load_bad(RtLoad *l, const char *what)
{
    return rt_fail(l->err, MLCRT_EFORMAT, "the object is damaged: %s", what);
}

static bool inside(const RtLoad *l, uint64_t offset, uint64_t bytes)
{
    return offset <= l->size && bytes <= l->size - offset;
}

static MlcrtStatus read_head(RtLoad *l)
{
    Elf64_Ehdr *h = &l->head;
    if (l->size < sizeof *h)
        return rt_load_bad(l, "it is shorter than its header");
    memcpy(h, l->bytes, sizeof *h);
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 || h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB
        || h->e_type != ET_REL || h->e_machine != EM_X86_64)
        return rt_load_bad(l, "it is no relocatable ELF file for x86-64");
    if (h->e_shentsize != sizeof(Elf64_Shdr) || h->e_shnum == 0 || h->e_shnum >= SHN_LORESERVE)
        return rt_load_bad(l, "its list of sections is of an unknown form");
    if (!inside(l, h->e_shoff, (uint64_t)h->e_shnum * sizeof(Elf64_Shdr)))
        return rt_load_bad(l, "its list of sections is cut off");
    l->sections = rt_alloc(&l->alloc, h->e_shnum, sizeof *l->sections);
    l->place = rt_alloc(&l->alloc, h->e_shnum, sizeof *l->place);
    if (!l->sections || !l->place)
        return rt_fail_memory(l->err, (size_t)h->e_shnum * sizeof *l->sections);
    memcpy(l->sections, l->bytes + h->e_shoff, (size_t)h->e_shnum * sizeof *l->sections);
    for (unsigned i = 0; i < h->e_shnum; i++) {
        const Elf64_Shdr *s = &l->sections[i];
        l->place[i] = RT_NOWHERE;
        if (s->sh_type != SHT_NOBITS && s->sh_type != SHT_NULL && !inside(l, s->sh_offset, s->sh_size))
            return rt_load_bad(l, "a section is cut off");
    }
    return MLCRT_OK;
}

static MlcrtStatus read_strings(RtLoad *l, const Elf64_Shdr *table)
{
    if (table->sh_link >= l->head.e_shnum || l->sections[table->sh_link].sh_type != SHT_STRTAB)
        return rt_load_bad(l, "its symbols have no names");
    const Elf64_Shdr *s = &l->sections[table->sh_link];
    l->strings = (const char *)l->bytes + s->sh_offset;
    l->strings_size = s->sh_size;
    if (!s->sh_size || l->strings[s->sh_size - 1] != 0)
        return rt_load_bad(l, "its names have no end");
    return MLCRT_OK;
}

static MlcrtStatus read_symbols(RtLoad *l)
{
    const Elf64_Shdr *table = NULL;
    for (unsigned i = 0; i < l->head.e_shnum; i++)
        if (l->sections[i].sh_type == SHT_SYMTAB) {
            if (table)
                return rt_load_bad(l, "it has two lists of symbols");
            table = &l->sections[i];
        }
    if (!table)
        return rt_load_bad(l, "it has no list of symbols");
    if (table->sh_entsize != sizeof(Elf64_Sym) || table->sh_size % sizeof(Elf64_Sym) != 0)
        return rt_load_bad(l, "its list of symbols is of an unknown form");
    MlcrtStatus status = read_strings(l, table);
    if (status)
        return status;
    l->nsymbols = table->sh_size / sizeof(Elf64_Sym);
    l->symbols = rt_alloc(&l->alloc, l->nsymbols, sizeof *l->symbols);
    l->outside = rt_alloc(&l->alloc, l->nsymbols, 3 * sizeof *l->outside);
    if (!l->symbols || !l->outside)
        return rt_fail_memory(l->err, table->sh_size);
    l->thunk = l->outside + l->nsymbols;
    l->got = l->thunk + l->nsymbols;
    memset(l->outside, 0, l->nsymbols * sizeof *l->outside);
    memset(l->thunk, 0xFF, 2 * l->nsymbols * sizeof *l->thunk);
    if (l->nsymbols)
        memcpy(l->symbols, l->bytes + table->sh_offset, table->sh_size);
    for (size_t i = 0; i < l->nsymbols; i++)
        if (l->symbols[i].st_name >= l->strings_size)
            return rt_load_bad(l, "the name of a symbol lies outside");
    return MLCRT_OK;
}

MlcrtStatus rt_load_read(RtLoad *l)
{
    MlcrtStatus status = read_head(l);
    return status ? status : read_symbols(l);
}

void rt_load_drop(RtLoad *l)
{
    rt_free(&l->alloc, l->sections, l->head.e_shnum, sizeof *l->sections);
    rt_free(&l->alloc, l->place, l->head.e_shnum, sizeof *l->place);
    rt_free(&l->alloc, l->symbols, l->nsymbols, sizeof *l->symbols);
    rt_free(&l->alloc, l->outside, l->nsymbols, 3 * sizeof *l->outside);
}

const char *rt_load_section_name(const RtLoad *l, const Elf64_Shdr *s)
{
    if (l->head.e_shstrndx >= l->head.e_shnum)
        return "";
    const Elf64_Shdr *t = &l->sections[l->head.e_shstrndx];
    if (t->sh_type != SHT_STRTAB || s->sh_name >= t->sh_size)
        return "";
    const char *text = (const char *)l->bytes + t->sh_offset;
    return text[t->sh_size - 1] == 0 ? text + s->sh_name : "";
}
