/* loader.c - from an ELF64 relocatable object to code that runs.
 *
 *     one mapping:  [ code, thunks | constants, pointers (GOT) | data ]     first all writable, then r-x, r--, rw-
 *
 * The object may come from a cache or a helper process that was killed half way, so nothing in it is believed: every offset is
 * checked before it is used. Source: System V ABI, AMD64 supplement 1.0, chapter 4 (object files, relocation types).
 */
#define _GNU_SOURCE
#include "loader_int.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mlcrt.h"

enum { THUNK = 16, POINTER = 8 };
#define MOST (UINT64_C(1) << 30)
#ifndef R_X86_64_REX_GOTPCRELX
#define R_X86_64_GOTPCRELX 41
#define R_X86_64_REX_GOTPCRELX 42
#endif

typedef struct Name { const char *text; void *address; } Name;

struct RtObject {
    MlcrtAlloc alloc;
    char *memory;
    size_t memory_size;
    Name *names;
    char *text;
    size_t count, names_room, text_room;
};

/* ---- relocations, twice: what they need, and what they write ------------------------------------------------ */

typedef struct Fix { uint32_t type, symbol, section; uint64_t offset; int64_t addend; } Fix;
typedef MlcrtStatus FixDo(RtLoad *l, const Fix *f);

static bool is_got(uint32_t type)
{
    return type == R_X86_64_GOTPCREL || type == R_X86_64_GOTPCRELX || type == R_X86_64_REX_GOTPCRELX;
}

static int width_of(uint32_t type)
{
    switch (type) {
    case R_X86_64_64: case R_X86_64_PC64: return 8;
    case R_X86_64_PC32: case R_X86_64_PLT32: return 4;
    default: return is_got(type) ? 4 : 0;
    }
}

static MlcrtStatus check_fix(RtLoad *l, const Fix *f)
{
    const Elf64_Shdr *target = &l->sections[f->section];
    int width = width_of(f->type);
    if (!width)
        return rt_fail(l->err, MLCRT_EFORMAT, "the object has a relocation of type %u, which is not known", f->type);
    if (target->sh_type == SHT_NOBITS || f->offset > target->sh_size || target->sh_size - f->offset < (uint64_t)width)
        return rt_load_bad(l, "a relocation lies outside its section");
    if (f->symbol == 0 || f->symbol >= l->nsymbols)
        return rt_load_bad(l, "a relocation has no symbol");
    const Elf64_Sym *s = &l->symbols[f->symbol];
    if (s->st_shndx == SHN_UNDEF || s->st_shndx == SHN_ABS)
        return MLCRT_OK;
    if (s->st_shndx >= l->head.e_shnum || l->place[s->st_shndx] == RT_NOWHERE)
        return rt_load_bad(l, "a symbol is in a section that is not loaded");
    if (s->st_value > l->sections[s->st_shndx].sh_size)
        return rt_load_bad(l, "a symbol lies outside its section");
    return MLCRT_OK;
}

static MlcrtStatus each_fix_of(RtLoad *l, const Elf64_Shdr *r, FixDo *act)
{
    if (r->sh_entsize != sizeof(Elf64_Rela) || r->sh_size % sizeof(Elf64_Rela) != 0)
        return rt_load_bad(l, "a list of relocations is of an unknown form");
    for (uint64_t at = 0; at < r->sh_size; at += sizeof(Elf64_Rela)) {
        Elf64_Rela e;
        memcpy(&e, l->bytes + r->sh_offset + at, sizeof e);
        Fix f = { (uint32_t)ELF64_R_TYPE(e.r_info), (uint32_t)ELF64_R_SYM(e.r_info), r->sh_info, e.r_offset, e.r_addend };
        if (f.type == R_X86_64_NONE)
            continue;
        MlcrtStatus status = check_fix(l, &f);
        if (!status)
            status = act(l, &f);
        if (status)
            return status;
    }
    return MLCRT_OK;
}

static MlcrtStatus each_fix(RtLoad *l, FixDo *act)
{
    for (unsigned i = 0; i < l->head.e_shnum; i++) {
        const Elf64_Shdr *r = &l->sections[i];
        if (r->sh_type != SHT_RELA && r->sh_type != SHT_REL)
            continue;
        if (r->sh_info >= l->head.e_shnum)
            return rt_load_bad(l, "relocations are for a section that is not there");
        if (l->place[r->sh_info] == RT_NOWHERE)
            continue;
        MlcrtStatus status = r->sh_type == SHT_REL ? rt_load_bad(l, "relocations have no addends") : each_fix_of(l, r, act);
        if (status)
            return status;
    }
    return MLCRT_OK;
}

/* ---- undefined symbols -------------------------------------------------------------------------------------- */

#define SYMBOL(name) { #name, (void *)(uintptr_t)name }
static const RtSymbol known[] = {
    SYMBOL(memcpy), SYMBOL(memmove), SYMBOL(memset), SYMBOL(mlcrt_invoke), SYMBOL(mlcrt_handle_new),
    SYMBOL(mlcrt_handle_from_tensors), SYMBOL(mlcrt_handle_load), SYMBOL(mlcrt_handle_save), SYMBOL(mlcrt_handle_copy),
    SYMBOL(mlcrt_handle_free), SYMBOL(mlcrt_handle_number), SYMBOL(mlcrt_handle_get), SYMBOL(mlcrt_handle_view),
    SYMBOL(mlcrt_handle_field), SYMBOL(mlcrt_handle_set_field), { NULL, NULL },
};
#undef SYMBOL

static void *look_up(const RtSymbol *list, const char *name)
{
    for (; list && list->name; list++)
        if (strcmp(list->name, name) == 0)
            return list->address;
    return NULL;
}

static MlcrtStatus resolve(RtLoad *l, uint32_t symbol)
{
    const Elf64_Sym *s = &l->symbols[symbol];
    if (s->st_shndx != SHN_UNDEF || l->outside[symbol])
        return MLCRT_OK;
    const char *name = l->strings + s->st_name;
    void *address = look_up(l->given, name);
    if (!address)
        address = look_up(known, name);
    if (!address)
        return rt_fail(l->err, MLCRT_EFORMAT, "the object needs '%s', which it may not use", rt_shown(name, strlen(name)).text);
    l->outside[symbol] = (uint64_t)(uintptr_t)address;
    return MLCRT_OK;
}

/* ---- layout --------------------------------------------------------------------------------------------------- */

/* Constants that hold addresses are writable for a linker only. */
static RtPart part_of(const RtLoad *l, const Elf64_Shdr *s)
{
    if (s->sh_flags & SHF_EXECINSTR)
        return RT_CODE;
    return (s->sh_flags & SHF_WRITE) && strncmp(rt_load_section_name(l, s), ".data.rel.ro", 12) != 0 ? RT_DATA : RT_CONSTANTS;
}

/* Unwind tables and notes are for debuggers and linkers. */
static bool is_wanted(const RtLoad *l, const Elf64_Shdr *s)
{
    enum { UNWIND = 0x70000001 };
    return (s->sh_flags & SHF_ALLOC) && s->sh_size && s->sh_type != SHT_NOTE && s->sh_type != UNWIND
           && strcmp(rt_load_section_name(l, s), ".eh_frame") != 0;
}

static MlcrtStatus check_section(RtLoad *l, const Elf64_Shdr *s)
{
    if (s->sh_type != SHT_PROGBITS && s->sh_type != SHT_NOBITS)
        return rt_load_bad(l, "a section that is to be loaded is of an unknown type");
    if (s->sh_flags & (SHF_TLS | SHF_COMPRESSED))
        return rt_load_bad(l, "a section is thread-local or compressed");
    if ((s->sh_flags & SHF_WRITE) && (s->sh_flags & SHF_EXECINSTR))
        return rt_load_bad(l, "a section is writable and executable");
    if (s->sh_addralign > 4096 || (s->sh_addralign & (s->sh_addralign - 1)))
        return rt_load_bad(l, "a section has an unknown alignment");
    return MLCRT_OK;
}

static MlcrtStatus place_part(RtLoad *l, RtPart part, uint64_t *at)
{
    for (unsigned i = 0; i < l->head.e_shnum; i++) {
        const Elf64_Shdr *s = &l->sections[i];
        if (!is_wanted(l, s) || part_of(l, s) != part)
            continue;
        MlcrtStatus status = check_section(l, s);
        if (status)
            return status;
        uint64_t align = s->sh_addralign ? s->sh_addralign : 1;
        *at = (*at + align - 1) & ~(align - 1);
        l->place[i] = *at;
        if (*at > MOST || s->sh_size > MOST - *at)
            return rt_fail(l->err, MLCRT_ELIMIT, "the object has more than 1 GiB of code and data");
        *at += s->sh_size;
    }
    return MLCRT_OK;
}

static MlcrtStatus count_fix(RtLoad *l, const Fix *f)
{
    MlcrtStatus status = resolve(l, f->symbol);
    if (status)
        return status;
    if (is_got(f->type) && l->got[f->symbol] == RT_NOWHERE)
        l->got[f->symbol] = l->next_got++;
    if (!is_got(f->type) && l->outside[f->symbol] && l->thunk[f->symbol] == RT_NOWHERE)
        l->thunk[f->symbol] = l->next_thunk++;
    return MLCRT_OK;
}

static uint64_t round_up(uint64_t n, uint64_t to)
{
    return (n + to - 1) & ~(to - 1);
}

/* Sections are placed part by part; thunks and pointers are counted, which needs all sections placed; then parts move apart. */
static MlcrtStatus lay_out(RtLoad *l)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), size[RT_PARTS], move[RT_PARTS] = { 0 };
    for (int p = RT_CODE; p < RT_PARTS; p++) {
        size[p] = 0;
        MlcrtStatus status = place_part(l, (RtPart)p, &size[p]);
        if (status)
            return status;
    }
    MlcrtStatus status = each_fix(l, count_fix);
    if (status)
        return status;
    uint64_t thunks = round_up(size[RT_CODE], THUNK), pointers = round_up(size[RT_CONSTANTS], POINTER);
    size[RT_CODE] = thunks + l->next_thunk * THUNK;
    size[RT_CONSTANTS] = pointers + l->next_got * POINTER;
    for (int p = RT_CODE; p < RT_PARTS; p++) {
        move[p] = p ? l->end[p - 1] : 0;
        l->begin[p] = move[p];
        l->end[p] = round_up(move[p] + size[p], page);
    }
    if (l->end[RT_DATA] > MOST)
        return rt_fail(l->err, MLCRT_ELIMIT, "the object has more than 1 GiB of code and data");
    for (unsigned i = 0; i < l->head.e_shnum; i++)
        if (l->place[i] != RT_NOWHERE)
            l->place[i] += move[part_of(l, &l->sections[i])];
    for (size_t i = 0; i < l->nsymbols; i++) {
        if (l->thunk[i] != RT_NOWHERE)
            l->thunk[i] = thunks + l->thunk[i] * THUNK;
        if (l->got[i] != RT_NOWHERE)
            l->got[i] = move[RT_CONSTANTS] + pointers + l->got[i] * POINTER;
    }
    return MLCRT_OK;
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

static uint64_t address_of(const RtLoad *l, uint32_t symbol)
{
    const Elf64_Sym *s = &l->symbols[symbol];
    if (s->st_shndx == SHN_UNDEF)
        return l->outside[symbol];
    return s->st_shndx == SHN_ABS ? s->st_value : (uint64_t)(uintptr_t)l->memory + l->place[s->st_shndx] + s->st_value;
}

static MlcrtStatus map_memory(RtLoad *l, RtObject *o)
{
    if (!l->end[RT_DATA])
        return rt_load_bad(l, "it holds no code");
    void *p = mmap(NULL, l->end[RT_DATA], PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return rt_fail_memory(l->err, l->end[RT_DATA]);
    o->memory = l->memory = p;
    o->memory_size = l->end[RT_DATA];
    for (unsigned i = 0; i < l->head.e_shnum; i++)
        if (l->place[i] != RT_NOWHERE && l->sections[i].sh_type == SHT_PROGBITS)
            memcpy(o->memory + l->place[i], l->bytes + l->sections[i].sh_offset, l->sections[i].sh_size);
    return MLCRT_OK;
}

/* A thunk is `jmp *0(%rip)` and the address: the C library may be further away than a call reaches. */
static void write_helpers(RtLoad *l)
{
    static const unsigned char jump[6] = { 0xFF, 0x25, 0, 0, 0, 0 };
    for (uint32_t i = 0; i < l->nsymbols; i++) {
        uint64_t address = l->thunk[i] != RT_NOWHERE || l->got[i] != RT_NOWHERE ? address_of(l, i) : 0;
        if (l->thunk[i] != RT_NOWHERE) {
            memcpy(l->memory + l->thunk[i], jump, sizeof jump);
            memcpy(l->memory + l->thunk[i] + sizeof jump, &address, sizeof address);
        }
        if (l->got[i] != RT_NOWHERE)
            memcpy(l->memory + l->got[i], &address, sizeof address);
    }
}

static MlcrtStatus write_fix(RtLoad *l, const Fix *f)
{
    char *at = l->memory + l->place[f->section] + f->offset;
    uint64_t base = (uint64_t)(uintptr_t)l->memory, here = (uint64_t)(uintptr_t)at, s;
    if (is_got(f->type))
        s = base + l->got[f->symbol];
    else if (f->type != R_X86_64_64 && l->thunk[f->symbol] != RT_NOWHERE)
        s = base + l->thunk[f->symbol];
    else
        s = address_of(l, f->symbol);
    uint64_t value = s + (uint64_t)f->addend - (f->type == R_X86_64_64 ? 0 : here);
    if (width_of(f->type) == 8) {
        memcpy(at, &value, 8);
        return MLCRT_OK;
    }
    int32_t narrow = (int32_t)(int64_t)value;
    if ((int64_t)value != narrow)
        return rt_load_bad(l, "a relocation does not reach its symbol");
    memcpy(at, &narrow, 4);
    return MLCRT_OK;
}

static MlcrtStatus protect(RtLoad *l)
{
    static const int modes[RT_PARTS] = { PROT_READ | PROT_EXEC, PROT_READ, PROT_READ | PROT_WRITE };
    for (int p = RT_CODE; p < RT_PARTS; p++)
        if (l->end[p] > l->begin[p] && mprotect(l->memory + l->begin[p], l->end[p] - l->begin[p], modes[p]) != 0)
            return rt_fail(l->err, MLCRT_EIO, "the system does not allow new code in this process");
    return MLCRT_OK;
}

/* ---- the symbols that it defines -------------------------------------------------------------------------------- */

static bool is_exported(const RtLoad *l, const Elf64_Sym *s)
{
    return ELF64_ST_BIND(s->st_info) != STB_LOCAL && s->st_shndx != SHN_UNDEF && s->st_shndx < l->head.e_shnum
           && l->place[s->st_shndx] != RT_NOWHERE && s->st_value < l->sections[s->st_shndx].sh_size;
}

static MlcrtStatus keep_names(RtLoad *l, RtObject *o)
{
    for (size_t i = 0; i < l->nsymbols; i++)
        o->names_room += is_exported(l, &l->symbols[i]);
    o->text_room = l->strings_size;
    o->names = rt_alloc(&o->alloc, o->names_room, sizeof *o->names);
    o->text = rt_alloc(&o->alloc, o->text_room, 1);
    if (!o->names || !o->text)
        return rt_fail_memory(l->err, o->names_room * sizeof *o->names);
    memcpy(o->text, l->strings, l->strings_size);
    for (uint32_t i = 0; i < l->nsymbols; i++)
        if (is_exported(l, &l->symbols[i]))
            o->names[o->count++] = (Name){ o->text + l->symbols[i].st_name, (void *)(uintptr_t)address_of(l, i) };
    return MLCRT_OK;
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static MlcrtStatus load(RtLoad *l, RtObject *o)
{
    MlcrtStatus status = rt_load_read(l);
    if (!status)
        status = lay_out(l);
    if (!status)
        status = map_memory(l, o);
    if (status)
        return status;
    write_helpers(l);
    status = each_fix(l, write_fix);
    if (!status)
        status = keep_names(l, o);
    return status ? status : protect(l);
}

MlcrtStatus rt_object_load(const MlcrtAlloc *alloc, const void *bytes, size_t size, const RtSymbol *symbols, RtObject **object,
                           RtError *err)
{
    MlcrtAlloc a = alloc ? *alloc : rt_libc_alloc();
    *object = NULL;
    RtObject *o = rt_alloc(&a, 1, sizeof *o);
    if (!o)
        return rt_fail_memory(err, sizeof *o);
    *o = (RtObject){ .alloc = a };
    RtLoad l = { .alloc = a, .bytes = bytes, .size = bytes ? size : 0, .given = symbols, .err = err };
    MlcrtStatus status = load(&l, o);
    rt_load_drop(&l);
    if (status)
        rt_object_unload(o);
    else
        *object = o;
    return status;
}

void *rt_object_symbol(const RtObject *o, const char *name)
{
    for (size_t i = 0; o && i < o->count; i++)
        if (strcmp(o->names[i].text, name) == 0)
            return o->names[i].address;
    return NULL;
}

void rt_object_unload(RtObject *o)
{
    if (!o)
        return;
    if (o->memory)
        munmap(o->memory, o->memory_size);
    MlcrtAlloc a = o->alloc;
    rt_free(&a, o->names, o->names_room, sizeof *o->names);
    rt_free(&a, o->text, o->text_room, 1);
    rt_free(&a, o, 1, sizeof *o);
}
