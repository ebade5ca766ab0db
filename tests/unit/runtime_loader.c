/* The loader: an object written by hand runs; a damaged one, cut or changed anywhere, is a status. */
#include <elf.h>
#include <stdint.h>

#include "runtime/loader.h"
#include "runtime_test.h"

/* ---- an object, byte by byte ------------------------------------------------------------------------------- */

static const unsigned char code[] = {
    /*  0 add(a, b) */ 0x8d, 0x04, 0x37, 0xc3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    /* 16 by_table: mov got(table)(%rip), %rax; mov (%rax), %rax; jmp *%rax */
    0x48, 0x8b, 0x05, 0, 0, 0, 0, 0x48, 0x8b, 0x00, 0xff, 0xe0, 0, 0, 0, 0,
    /* 32 sevens(p, n): mov %rsi, %rdx; mov $7, %esi; jmp memset */
    0x48, 0x89, 0xf2, 0xbe, 7, 0, 0, 0, 0xe9, 0, 0, 0, 0, 0, 0, 0,
    /* 48 next: mov data(%rip), %rax; inc %rax; mov %rax, data(%rip); ret */
    0x48, 0x8b, 0x05, 0, 0, 0, 0, 0x48, 0xff, 0xc0, 0x48, 0x89, 0x05, 0, 0, 0, 0, 0xc3, 0, 0, 0, 0, 0, 0,
    /* 72 callback: jmp *own(%rip) through the pointer of an outside function */
    0xff, 0x25, 0, 0, 0, 0,
};

enum { S_NULL, S_TEXT, S_RELA_TEXT, S_TABLE, S_RELA_TABLE, S_DATA, S_BSS, S_SYMTAB, S_STRTAB, S_SHSTRTAB, SECTIONS };
enum { Y_NULL, Y_TEXT, Y_DATA, Y_BSS, Y_ADD, Y_BY_TABLE, Y_SEVENS, Y_NEXT, Y_TABLE, Y_CALLBACK, Y_MEMSET, Y_OWN, SYMBOLS };
enum { FIXES = 5 };

typedef struct Object {
    Elf64_Ehdr head;
    Elf64_Shdr sections[SECTIONS];
    Elf64_Sym symbols[SYMBOLS];
    Elf64_Rela text_fixes[FIXES], table_fixes[1];
    uint64_t table, data;
    unsigned char text[sizeof code + 2];
    char names[64], section_names[96];
} Object;

static uint32_t put_name(char *table, size_t *n, const char *name)
{
    uint32_t at = (uint32_t)*n;
    memcpy(table + at, name, strlen(name) + 1);
    *n += strlen(name) + 1;
    return at;
}

static void put_section(Object *o, int i, size_t *n, const char *name, uint32_t type, uint64_t flags, size_t offset, size_t size,
                        uint32_t link, uint32_t info, uint64_t align, uint64_t entry)
{
    o->sections[i] = (Elf64_Shdr){ put_name(o->section_names, n, name), type, flags, 0, offset, size, link, info, align, entry };
}

static void put_symbol(Object *o, int i, size_t *n, const char *name, int bind, int type, uint16_t section, uint64_t value)
{
    o->symbols[i] = (Elf64_Sym){ *name ? put_name(o->names, n, name) : 0, (unsigned char)ELF64_ST_INFO(bind, type), 0, section, value, 0 };
}

#define AT(field) offsetof(Object, field), sizeof((Object *)0)->field

static Object object_new(void)
{
    Object o = { 0 };
    size_t n = 1, k = 1;
    memcpy(o.head.e_ident, ELFMAG, SELFMAG);
    o.head.e_ident[EI_CLASS] = ELFCLASS64;
    o.head.e_ident[EI_DATA] = ELFDATA2LSB;
    o.head.e_ident[EI_VERSION] = EV_CURRENT;
    o.head.e_type = ET_REL;
    o.head.e_machine = EM_X86_64;
    o.head.e_shoff = offsetof(Object, sections);
    o.head.e_shentsize = sizeof(Elf64_Shdr);
    o.head.e_shnum = SECTIONS;
    o.head.e_shstrndx = S_SHSTRTAB;
    memcpy(o.text, code, sizeof code);
    o.data = 41;
    put_section(&o, S_TEXT, &n, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, AT(text), 0, 0, 16, 0);
    put_section(&o, S_RELA_TEXT, &n, ".rela.text", SHT_RELA, SHF_INFO_LINK, AT(text_fixes), S_SYMTAB, S_TEXT, 8, sizeof(Elf64_Rela));
    put_section(&o, S_TABLE, &n, ".data.rel.ro", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, AT(table), 0, 0, 8, 0);
    put_section(&o, S_RELA_TABLE, &n, ".rela.table", SHT_RELA, SHF_INFO_LINK, AT(table_fixes), S_SYMTAB, S_TABLE, 8, sizeof(Elf64_Rela));
    put_section(&o, S_DATA, &n, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, AT(data), 0, 0, 8, 0);
    put_section(&o, S_BSS, &n, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0, 5000, 0, 0, 64, 0);
    put_section(&o, S_SYMTAB, &n, ".symtab", SHT_SYMTAB, 0, AT(symbols), S_STRTAB, Y_ADD, 8, sizeof(Elf64_Sym));
    put_section(&o, S_STRTAB, &n, ".strtab", SHT_STRTAB, 0, AT(names), 0, 0, 1, 0);
    put_section(&o, S_SHSTRTAB, &n, ".shstrtab", SHT_STRTAB, 0, AT(section_names), 0, 0, 1, 0);
    put_symbol(&o, Y_TEXT, &k, "", STB_LOCAL, STT_SECTION, S_TEXT, 0);
    put_symbol(&o, Y_DATA, &k, "", STB_LOCAL, STT_SECTION, S_DATA, 0);
    put_symbol(&o, Y_BSS, &k, "bss", STB_GLOBAL, STT_OBJECT, S_BSS, 4992);
    put_symbol(&o, Y_ADD, &k, "add", STB_GLOBAL, STT_FUNC, S_TEXT, 0);
    put_symbol(&o, Y_BY_TABLE, &k, "by_table", STB_GLOBAL, STT_FUNC, S_TEXT, 16);
    put_symbol(&o, Y_SEVENS, &k, "sevens", STB_GLOBAL, STT_FUNC, S_TEXT, 32);
    put_symbol(&o, Y_NEXT, &k, "next", STB_GLOBAL, STT_FUNC, S_TEXT, 48);
    put_symbol(&o, Y_TABLE, &k, "table", STB_GLOBAL, STT_OBJECT, S_TABLE, 0);
    put_symbol(&o, Y_CALLBACK, &k, "callback", STB_GLOBAL, STT_FUNC, S_TEXT, 72);
    put_symbol(&o, Y_MEMSET, &k, "memset", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
    put_symbol(&o, Y_OWN, &k, "own", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
    o.text_fixes[0] = (Elf64_Rela){ 19, ELF64_R_INFO(Y_TABLE, R_X86_64_REX_GOTPCRELX), -4 };
    o.text_fixes[1] = (Elf64_Rela){ 41, ELF64_R_INFO(Y_MEMSET, R_X86_64_PLT32), -4 };
    o.text_fixes[2] = (Elf64_Rela){ 51, ELF64_R_INFO(Y_DATA, R_X86_64_PC32), -4 };
    o.text_fixes[3] = (Elf64_Rela){ 61, ELF64_R_INFO(Y_DATA, R_X86_64_PC32), -4 };
    o.text_fixes[4] = (Elf64_Rela){ 74, ELF64_R_INFO(Y_OWN, R_X86_64_GOTPCREL), -4 };
    o.table_fixes[0] = (Elf64_Rela){ 0, ELF64_R_INFO(Y_ADD, R_X86_64_64), 0 };
    return o;
}

static int own(int x) { return 3 * x; }
static const RtSymbol outside[] = { { "own", (void *)(uintptr_t)own }, { NULL, NULL } };

/* ---- running it -------------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
static void *symbol(RtObject *o, const char *name)
{
    void *p = rt_object_symbol(o, name);
    ck_assert_msg(p != NULL, "no '%s'", name);
    return p;
}

/* Protection of the page at an address, "r-xp"; also: no page is writable and executable. */
static void protection(const void *p, char out[5])
{
    FILE *f = fopen("/proc/self/maps", "r");
    char line[512];
    strcpy(out, "?");
    while (f && fgets(line, sizeof line, f)) {
        unsigned long long lo, hi;
        char mode[5];
        ck_assert_int_eq(sscanf(line, "%llx-%llx %4s", &lo, &hi, mode), 3);
        ck_assert_msg(!(mode[1] == 'w' && mode[2] == 'x'), "writable and executable: %s", line);
        if ((uintptr_t)p >= lo && (uintptr_t)p < hi)
            strcpy(out, mode);
    }
    fclose(f);
}

START_TEST(an_object_runs)
{
    Object bytes = object_new();
    RtObject *o;
    RtError err = { 0 };
    ck_assert_msg(rt_object_load(NULL, &bytes, sizeof bytes, outside, &o, &err) == MLCRT_OK, "%s", err.text);
    int (*add)(int, int) = (int (*)(int, int))(uintptr_t)symbol(o, "add");
    int (*by_table)(int, int) = (int (*)(int, int))(uintptr_t)symbol(o, "by_table");
    char *(*sevens)(char *, size_t) = (char *(*)(char *, size_t))(uintptr_t)symbol(o, "sevens");
    long (*next)(void) = (long (*)(void))(uintptr_t)symbol(o, "next");
    int (*callback)(int) = (int (*)(int))(uintptr_t)symbol(o, "callback");
    char text[8] = "";
    ck_assert_int_eq(add(2, 3), 5);
    ck_assert_int_eq(by_table(20, 3), 23);
    ck_assert_ptr_eq(sevens(text, 3), text);
    ck_assert_mem_eq(text, "\7\7\7\0", 4);
    ck_assert_int_eq(next(), 42);
    ck_assert_int_eq(next(), 43);
    ck_assert_int_eq(callback(5), 15);
    ck_assert_int_eq(*(long *)symbol(o, "bss"), 0);
    ck_assert_uint_eq((uintptr_t)symbol(o, "bss") % 64, 0);
    ck_assert_ptr_null(rt_object_symbol(o, "memset"));
    ck_assert_ptr_null(rt_object_symbol(o, ""));
    char mode[5];
    protection(symbol(o, "add"), mode);
    ck_assert_str_eq(mode, "r-xp");
    protection(symbol(o, "table"), mode);
    ck_assert_str_eq(mode, "r--p");
    protection(symbol(o, "bss"), mode);
    ck_assert_str_eq(mode, "rw-p");
    const void *where = symbol(o, "add");
    rt_object_unload(o);
    protection(where, mode);
    ck_assert_str_ne(mode, "r-xp");
    rt_object_unload(NULL);
    ck_assert_ptr_null(rt_object_symbol(NULL, "add"));
}
END_TEST
#endif

/* ---- damage ------------------------------------------------------------------------------------------------ */

static void no_magic(Object *o) { o->head.e_ident[0] = 0; }
static void bits_32(Object *o) { o->head.e_ident[EI_CLASS] = ELFCLASS32; }
static void shared(Object *o) { o->head.e_type = ET_DYN; }
static void arm(Object *o) { o->head.e_machine = EM_AARCH64; }
static void far_sections(Object *o) { o->head.e_shoff = UINT64_MAX - 100; }
static void far_text(Object *o) { o->sections[S_TEXT].sh_offset = UINT64_MAX; }
static void long_text(Object *o) { o->sections[S_TEXT].sh_size = UINT64_MAX; }
static void big_bss(Object *o) { o->sections[S_BSS].sh_size = UINT64_MAX - 10; }
static void wx(Object *o) { o->sections[S_TEXT].sh_flags |= SHF_WRITE; }
static void odd_align(Object *o) { o->sections[S_TEXT].sh_addralign = 3; }
static void thread_local_data(Object *o) { o->sections[S_DATA].sh_flags |= SHF_TLS; }
static void start_code(Object *o) { o->sections[S_DATA].sh_type = SHT_INIT_ARRAY; }
static void two_lists(Object *o) { o->sections[S_BSS] = o->sections[S_SYMTAB]; }
static void no_list(Object *o) { o->sections[S_SYMTAB].sh_type = SHT_NULL; }
static void open_names(Object *o) { memset(o->names, 'x', sizeof o->names); }
static void far_name(Object *o) { o->symbols[Y_OWN].st_name = 64; }
static void other_name(Object *o) { strcpy(o->names + o->symbols[Y_OWN].st_name, "system"); }
static void no_symbol(Object *o) { o->text_fixes[1].r_info = ELF64_R_INFO(0, R_X86_64_PLT32); }
static void far_symbol(Object *o) { o->text_fixes[1].r_info = ELF64_R_INFO(SYMBOLS, R_X86_64_PLT32); }
static void absolute_32(Object *o) { o->text_fixes[1].r_info = ELF64_R_INFO(Y_MEMSET, R_X86_64_32S); }
static void fix_outside(Object *o) { o->text_fixes[1].r_offset = sizeof o->text - 3; }
static void fix_far_outside(Object *o) { o->text_fixes[1].r_offset = UINT64_MAX - 1; }
static void fix_bss(Object *o) { o->sections[S_RELA_TABLE].sh_info = S_BSS; }
static void fix_nothing(Object *o) { o->sections[S_RELA_TEXT].sh_info = SECTIONS; }
static void far_addend(Object *o) { o->text_fixes[2].r_addend = INT64_C(1) << 40; }
static void symbol_outside(Object *o) { o->symbols[Y_ADD].st_value = sizeof o->text + 1; }
static void symbol_nowhere(Object *o) { o->symbols[Y_ADD].st_shndx = S_SYMTAB; }
static void symbol_common(Object *o) { o->symbols[Y_ADD].st_shndx = SHN_COMMON; }
static void rel(Object *o) { o->sections[S_RELA_TEXT].sh_type = SHT_REL; }
static void no_code(Object *o) { for (int i = S_TEXT; i <= S_BSS; i++) o->sections[i].sh_flags = 0; }

static const struct { void (*damage)(Object *o); MlcrtStatus status; const char *says; } damages[] = {
    { no_magic, MLCRT_EFORMAT, "no relocatable ELF" }, { bits_32, MLCRT_EFORMAT, "no relocatable ELF" },
    { shared, MLCRT_EFORMAT, "no relocatable ELF" },   { arm, MLCRT_EFORMAT, "no relocatable ELF" },
    { far_sections, MLCRT_EFORMAT, "sections is cut off" }, { far_text, MLCRT_EFORMAT, "section is cut off" },
    { long_text, MLCRT_EFORMAT, "section is cut off" }, { big_bss, MLCRT_ELIMIT, "1 GiB" },
    { wx, MLCRT_EFORMAT, "writable and executable" },  { odd_align, MLCRT_EFORMAT, "alignment" },
    { thread_local_data, MLCRT_EFORMAT, "thread-local" }, { start_code, MLCRT_EFORMAT, "unknown type" },
    { two_lists, MLCRT_EFORMAT, "two lists" },         { no_list, MLCRT_EFORMAT, "no list of symbols" },
    { open_names, MLCRT_EFORMAT, "no end" },           { far_name, MLCRT_EFORMAT, "name of a symbol" },
    { other_name, MLCRT_EFORMAT, "needs 'system', which it may not use" }, { no_symbol, MLCRT_EFORMAT, "no symbol" },
    { far_symbol, MLCRT_EFORMAT, "no symbol" },        { absolute_32, MLCRT_EFORMAT, "type 11" },
    { fix_outside, MLCRT_EFORMAT, "outside its section" }, { fix_far_outside, MLCRT_EFORMAT, "outside its section" },
    { fix_bss, MLCRT_EFORMAT, "outside its section" }, { fix_nothing, MLCRT_EFORMAT, "not there" },
    { far_addend, MLCRT_EFORMAT, "does not reach" },   { symbol_outside, MLCRT_EFORMAT, "symbol lies outside" },
    { symbol_nowhere, MLCRT_EFORMAT, "not loaded" },   { symbol_common, MLCRT_EFORMAT, "not loaded" },
    { rel, MLCRT_EFORMAT, "no addends" },              { no_code, MLCRT_EFORMAT, "holds no code" },
};

START_TEST(damage_is_found_and_named)
{
    Object bytes = object_new();
    RtObject *o = (RtObject *)&bytes;
    RtError err = { 0 };
    damages[_i].damage(&bytes);
    MlcrtStatus status = rt_object_load(NULL, &bytes, sizeof bytes, outside, &o, &err);
    ck_assert_msg(status == damages[_i].status, "row %d: %s %s", _i, rt_status_name(status), err.text);
    ck_assert_msg(strstr(err.text, damages[_i].says), "row %d: %s", _i, err.text);
    ck_assert_ptr_null(o);
}
END_TEST

/* Found by fuzzing: the offset of a section without bytes was added to an address. */
START_TEST(sections_need_no_names)
{
    Object bytes = object_new();
    RtObject *o;
    RtError err = { 0 };
    bytes.sections[S_SHSTRTAB].sh_type = SHT_NOBITS;
    bytes.sections[S_SHSTRTAB].sh_offset = UINT64_MAX - 9;
    ck_assert_msg(rt_object_load(NULL, &bytes, sizeof bytes, outside, &o, &err) == MLCRT_OK, "%s", err.text);
    ck_assert_ptr_nonnull(rt_object_symbol(o, "add"));
    rt_object_unload(o);
}
END_TEST

/* Loads and unloads; nothing is run. The bytes lie at the end of a block of their own, and at an odd address. */
static void try_bytes(const void *bytes, size_t n)
{
    RtObject *o;
    RtError err = { 0 };
    char *block = malloc(n + 1);
    memcpy(block + 1, bytes, n);
    MlcrtStatus status = rt_object_load(NULL, block + 1, n, outside, &o, &err);
    ck_assert_msg(status == MLCRT_OK || status == MLCRT_EFORMAT || status == MLCRT_ELIMIT, "%s: %s", rt_status_name(status), err.text);
    ck_assert(status == MLCRT_OK || *err.text);
    rt_object_unload(o);
    free(block);
}

START_TEST(an_object_cut_anywhere_is_refused)
{
    Object bytes = object_new();
    for (size_t n = 0; n < sizeof bytes; n++)
        try_bytes(&bytes, n);
    try_bytes(&bytes, sizeof bytes);
}
END_TEST

START_TEST(an_object_changed_anywhere_is_loaded_or_refused)
{
    static const unsigned char values[] = { 0, 1, 2, 0x7F, 0x80, 0xFF };
    Object good = object_new();
    for (size_t at = 0; at < sizeof good; at++)
        for (size_t k = 0; k < sizeof values; k++) {
            Object bytes = good;
            ((unsigned char *)&bytes)[at] = values[k];
            try_bytes(&bytes, sizeof bytes);
        }
    uint64_t seed = 11;
    for (int i = 0; i < 5000; i++) {
        Object bytes = good;
        for (int k = 0; k < 4; k++)
            ((unsigned char *)&bytes)[test_random(&seed) % sizeof bytes] = (unsigned char)test_random(&seed);
        try_bytes(&bytes, sizeof bytes);
    }
}
END_TEST

static MlcrtStatus load_with(const MlcrtAlloc *a, void *bytes)
{
    RtObject *o;
    RtError err;
    MlcrtStatus status = rt_object_load(a, bytes, sizeof(Object), outside, &o, &err);
    rt_object_unload(o);
    return status;
}

START_TEST(every_failed_allocation_is_a_status)
{
    Object bytes = object_new();
    test_each_failure(load_with, &bytes);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("loader");
    TCase *t = tcase_create("loader");
    tcase_set_timeout(t, 120);
#if defined(__x86_64__)
    tcase_add_test(t, an_object_runs);
#endif
    tcase_add_loop_test(t, damage_is_found_and_named, 0, sizeof damages / sizeof *damages);
    tcase_add_test(t, sections_need_no_names);
    tcase_add_test(t, an_object_cut_anywhere_is_refused);
    tcase_add_test(t, an_object_changed_anywhere_is_loaded_or_refused);
    tcase_add_test(t, every_failed_allocation_is_a_status);
    suite_add_tcase(s, t);
    return test_main(s);
}
