/* foreign.c - C functions that programs call: `extern "m" fn hypot(x: f64, y: f64) -> f64`.
 *
 *     "m:hypot"  ->  dlopen("libm.so"), else libm.so.0, .1, ... .99  ->  dlsym  ->  address
 *     "c:..", ":.."       what this process has already        "./mine.so:.."   a file
 *
 * Code in memory reaches the address through the loader; the interpreter calls it with libffi. Object files name the symbol, and
 * whoever links them says where it is.
 */
#include <dlfcn.h>
#include <ffi.h>
#include <string.h>

#include "driver/foreign.h"

struct Foreign { /* found or not; entries are never changed, so that calls may look while another function is compiled */
    const char *symbol, *wrong; /* wrong: NULL, or why it is not there */
    void *library, *address;
    Foreign *next;
};

const char *foreign_name(const char *symbol)
{
    const char *colon = strrchr(symbol, ':');
    return colon ? colon + 1 : symbol;
}

const char *foreign_library(Arena *a, const char *symbol)
{
    size_t n = (size_t)(foreign_name(symbol) - symbol);
    const char *library = arena_text(a, symbol, n ? n - 1 : 0);
    return *library && strcmp(library, "c") ? library : NULL;
}

bool foreign_is_file(const char *library)
{
    return strchr(library, '/') || strstr(library, ".so");
}

/* Without its development package a library has only names with a version. */
static void *open_library(Arena *a, const char *library)
{
    if (!library)
        return dlopen(NULL, RTLD_NOW);
    if (foreign_is_file(library))
        return dlopen(library, RTLD_NOW | RTLD_LOCAL);
    void *h = dlopen(arena_printf(a, "lib%s.so", library), RTLD_NOW | RTLD_LOCAL);
    for (int i = 0; !h && i < 100; i++)
        h = dlopen(arena_printf(a, "lib%s.so.%d", library, i), RTLD_NOW | RTLD_LOCAL);
    return h;
}

static Foreign *look_up(Unit *u, const char *symbol)
{
    Foreign *f = NEW(u->arena, Foreign);
    const char *library = foreign_library(u->arena, symbol), *name = foreign_name(symbol);
    *f = (Foreign){ .symbol = symbol };
    if (u->o.no_extern) {
        f->wrong = arena_printf(u->arena, "the C function '%s' is not called: C functions are refused here", name);
        return f;
    }
    f->library = open_library(u->arena, library);
    f->address = f->library ? dlsym(f->library, name) : NULL;
    if (!f->library)
        f->wrong = arena_printf(u->arena, "library '%s' of the C function '%s' cannot be opened", library ? library : "c", name);
    else if (!f->address)
        f->wrong = arena_printf(u->arena, "library '%s' has no function '%s'", library ? library : "c", name);
    return f;
}

static const Foreign *known(const Unit *u, const char *symbol)
{
    const Foreign *f = __atomic_load_n(&u->foreign, __ATOMIC_ACQUIRE);
    while (f && strcmp(f->symbol, symbol))
        f = f->next;
    return f;
}

static const Foreign *find(Unit *u, const char *symbol)
{
    const Foreign *old = known(u, symbol);
    if (old)
        return old;
    Foreign *f = look_up(u, symbol);
    f->next = u->foreign;
    __atomic_store_n(&u->foreign, f, __ATOMIC_RELEASE);
    return f;
}

void foreign_drop(Unit *u)
{
    for (Foreign *f = u->foreign; f; f = f->next)
        if (f->library)
            dlclose(f->library);
    u->foreign = NULL;
}

/* ---- what code calls ------------------------------------------------------------------------------------------------ */

typedef struct Uses { Arena *arena; ForeignUses list; } Uses;

static void see(void *user, IrNode *n)
{
    Uses *s = user;
    for (int i = 0; n->op == OP_extern && i < s->list.n; i++)
        if (!strcmp(s->list.p[i].symbol, n->str))
            return;
    ForeignUse use = { n->str, n->span };
    if (n->op == OP_extern)
        vec_push(s->arena, &s->list, use);
}

ForeignUses foreign_uses(Arena *a, IrFn *const *fns, int n)
{
    Uses s = { .arena = a };
    for (int i = 0; i < n; i++)
        ir_walk(fns[i]->body, see, &s);
    return s.list;
}

static void complain(Unit *u, const Foreign *f, Span s)
{
    diag_error(u->diags, E0607, s, "%s", f->wrong);
    u->status = MLCRT_EFORMAT;
}

bool foreign_symbols(Unit *u, IrFn *const *fns, int n, RtSymbol **out)
{
    ForeignUses uses = foreign_uses(u->arena, fns, n);
    RtSymbol *symbols = NEWN(u->arena, RtSymbol, uses.n + 1);
    bool ok = true;
    for (int i = 0; i < uses.n; i++) {
        const Foreign *f = find(u, uses.p[i].symbol);
        symbols[i] = (RtSymbol){ foreign_name(f->symbol), f->address };
        for (int k = 0; k < i && !f->wrong; k++)
            if (!strcmp(symbols[k].name, symbols[i].name) && symbols[k].address != symbols[i].address) {
                diag_error(u->diags, E0607, uses.p[i].span, "'%s' is a function of two libraries", symbols[i].name);
                ok = false;
            }
        if (f->wrong)
            complain(u, f, uses.p[i].span);
        ok = ok && !f->wrong;
    }
    symbols[uses.n] = (RtSymbol){ NULL, NULL };
    *out = symbols;
    return ok;
}

bool foreign_allowed(Unit *u, IrFn *const *fns, int n)
{
    ForeignUses uses = foreign_uses(u->arena, fns, n);
    for (int i = 0; u->o.no_extern && i < uses.n; i++)
        complain(u, find(u, uses.p[i].symbol), uses.p[i].span);
    return !u->o.no_extern || !uses.n;
}

/* ---- the interpreter's calls ----------------------------------------------------------------------------------------- */

typedef struct Walk { Unit *u; Map seen; bool ok; } Walk;

static void walk_fn(Walk *w, const CoreFn *fn);

static void walk(Walk *w, const Core *c)
{
    if (!c)
        return;
    if (c->kind == C_op && c->op == OP_extern) {
        const Foreign *f = find(w->u, c->str);
        if (f->wrong && w->ok)
            complain(w->u, f, c->span);
        w->ok = w->ok && !f->wrong;
    }
    for (int i = 0; i < c->nkids; i++)
        walk(w, c->kids[i]);
    for (int i = 0; c->kind == C_rec && i < c->rec->n; i++)
        walk(w, c->rec->eqs[i].body);
    for (int i = 0; c->kind == C_effect && i < c->effect->nargs; i++)
        for (int k = 0; k < c->effect->args[i].nleaves; k++)
            walk(w, c->effect->args[i].leaves[k]);
    if (c->kind == C_call)
        walk_fn(w, c->callee);
}

static void walk_fn(Walk *w, const CoreFn *fn)
{
    if (map_find(&w->seen, fn))
        return;
    map_put(&w->seen, fn, (void *)(uintptr_t)fn);
    walk(w, fn->body);
}

bool foreign_found(Unit *u, const CoreFn *fn)
{
    Walk w = { .u = u, .seen = map_new(u->arena), .ok = true };
    const char *const *any;
    if (frontend_externs(u->fe, &any))
        walk_fn(&w, fn);
    return w.ok;
}

static ffi_type *type_of(IrDtype t)
{
    switch (t) {
    case DT_i8: return &ffi_type_sint8;
    case DT_i16: return &ffi_type_sint16;
    case DT_i32: return &ffi_type_sint32;
    case DT_i64: return &ffi_type_sint64;
    case DT_u16: return &ffi_type_uint16;
    case DT_u32: return &ffi_type_uint32;
    case DT_u64: return &ffi_type_uint64;
    case DT_f32: return &ffi_type_float;
    case DT_f64: return &ffi_type_double;
    default: return &ffi_type_uint8; /* u8, bool */
    }
}

const char *foreign_call(void *user, Arena *a, const char *symbol, const InterpTensor *args, int nargs, InterpTensor *result)
{
    const Unit *u = user;
    const Foreign *f = known(u, symbol);
    ffi_cif cif;
    ffi_type *types[8];
    void *values[8];
    union { ffi_arg whole; double real; float single; } got = { 0 }; /* small integers come as ffi_arg; this machine is little-endian */
    (void)a;
    if (!f || f->wrong)
        return f ? f->wrong : "the C function was not looked up";
    for (int i = 0; i < nargs; i++) {
        types[i] = type_of(args[i].dtype);
        values[i] = args[i].data;
    }
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, (unsigned)nargs, type_of(result->dtype), types) != FFI_OK)
        return "the C function cannot be called";
    void (*code)(void);
    memcpy(&code, &f->address, sizeof code);
    ffi_call(&cif, code, &got, values);
    memcpy(result->data, &got, (size_t)dtype_bytes(result->dtype));
    return NULL;
}
