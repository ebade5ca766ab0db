/* be_aot.c - ahead of time: what the module says about itself, written as constants, and one typed C function for each export.
 *
 *     MlcrtStatus llama_step(MlcrtSession *s, const llama_Llama *net, const MlcrtTensor *tokens, real x)
 *     {
 *         void *args[] = { net, tokens, &x };
 *         return mlcrt_invoke(s, &step_rows, args);
 *     }
 *
 * The constants have the layout of runtime/abi.h field for field: LLVM lays out a struct of equal fields as C does.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "backend/be_int.h"
#include "backend/be_names.h"

typedef struct Aot { Be *be; Map done, globals; LV module; /* stands for the module's record until that is made */ } Aot; /* row -> its global */

/* ---- constants ------------------------------------------------------------------------------------------------------ */

static LV null(Aot *a) { return be_zero(a->be->ptr); }
static LV i32(Aot *a, int64_t v) { return LLVMConstInt(a->be->i32, (unsigned long long)v, 1); }
static LV u64(Aot *a, uint64_t v) { return LLVMConstInt(a->be->i64, v, 0); }

static LV global(Aot *a, LV value)
{
    LV g = LLVMAddGlobal(a->be->mod, LLVMTypeOf(value), "");
    LLVMSetInitializer(g, value);
    LLVMSetLinkage(g, LLVMPrivateLinkage);
    LLVMSetGlobalConstant(g, 1);
    LLVMSetUnnamedAddress(g, LLVMGlobalUnnamedAddr);
    return g;
}

/* Equal constants are one: LLVM has each value once, so its address tells. */
static LV shared(Aot *a, LV value)
{
    LV g = map_find(&a->globals, value);
    if (!g) {
        g = global(a, value);
        map_put(&a->globals, value, g);
    }
    return g;
}

static LV string(Aot *a, const char *s)
{
    if (!s)
        return null(a);
    Name key = name_of(a->be->ir->names, s);
    LV g = map_find(&a->done, key);
    if (!g) {
        g = global(a, LLVMConstStringInContext2(a->be->cx, s, strlen(s), 0));
        LLVMSetAlignment(g, 1); /* else each fills 16 bytes and their multiples */
        map_put(&a->done, key, g);
    }
    return g;
}

static LV record(Aot *a, int n, LV *fields) { return LLVMConstStructInContext(a->be->cx, fields, (unsigned)n, 0); }

static LV array(Aot *a, LT t, int n, LV *x) { return n ? shared(a, LLVMConstArray2(t, x, (uint64_t)n)) : null(a); }

static LV words(Aot *a, const int64_t *p, int n)
{
    LV *x = NEWN(a->be->a, LV, n + 1);
    for (int i = 0; i < n; i++)
        x[i] = be_int(a->be, p[i]);
    return n ? array(a, a->be->i64, n, x) : null(a);
}

static LV program(Aot *a, const int64_t *p)
{
    int n = 0;
    while (p && p[n] != MLCRT_D_END)
        n += p[n] == MLCRT_D_CONST || p[n] == MLCRT_D_DIM ? 2 : 1;
    return words(a, p, p ? n + 1 : 0);
}

static LV records(Aot *a, int n, LV *x) { return n ? array(a, LLVMTypeOf(x[0]), n, x) : null(a); }

static LV strings(Aot *a, const char *const *s, int n)
{
    LV *x = NEWN(a->be->a, LV, n + 1);
    for (int i = 0; i < n; i++)
        x[i] = string(a, s[i]);
    return array(a, a->be->ptr, n, x);
}

static LV leaf(Aot *a, const MlcrtLeaf *l)
{
    LV *d = NEWN(a->be->a, LV, l->rank + 1);
    for (int i = 0; i < l->rank; i++)
        d[i] = program(a, l->dims[i]);
    LV f[] = { string(a, l->path), i32(a, l->dtype), i32(a, l->rank), i32(a, l->nstack), i32(a, l->role), array(a, a->be->ptr, l->rank, d) };
    return record(a, 6, f);
}

static LV leaves(Aot *a, const MlcrtLeaf *l, int n)
{
    LV *x = NEWN(a->be->a, LV, n + 1);
    for (int i = 0; i < n; i++)
        x[i] = leaf(a, &l[i]);
    return records(a, n, x);
}

/* Of a result that is a handle. */
static LV numbers(Aot *a, const MlcrtParam *p)
{
    int n = p->numbers ? a->be->tables->structs[p->strct]->nnumbers : 0;
    LV *x = NEWN(a->be->a, LV, n + 1);
    for (int i = 0; i < n; i++)
        x[i] = program(a, p->numbers[i]);
    return array(a, a->be->ptr, n, x);
}

static LV params(Aot *a, const MlcrtFn *fn)
{
    LV *x = NEWN(a->be->a, LV, fn->nparams + 1);
    for (int i = 0; i < fn->nparams; i++) {
        const MlcrtParam *p = &fn->params[i];
        LV bits[] = { u64(a, p->fallback[0]), u64(a, p->fallback[1]) };
        LV f[] = { string(a, p->name), string(a, p->type), i32(a, p->kind), i32(a, p->flags), i32(a, p->dtype), i32(a, p->first),
                   i32(a, p->nleaves), i32(a, p->strct), LLVMConstArray2(a->be->i64, bits, 2), numbers(a, p) };
        x[i] = record(a, 10, f);
    }
    return records(a, fn->nparams, x);
}

static LV plan(Aot *a, const MlcrtFn *fn)
{
    LV *x = NEWN(a->be->a, LV, fn->nplan + 1);
    for (int i = 0; i < fn->nplan; i++) {
        const MlcrtPlanRow *r = &fn->plan[i];
        LV f[] = { i32(a, r->op), i32(a, r->dst), i32(a, r->param), i32(a, r->leaf), i32(a, r->axis), i32(a, r->line), i32(a, r->column),
                   i32(a, 0), program(a, r->a), program(a, r->b), string(a, r->text) };
        x[i] = record(a, 11, f);
    }
    return records(a, fn->nplan, x);
}

static LV checks(Aot *a, const MlcrtFn *fn)
{
    LV *x = NEWN(a->be->a, LV, fn->nchecks + 1);
    for (int i = 0; i < fn->nchecks; i++) {
        const MlcrtCheck *c = &fn->checks[i];
        LV f[] = { i32(a, c->code), i32(a, c->line), i32(a, c->column), i32(a, 0), string(a, c->file), string(a, c->text) };
        x[i] = record(a, 6, f);
    }
    return records(a, fn->nchecks, x);
}

static LV lives(Aot *a, const MlcrtFn *fn)
{
    LV *x = NEWN(a->be->a, LV, fn->nlives + 1);
    for (int i = 0; i < fn->nlives; i++) {
        const MlcrtLife *l = &fn->lives[i];
        LV f[] = { i32(a, l->dim), i32(a, l->like), i32(a, l->first), i32(a, l->last), i32(a, l->bytes) };
        x[i] = record(a, 5, f);
    }
    return records(a, fn->nlives, x);
}

static LV function(Aot *a, const MlcrtFn *fn);

static LV preps(Aot *a, const MlcrtFn *fn)
{
    LV *x = NEWN(a->be->a, LV, fn->npreps + 1);
    for (int i = 0; i < fn->npreps; i++) {
        const MlcrtPrep *p = &fn->preps[i];
        LV f[] = { function(a, p->fn), i32(a, p->param), i32(a, p->leaf), u64(a, p->key), i32(a, p->axis), i32(a, p->panel),
                   i32(a, p->form), i32(a, p->tiled) };
        x[i] = record(a, 8, f);
    }
    return records(a, fn->npreps, x);
}

/* A byte for each leaf parameter, or NULL. */
static LV of_leaves(Aot *a, const MlcrtFn *fn, const unsigned char *bytes)
{
    LV *x = NEWN(a->be->a, LV, fn->nleaves + 1);
    for (int i = 0; bytes && i < fn->nleaves; i++)
        x[i] = LLVMConstInt(a->be->i8, bytes[i], 0);
    return bytes && fn->nleaves ? array(a, a->be->i8, fn->nleaves, x) : null(a);
}

static LV body(Aot *a, const MlcrtFn *fn)
{
    const char *name = be_body_symbol(a->be, fn->symbol);
    if (!map_find(&a->be->whole->names, name_of(a->be->ir->names, name))) {
        be_fail(a->be, "internal: there is no code for '%s'", fn->symbol);
        return null(a);
    }
    return be_function(a->be, name, a->be->body_t);
}

/* A prepared tensor's function has none of its own, so this nests twice at most. */
static LV function(Aot *a, const MlcrtFn *fn)
{
    if (!fn)
        return null(a);
    LV g = map_find(&a->done, fn);
    if (g)
        return g;
    LV f[] = { string(a, fn->name), string(a, fn->symbol), string(a, fn->doc), string(a, fn->signature), string(a, fn->file),
               i32(a, fn->nparams), i32(a, fn->nleaves), i32(a, fn->ndims), i32(a, fn->nplan), i32(a, fn->nchecks), i32(a, fn->nvars),
               params(a, fn), leaves(a, fn->leaves, fn->nleaves + fn->nresults), i32(a, fn->nresults), i32(a, fn->nscratch),
               strings(a, fn->dim_names, fn->ndims), plan(a, fn), checks(a, fn), program(a, fn->arena), body(a, fn), preps(a, fn),
               i32(a, fn->npreps), i32(a, fn->line), strings(a, fn->effects, fn->neffects), i32(a, fn->neffects), i32(a, fn->nlives), a->module,
               of_leaves(a, fn, fn->unread), of_leaves(a, fn, fn->forms), lives(a, fn), words(a, fn->sizes, fn->nsizes), i32(a, fn->nsizes), i32(a, 0) };
    g = global(a, record(a, sizeof f / sizeof f[0], f));
    map_put(&a->done, fn, g);
    return g;
}

/* A C function that the program calls may have the name already. */
static void is_free(Aot *a, const char *name)
{
    bool taken = false;
    for (int i = 0; i < a->be->whole->modules.n; i++)
        taken |= LLVMGetNamedFunction(a->be->whole->modules.p[i]->mod, name) != NULL;
    if (taken)
        be_fail(a->be, "'%s' would be a name of this file and of a C function that it calls: choose another prefix", name);
}

static void export_as(Aot *a, LV g, const char *name)
{
    is_free(a, name);
    LLVMSetLinkage(g, LLVMExternalLinkage);
    LLVMSetUnnamedAddress(g, LLVMNoUnnamedAddr);
    LLVMSetValueName2(g, name, strlen(name));
}

static LV structure(Aot *a, const MlcrtStruct *s)
{
    LV f[] = { string(a, s->name), string(a, s->doc), i32(a, s->is_model), i32(a, s->nnumbers), i32(a, s->nleaves), i32(a, s->id),
               strings(a, s->numbers, s->nnumbers), leaves(a, s->leaves, s->nleaves), function(a, s->init), u64(a, s->type_hash) };
    LV g = global(a, record(a, sizeof f / sizeof f[0], f));
    export_as(a, g, be_struct_symbol(a->be->a, a->be->prefix, s));
    return g;
}

static void module(Aot *a, const MlcrtModule *m)
{
    a->module = LLVMAddGlobal(a->be->mod, a->be->i64, "");
    LV *fns = NEWN(a->be->a, LV, m->nfns + 1), *structs = NEWN(a->be->a, LV, m->nstructs + 1);
    for (int i = 0; i < m->nfns; i++)
        fns[i] = function(a, m->fns[i]);
    for (int i = 0; i < m->nstructs; i++)
        structs[i] = structure(a, m->structs[i]);
    LV f[] = { i32(a, m->abi), i32(a, m->size), string(a, m->name), string(a, m->target), u64(a, m->features), i32(a, m->nfns),
               i32(a, m->nstructs), array(a, a->be->ptr, m->nfns, fns), array(a, a->be->ptr, m->nstructs, structs) };
    LV g = global(a, record(a, sizeof f / sizeof f[0], f));
    LLVMReplaceAllUsesWith(a->module, g);
    LLVMDeleteGlobal(a->module);
    export_as(a, g, arena_printf(a->be->a, "%s_module", a->be->prefix));
}

/* ---- typed functions ---------------------------------------------------------------------------------------------------- */

typedef struct Stub { LT types[2]; int n; bool on_stack; } Stub; /* LLVM parameters of one C parameter */

/* As the System V convention passes it: a Key in two registers if two are left, else on the stack. */
static Stub passed(Be *be, const MlcrtParam *p, int *registers)
{
    Stub s = { { be->ptr, NULL }, 1, false };
    if (p->kind == MLCRT_PARAM_SCALAR && !be_by_pointer(p))
        s.types[0] = be_mem_type(be, (IrDtype)p->dtype);
    bool key = s.types[0] == be->i128, real = s.types[0] == be->f32 || s.types[0] == be->f64;
    if (key && *registers + 2 > 6) {
        s.types[0] = be->ptr;
        s.on_stack = true;
    } else if (key) {
        s = (Stub){ { be->i64, be->i64 }, 2, false };
    }
    if (!real && !s.on_stack)
        *registers += s.n;
    return s;
}

static void pass_on_stack(Be *be, LV f, int index)
{
    LT w[] = { be->i64, be->i64 };
    unsigned kind = LLVMGetEnumAttributeKindForName("byval", 5);
    LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)index + 1, LLVMCreateTypeAttribute(be->cx, kind, LLVMStructTypeInContext(be->cx, w, 2, 0)));
}

/* What args[i] points to: the argument itself, or a slot that holds the value. */
static LV argument(Be *be, LLVMBuilderRef b, LV f, const Stub *s, const MlcrtParam *p, int first)
{
    LV x = LLVMGetParam(f, (unsigned)first);
    bool value = p->kind == MLCRT_PARAM_SCALAR && !be_by_pointer(p) && !s->on_stack;
    if (!value)
        return x;
    LV slot = LLVMBuildAlloca(b, LLVMArrayType2(be->i64, 2), "");
    LLVMBuildStore(b, x, slot);
    if (s->n == 2) {
        LV one = be_int(be, 1), second = LLVMBuildGEP2(b, be->i64, slot, &one, 1, "");
        LLVMBuildStore(b, LLVMGetParam(f, (unsigned)first + 1), second);
    }
    return slot;
}

static void stub_body(Aot *a, LV f, const MlcrtFn *fn, const Stub *stubs)
{
    Be *be = a->be;
    LLVMBuilderRef b = LLVMCreateBuilderInContext(be->cx);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(be->cx, f, ""));
    LV args = LLVMBuildAlloca(b, LLVMArrayType2(be->ptr, (uint64_t)fn->nparams + 1), "");
    for (int i = 0, at = 1; i < fn->nparams; at += stubs[i++].n) {
        LV k = be_int(be, i), slot = LLVMBuildGEP2(b, be->ptr, args, &k, 1, "");
        LLVMBuildStore(b, argument(be, b, f, &stubs[i], &fn->params[i], at), slot);
    }
    LT p[] = { be->ptr, be->ptr, be->ptr }, t = LLVMFunctionType(be->i32, p, 3, 0);
    LV invoke = LLVMGetNamedFunction(be->mod, "mlcrt_invoke");
    invoke = invoke ? invoke : LLVMAddFunction(be->mod, "mlcrt_invoke", t);
    LV x[] = { LLVMGetParam(f, 0), function(a, fn), args };
    LLVMBuildRet(b, LLVMBuildCall2(b, t, invoke, x, 3, ""));
    LLVMDisposeBuilder(b);
}

static void stub(Aot *a, const MlcrtFn *fn)
{
    Be *be = a->be;
    Stub *stubs = NEWN(be->a, Stub, fn->nparams + 1);
    LT *types = NEWN(be->a, LT, 2 * fn->nparams + 1);
    int n = 0, registers = 1;
    types[n++] = be->ptr;
    for (int i = 0; i < fn->nparams; i++) {
        stubs[i] = passed(be, &fn->params[i], &registers);
        for (int k = 0; k < stubs[i].n; k++)
            types[n++] = stubs[i].types[k];
    }
    const char *name = be_fn_name(be->a, be->prefix, fn);
    is_free(a, name);
    LV f = LLVMAddFunction(be->mod, name, LLVMFunctionType(be->i32, types, (unsigned)n, 0));
    be_attributes(be, f);
    for (int i = 0, at = 1; i < fn->nparams; at += stubs[i++].n)
        if (stubs[i].on_stack)
            pass_on_stack(be, f, at);
    stub_body(a, f, fn, stubs);
}

void be_aot(Be *be)
{
    Aot a = { .be = be, .done = map_new(be->a), .globals = map_new(be->a) };
    be->prefix = be_identifier(be->a, be->prefix);
    module(&a, be->tables);
    for (int i = 0; i < be->tables->nfns && !be->whole->failed; i++)
        stub(&a, be->tables->fns[i]);
}
