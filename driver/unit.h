/* unit.h - one compilation or session: text to checked tree to tile IR to code in memory. Shared by libmlc, the command and the REPL. */
#ifndef MLC_DRIVER_UNIT_H
#define MLC_DRIVER_UNIT_H

#include <sys/types.h>

#include "backend/backend.h"
#include "driver/tables.h"
#include "frontend/frontend.h"
#include "passes/passes.h"
#include "runtime/mlcrt.h"

typedef struct UnitOptions {
    const char *cpu;          /* NULL: native */
    int optimise;             /* 0..3 */
    const char *pipeline, *skip, *print_after;
    bool verify, isolated;
    const char *cache;        /* folder of compiled objects; NULL: none */
    const char *library_path; /* where libmlc-llvm.so and mlc-codegen are; NULL: beside this library */
    int helper_seconds;
    uint64_t helper_memory;
    bool no_extern;           /* C functions are refused */
    int64_t seed;             /* of draws in a script that name no key */
    unsigned packed;          /* exports: forms in which weights may come beside plain, bit f for IrForm f */
    void *user;
    void (*printed)(void *user, const char *pass, const char *text);
    void (*timed)(void *user, const char *what, double seconds);
    struct Profile *profile;  /* NULL: code has no marks */
    void *remark_user;
    void (*remark)(void *user, const PassRemark *r);
} UnitOptions;

typedef struct Unit {
    Mem *mem;
    Arena *arena;
    Names *names;
    Sources *sources;
    Diags *diags;
    DimCx *dims;
    Frontend *fe;
    CoreModule *core;
    const Source *program;         /* of unit_check_text */
    IrModule *ir;
    Tables *tables;
    UnitOptions o;
    BeTarget target;
    bool unknown_cpu;        /* what was asked for is none; E0604 said so */
    struct Codegen *codegen;       /* helper or opened library; owned by who made the unit */
    struct MlcrtContext *context;  /* whose allocator loaded code uses */
    VEC(struct RtObject *) objects;
    int nloaded;                   /* of tables->bodies: those before have loaded code */
    int status;                    /* of the last code generation: MLCRT_E* */
    struct Foreign *foreign;       /* C functions that were looked up (foreign.c) */
    Tables *exports;               /* of an object file; NULL until it is wanted */
    Map packs, hints;              /* unit_packs.c: CoreStruct -> how functions pack its leaves; CoreFn -> how it was told that others do */
    Map forms;                     /* CoreFn -> the forms of its leaf parameters with which its tile IR was made; NULL: all plain */
    Tables *oracle;                /* rows whose bodies are the interpreter; NULL until it is used */
} Unit;

/* Makes a unit in an arena of mem; unwinds through mem_try when memory ends. */
Unit *unit_new(Mem *mem, const UnitOptions *o, struct Codegen *codegen, struct MlcrtContext *context);
void unit_drop(Unit *u); /* unloads its code; its arena goes with mem */

void unit_forget_messages(Unit *u); /* those that were printed or copied */

char *unit_read(Unit *u, const char *path, size_t *len); /* the text of a file; NULL with E0601 */
/* Parses and checks; errors are in u->diags. */
bool unit_check_text(Unit *u, const char *name, const char *text, size_t len);
bool unit_check_file(Unit *u, const char *path); /* E0601 if it cannot be read; "-" is standard input */
/* REPL: one more input in the session's scope; *tree (may be NULL) is its syntax tree. */
bool unit_more(Unit *u, const char *name, const char *text, size_t len, Tree **tree);

bool unit_usable(Unit *u, const CoreFn *fn);       /* false: it has errors, or needs what is not there yet, with a diagnostic */
IrFn *unit_lower(Unit *u, CoreFn *fn);           /* tensor IR, once; NULL with a diagnostic */
IrFn *unit_tile(Unit *u, CoreFn *fn);            /* tile IR, once; NULL with a diagnostic */
/* The same for weights that may come in other forms: for each leaf parameter bit f for IrForm f, or 0; NULL: all plain. */
IrFn *unit_tile_for(Unit *u, CoreFn *fn, const unsigned char *forms);
MlcrtFn *unit_function(Unit *u, CoreFn *fn, bool callable); /* rows of fn with loaded code; NULL with a diagnostic */
/* Loads the code of statements of a script, for the forms that their weights have; their rows: tables_statement. */
bool unit_statements(Unit *u, CoreFn *const *fns, const unsigned char *const *forms, int n);
/* The same for all that a script compiles before its first statement runs: kept on disk for its next start, where there is a cache. */
bool unit_script(Unit *u, CoreFn *const *fns, const unsigned char *const *forms, int n);
MlcrtStruct *unit_struct(Unit *u, CoreStruct *s); /* rows of a struct whose init, if it has one, has loaded code */
CoreFn *unit_find(Unit *u, const char *name);
Tables *unit_exports(Unit *u);                   /* rows of all exported functions, and nothing else; NULL with diagnostics */
/* An object file of all exported functions, in u's arena; NULL with a diagnostic. */
const unsigned char *unit_object(Unit *u, const char *prefix, size_t *size, const BeOptions *extra, BeResult *result);
bool unit_emit(Unit *u, CoreFn *fn, const char *what, Buf *out); /* core, ir, tile, dot, llvm, asm (emit.c) */
bool unit_explain(Unit *u, CoreFn *fn, Buf *out); /* what is stored, what recomputed, and why (explain.c) */
/* What mlcrt_error says (fault.c): E0601 of files, E0602 of a file that does not fit what is loaded from it, else E0701; at `where` if it names
 * no place of its own (memory that there is not). */
void unit_fault(Unit *u, const MlcrtSession *session, Span where, bool loading);
/* Loads code of tile functions whose rows are in u's tables; false with a diagnostic. */
bool unit_load_code(Unit *u, IrFn *const *fns, int n, const unsigned char *object, size_t size);
void unit_time(Unit *u, const char *what, double start);
double unit_now(void);

/* ---- forms of weights (unit_forms.c) ------------------------------------------------------------------------------- */

bool unit_forms_read(const char *names, unsigned *forms);    /* "q8_0,q4_0", "none", or "" or NULL, which change nothing; false: another name */
unsigned char *unit_export_forms(Unit *u, const CoreFn *fn); /* of an export: any that u->o.packed lists */
bool unit_forms_known(Unit *u, const CoreFn *fn, const unsigned char *forms); /* its tile IR was made for these */
void unit_forms_note(Unit *u, CoreFn *fn, IrFn *ir, const unsigned char *forms);

/* ---- packed weights (unit_packs.c) ----------------------------------------------------------------------------------- */

/* Of functions that have tile IR: those without rows that read as it is what others pack get tile IR that looks it up in that form.
 * forms: for each function, as in unit_tile_for; NULL: those of exports. */
bool unit_packs_agree(Unit *u, CoreFn *const *fns, const unsigned char *const *forms, int n);
/* Before unit_function of one of several: what others that can be called pack of the model that it reads. false with a diagnostic: fn has no tile IR. */
bool unit_packs_ahead(Unit *u, CoreFn *fn);
void unit_packs_hint(Unit *u, const CoreFn *fn, IrFn *ir); /* what fn was told goes to its parameters */

/* ---- the interpreter under the same interface (oracle.c) ------------------------------------------------------------- */

MlcrtFn *oracle_function(Unit *u, CoreFn *fn);  /* rows whose body interprets fn; NULL with a diagnostic */
MlcrtFn *oracle_statement(Unit *u, CoreFn *fn);
MlcrtStruct *oracle_struct(Unit *u, CoreStruct *s);

/* ---- code generation (codegen.c): the opened library, or a helper process -------------------------------------- */

typedef struct Codegen Codegen;
typedef struct CacheKey { uint64_t w[2]; } CacheKey; /* the name of a file in the cache (cache.h) */
Codegen *codegen_new(Arena *a, const UnitOptions *o); /* nothing starts yet */
void codegen_free(Codegen *c);
/* Object code of the tile functions of m, in m's arena. false: a status (MLCRT_E*) and a text. */
bool codegen_compile(Codegen *c, IrModule *m, const BeOptions *o, BeResult *out, int *status, Buf *errors);
bool codegen_kept(const Codegen *c, CacheKey *key);      /* the last object of codegen_compile is in the cache; its name */
const char *codegen_file(const Codegen *c, Arena *a);    /* libmlc-llvm.so */
/* The object of a whole program, compiled in the helper from its text. */
bool codegen_whole(Codegen *c, Arena *a, const char *prefix, const Source *program, const BeOptions *o, BeResult *out, int *status, Buf *errors);
const BeApi *codegen_library(Codegen *c, Buf *errors); /* opens libmlc-llvm.so in this process */

/* ---- files (files.c) --------------------------------------------------------------------------------------------- */

char *file_read(Arena *a, const char *path, size_t *len, const char **error); /* at most 16 MiB + 1 */
const char *file_write(Arena *a, const char *path, const void *p, size_t n); /* whole or not at all, a stream as far as it takes; NULL, or what is wrong */
const char *file_replace(Arena *a, const char *path, const void *p, size_t n); /* the same, and whatever has this name, a link or a pipe, makes room for the file */
bool file_is_directory(const char *path);
bool file_is_stream(const char *path); /* there, and a device, pipe or socket: written into, never replaced */
typedef ssize_t FileStep(int fd, void *p, size_t n); /* read and write, and what is like them */
bool file_all(int fd, void *p, size_t n, FileStep *step); /* step after step until all n bytes are through; false: errno, or the end */
const char *file_of_library(void *user, Arena *a, int i, const char **text); /* the i-th module of the library: its name and text */
const char *file_of_module(void *user, Arena *a, const char *path, const char *importer, const char **name, size_t *len);
const char *file_of_code(Arena *a);      /* the program or shared object that holds this code; NULL: it is not known */
const char *library_directory(Arena *a); /* of the code generator: beside this object or program, or where `cmake --install` puts libraries */

#endif
