/* base.h - the one door of room base: memory, names, source text, diagnostics.
 *
 * Memory of a compilation lives in arenas that hang on a Mem. An allocation that fails unwinds to the
 * innermost mem_try, so compiler code never checks for NULL and nothing leaks: whoever owns the Mem drops it.
 */
#ifndef MLC_BASE_H
#define MLC_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- memory ------------------------------------------------------------------------------------------- */

typedef struct MemHooks { /* where blocks come from; alloc returns NULL on failure */
    void *user;
    void *(*alloc)(void *user, size_t size);
    void (*free)(void *user, void *p, size_t size);
} MemHooks;

typedef struct Arena Arena;

typedef struct Mem {
    MemHooks hooks;
    size_t used, limit; /* bytes handed out by the hooks; 0 = no limit */
    jmp_buf *on_fail;   /* innermost mem_try, NULL outside of one */
    Arena *arenas;      /* all that are alive */
} Mem;

MemHooks mem_malloc_hooks(void);
void mem_init(Mem *m, MemHooks hooks, size_t limit);
void mem_drop(Mem *m); /* drops every arena */
/* Runs f(arg); false if an allocation inside failed. Arenas made inside stay with m until dropped. */
bool mem_try(Mem *m, void (*f)(void *arg), void *arg);
_Noreturn void mem_fail(Mem *m); /* unwinds; called by arenas, and by code that meets its own limit */

Arena *arena_new(Mem *m);
void arena_drop(Arena *a); /* NULL is fine */
Mem *arena_mem(Arena *a);
size_t arena_bytes(const Arena *a);
void *arena_alloc(Arena *a, size_t size);  /* zeroed, 16-byte aligned; size 0 gives a valid pointer */
void *arena_copy(Arena *a, const void *p, size_t size);
char *arena_text(Arena *a, const char *s, size_t len); /* NUL-terminated copy */
char *arena_printf(Arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(Arena *a, const char *fmt, va_list ap);
#define NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define NEWN(a, T, n) ((T *)arena_array((a), sizeof(T), (size_t)(n)))
void *arena_array(Arena *a, size_t elem, size_t n); /* overflow-checked */

/* A growable array in an arena: VEC(int) v = { 0 }; vec_push(a, &v, 3); v.p[0]; v.n. */
#define VEC(T) struct { T *p; int n, cap; }
#define vec_push(a, v, x) \
    ((v)->n == (v)->cap ? (void)vec_grow((a), (void **)&(v)->p, &(v)->cap, sizeof *(v)->p) : (void)0, \
     (void)((v)->p[(v)->n++] = (x)))
#define vec_last(v) ((v)->p[(v)->n - 1])
void vec_grow(Arena *a, void **p, int *cap, size_t elem);

/* Growable text. */
typedef struct Buf { Arena *arena; char *p; size_t n, cap; } Buf;
Buf buf_new(Arena *a);
void buf_add(Buf *b, const char *s, size_t len);
void buf_puts(Buf *b, const char *s);
void buf_putc(Buf *b, char c);
void buf_printf(Buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *buf_text(Buf *b); /* NUL-terminated, stays owned by the arena */

/* ---- names -------------------------------------------------------------------------------------------- */

typedef const char *Name; /* interned: equal text, equal pointer; NUL-terminated */
typedef struct Names Names;
Names *names_new(Arena *a);
Name name_of(Names *ns, const char *text);
Name name_len(Names *ns, const char *text, size_t len);

/* Map from interned names (or any pointer) to a pointer. */
typedef struct Map { Arena *arena; struct MapSlot *slots; int n, cap; } Map;
Map map_new(Arena *a);
void *map_find(const Map *m, const void *key); /* NULL if absent */
void map_put(Map *m, const void *key, void *value);

/* ---- source ------------------------------------------------------------------------------------------- */

typedef struct Span { uint32_t file, lo, hi; } Span; /* file 0: no place; bytes [lo, hi) */
typedef struct Place { const char *file; int line, column; } Place; /* 1-based; column counts code points */

typedef struct Source { const char *name, *text; uint32_t len, id; uint32_t *lines; int nlines; Span from; } Source; /* from: of source_from; else file 0 */
typedef struct Sources { Arena *arena; VEC(Source *) files; } Sources; /* files.p[id - 1] */

Sources *sources_new(Arena *a);
Source *source_add(Sources *ss, const char *name, const char *text, size_t len); /* copies; len < 4 GiB */
uint32_t source_from(Sources *ss, uint32_t file, Span from); /* the same text as where it was called from */
Place span_place(const Sources *ss, Span s);
Span span_join(Span a, Span b);

/* ---- diagnostics --------------------------------------------------------------------------------------- */

typedef enum DiagCode {
    DIAG_none,
#define DIAG(code, title) code,
#include "base/diag.def"
#undef DIAG
    DIAG_count
} DiagCode;

typedef enum Severity { SEV_error, SEV_warning, SEV_note, SEV_help } Severity;

typedef struct DiagPart { Severity severity; Span span; const char *text; } DiagPart;
typedef struct Diag {
    Severity severity; /* error or warning */
    DiagCode code;
    Span span;
    const char *text;
    VEC(DiagPart) parts; /* notes and helps in order */
} Diag;

typedef struct Diags {
    Arena *arena;
    Sources *sources;
    VEC(Diag *) list;
    Diag *last; /* that notes and helps go to; NULL after one that was not kept */
    int errors, warnings, limit; /* further errors are counted, not kept; default limit 100 */
    bool werror;
    bool silent[DIAG_count]; /* warnings that are not wanted */
} Diags;

Diags *diags_new(Arena *a, Sources *ss);
/* Two errors with the same code at the same span are one: the second call returns without adding. */
void diag_error(Diags *d, DiagCode c, Span s, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void diag_warning(Diags *d, DiagCode c, Span s, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void diag_note(Diags *d, Span s, const char *fmt, ...) __attribute__((format(printf, 3, 4))); /* to the last one */
void diag_help(Diags *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));         /* to the last one */
void diags_sort(Diags *d); /* by file and place, stable */
const char *diag_code_name(DiagCode c);  /* "E0302" */
const char *diag_code_title(DiagCode c); /* one line */
DiagCode diag_code_find(const char *name);
void diags_render(const Diags *d, Buf *out, bool colour); /* with source lines and carets */
void diags_render_json(const Diags *d, Buf *out); /* one JSON object a line (render.c says which) */

/* Nearest of `names` to `word` for "did you mean": NULL if none is near or two are equally near. */
const char *nearest_name(const char *word, const char *const *names, int n);

#endif
