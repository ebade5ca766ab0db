/* be_merge.c - the objects of the modules of one compile as one relocatable ELF file.
 *
 * Sections stay as they are, one after the other; symbols become one list in which a name that one module needs and another one has is
 * one symbol. Hidden names, through which modules call each other, become local: two objects in a program may have equal ones.
 */
#include <elf.h>
#include <string.h>

#include "backend/be_int.h"

typedef struct In {
    const unsigned char *p;
    Elf64_Ehdr head;
    Elf64_Shdr *sections;
    const char *names;      /* of sections */
    Elf64_Sym *symbols;
    const char *strings;    /* names of symbols */
    int nsymbols;
    uint32_t *section, *symbol; /* old number -> new one */
} In;

typedef struct Out { Be *be; VEC(Elf64_Shdr) sections; VEC(const unsigned char *) contents; VEC(Elf64_Sym) symbols; Buf strings; Map defined; /* name -> its number */ } Out;

static uint32_t add_string(Out *o, const char *s)
{
    uint32_t at = (uint32_t)o->strings.n;
    if (!*s)
        return 0;
    buf_add(&o->strings, s, strlen(s) + 1);
    return at;
}

/* LLVM wrote it: what it says is so. */
static void open_in(Be *be, In *in, LLVMMemoryBufferRef object)
{
    in->p = (const unsigned char *)LLVMGetBufferStart(object);
    memcpy(&in->head, in->p, sizeof in->head);
    in->sections = arena_copy(be->a, in->p + in->head.e_shoff, in->head.e_shnum * sizeof(Elf64_Shdr));
    in->names = (const char *)in->p + in->sections[in->head.e_shstrndx].sh_offset;
    in->section = NEWN(be->a, uint32_t, in->head.e_shnum);
    for (int i = 0; i < in->head.e_shnum; i++) {
        const Elf64_Shdr *s = &in->sections[i];
        if (s->sh_type != SHT_SYMTAB)
            continue;
        in->nsymbols = (int)(s->sh_size / sizeof(Elf64_Sym));
        in->symbols = arena_copy(be->a, in->p + s->sh_offset, s->sh_size);
        in->strings = (const char *)in->p + in->sections[s->sh_link].sh_offset;
    }
    in->symbol = NEWN(be->a, uint32_t, in->nsymbols + 1);
}

static uint32_t add_section(Out *o, Elf64_Shdr s, const char *name, const unsigned char *content)
{
    s.sh_name = add_string(o, name);
    vec_push(o->be->a, &o->sections, s);
    vec_push(o->be->a, &o->contents, content);
    return (uint32_t)o->sections.n - 1;
}

/* Relocations come later, when the symbols have their numbers. */
static void take_sections(Out *o, In *in, bool first)
{
    for (int i = 1; i < in->head.e_shnum; i++) {
        const Elf64_Shdr *s = &in->sections[i];
        const char *name = in->names + s->sh_name;
        bool list = s->sh_type == SHT_SYMTAB || s->sh_type == SHT_STRTAB || s->sh_type == SHT_RELA;
        if (list || (!first && !(s->sh_flags & SHF_ALLOC))) /* notes that are for the whole object */
            continue;
        if (s->sh_link || s->sh_type == SHT_GROUP)
            be_fail(o->be, "internal: section '%s' of an object refers to another one", name);
        in->section[i] = add_section(o, *s, name, in->p + s->sh_offset);
    }
}

static uint32_t add_symbol(Out *o, const In *in, Elf64_Sym s)
{
    s.st_name = add_string(o, in->strings + s.st_name);
    if (s.st_shndx != SHN_UNDEF && s.st_shndx < SHN_LORESERVE)
        s.st_shndx = (uint16_t)in->section[s.st_shndx];
    vec_push(o->be->a, &o->symbols, s);
    return (uint32_t)o->symbols.n - 1;
}

static bool is_local(const Elf64_Sym *s) { return ELF64_ST_BIND(s->st_info) == STB_LOCAL; }
static bool is_hidden(const Elf64_Sym *s) { return ELF64_ST_VISIBILITY(s->st_other) == STV_HIDDEN && s->st_shndx != SHN_UNDEF; }
static Name key_of(const Out *o, const In *in, const Elf64_Sym *s) { return name_of(o->be->ir->names, in->strings + s->st_name); }

/* The ones that were local, or hidden. */
static void take_locals(Out *o, In *in, bool first)
{
    for (int i = 1; i < in->nsymbols; i++) {
        Elf64_Sym s = in->symbols[i];
        bool file = ELF64_ST_TYPE(s.st_info) == STT_FILE;
        if (is_local(&s) && (!file || first)) {
            in->symbol[i] = add_symbol(o, in, s);
        } else if (!is_local(&s) && is_hidden(&s)) {
            s.st_info = ELF64_ST_INFO(STB_LOCAL, ELF64_ST_TYPE(s.st_info));
            s.st_other = STV_DEFAULT;
            in->symbol[i] = add_symbol(o, in, s);
            map_put(&o->defined, key_of(o, in, &s), (void *)(uintptr_t)in->symbol[i]);
        }
    }
}

static void take_globals(Out *o, In *in)
{
    for (int i = 1; i < in->nsymbols; i++)
        if (!is_local(&in->symbols[i]) && !is_hidden(&in->symbols[i]) && in->symbols[i].st_shndx != SHN_UNDEF) {
            in->symbol[i] = add_symbol(o, in, in->symbols[i]);
            map_put(&o->defined, key_of(o, in, &in->symbols[i]), (void *)(uintptr_t)in->symbol[i]);
        }
}

static void take_needed(Out *o, In *in)
{
    for (int i = 1; i < in->nsymbols; i++) {
        const Elf64_Sym *s = &in->symbols[i];
        if (is_local(s) || s->st_shndx != SHN_UNDEF)
            continue;
        Name key = key_of(o, in, s);
        uint32_t known = (uint32_t)(uintptr_t)map_find(&o->defined, key);
        if (!known) {
            known = add_symbol(o, in, *s);
            map_put(&o->defined, key, (void *)(uintptr_t)known);
        }
        in->symbol[i] = known;
    }
}

static void take_relocations(Out *o, In *in, uint32_t symtab)
{
    for (int i = 1; i < in->head.e_shnum; i++) {
        Elf64_Shdr s = in->sections[i];
        if (s.sh_type != SHT_RELA || !in->section[s.sh_info])
            continue;
        Elf64_Rela *r = arena_copy(o->be->a, in->p + s.sh_offset, s.sh_size);
        for (size_t k = 0; k < s.sh_size / sizeof *r; k++)
            r[k].r_info = ELF64_R_INFO((uint64_t)in->symbol[ELF64_R_SYM(r[k].r_info)], ELF64_R_TYPE(r[k].r_info));
        s.sh_info = in->section[s.sh_info];
        s.sh_link = symtab;
        add_section(o, s, in->names + in->sections[i].sh_name, (const unsigned char *)r);
    }
}

static void pad(Buf *b, uint64_t align)
{
    static const char zeros[64];
    while (align && b->n % align) {
        size_t n = align - b->n % align;
        buf_add(b, zeros, n < sizeof zeros ? n : sizeof zeros);
    }
}

static void write_out(Out *o, const In *first, uint32_t strtab, BeResult *out)
{
    Elf64_Ehdr head = first->head;
    Buf b = buf_new(o->be->a);
    buf_add(&b, (const char *)&head, sizeof head);
    for (int i = 1; i < o->sections.n; i++) {
        Elf64_Shdr *s = &o->sections.p[i];
        pad(&b, s->sh_addralign);
        s->sh_offset = b.n;
        if (s->sh_type != SHT_NOBITS)
            buf_add(&b, (const char *)o->contents.p[i], s->sh_size);
    }
    pad(&b, 8);
    head.e_shoff = b.n;
    head.e_shnum = (uint16_t)o->sections.n;
    head.e_shstrndx = (uint16_t)strtab;
    buf_add(&b, (const char *)o->sections.p, sizeof(Elf64_Shdr) * (size_t)o->sections.n);
    memcpy(b.p, &head, sizeof head);
    out->object = (const unsigned char *)b.p;
    out->size = b.n;
}

/* The list of symbols and their names, whose contents are known when all of them are. */
static void finish_lists(Out *o, uint32_t symtab, uint32_t strtab, int locals)
{
    Elf64_Shdr *s = &o->sections.p[symtab];
    s->sh_size = sizeof(Elf64_Sym) * (size_t)o->symbols.n;
    s->sh_link = strtab;
    s->sh_info = (uint32_t)locals;
    o->contents.p[symtab] = (const unsigned char *)o->symbols.p;
    o->sections.p[strtab].sh_size = o->strings.n;
    o->contents.p[strtab] = (const unsigned char *)o->strings.p;
}

static void merge(Out *o, In *in, int n, BeResult *out)
{
    Elf64_Shdr none = { 0 }, symtab = { .sh_type = SHT_SYMTAB, .sh_addralign = 8, .sh_entsize = sizeof(Elf64_Sym) };
    Elf64_Sym nothing = { 0 };
    buf_putc(&o->strings, 0);
    add_section(o, none, "", NULL);
    vec_push(o->be->a, &o->symbols, nothing);
    for (int i = 0; i < n; i++)
        take_sections(o, &in[i], i == 0);
    for (int i = 0; i < n; i++)
        take_locals(o, &in[i], i == 0);
    int locals = o->symbols.n;
    for (int i = 0; i < n; i++)
        take_globals(o, &in[i]);
    for (int i = 0; i < n; i++)
        take_needed(o, &in[i]);
    uint32_t list = add_section(o, symtab, ".symtab", NULL);
    for (int i = 0; i < n; i++)
        take_relocations(o, &in[i], list);
    uint32_t text = add_section(o, (Elf64_Shdr){ .sh_type = SHT_STRTAB, .sh_addralign = 1 }, ".strtab", NULL);
    finish_lists(o, list, text, locals);
    if (o->sections.n >= SHN_LORESERVE)
        be_fail(o->be, "the program is too large for one object file: it has %d parts", o->sections.n);
    else
        write_out(o, &in[0], text, out);
}

bool be_merge(Be *be, BeResult *out)
{
    int n = be->whole->modules.n;
    Out o = { .be = be, .strings = buf_new(be->a), .defined = map_new(be->a) };
    In *in = NEWN(be->a, In, n);
    for (int i = 0; i < n; i++)
        open_in(be, &in[i], be->whole->modules.p[i]->object);
    merge(&o, in, n, out);
    return !be->whole->failed;
}
