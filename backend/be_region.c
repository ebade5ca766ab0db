/* be_region.c - nodes in order: which value a node has, what it depends on, who writes its code. */
#include <stddef.h>
#include <string.h>

#include "backend/be_int.h"

/* ---- values of nodes -------------------------------------------------------------------------------------------- */

void be_set(Em *em, IrNode *n, Val *v)
{
    em->vals[n->id] = v;
    if (n->op == OP_index && (!n->lo || be_dim(em, n->lo)->natural))
        v->natural = true;
}

/* A text that is written in the program: bytes in the object, with a 0 behind them. */
static LV text_value(Be *be, const char *text)
{
    LV bytes = LLVMConstStringInContext2(be->cx, text, strlen(text), 0);
    LV g = LLVMAddGlobal(be->mod, LLVMTypeOf(bytes), "");
    LLVMSetInitializer(g, bytes);
    LLVMSetLinkage(g, LLVMPrivateLinkage);
    LLVMSetGlobalConstant(g, 1);
    return g;
}

static Val *const_value(Em *em, const IrNode *n)
{
    Be *be = em->be;
    IrDtype t = n->type.dtype;
    LT lt = be_val_type(be, t);
    if (t == DT_key) {
        uint64_t w[2] = { n->key[0], n->key[1] };
        return val_scalar(em, t, LLVMConstIntOfArbitraryPrecision(lt, 2, w));
    }
    if (t == DT_str)
        return val_scalar(em, t, text_value(be, n->str));
    if (t == DT_f32)
        return val_scalar(em, t, be_real(lt, (double)(float)n->fimm));
    if (t == DT_f64)
        return val_scalar(em, t, be_real(lt, n->fimm));
    if (dtype_is_float(t))
        return val_scalar(em, t, be_round16(em, t, be_real(be->f64, n->fimm)));
    return val_scalar(em, t, LLVMConstInt(lt, t == DT_bool ? n->imm != 0 : (unsigned long long)n->imm, 1));
}

static Val *param_value(Em *em, const IrNode *n)
{
    IrDtype t = n->type.dtype;
    LV x = em_load(em, be_mem_type(em->be, t), be_leaf_pointer(em, n->imm), 8, MEM_KNOWN);
    return val_scalar(em, t, be_from_mem(em, t, x));
}

Val *be_val(Em *em, IrNode *n)
{
    if (n->op == OP_const)
        return const_value(em, n);
    if (n->op == OP_dim)
        return be_dim(em, n->dim);
    if (n->op == OP_param)
        return param_value(em, n);
    if (em->outer && !ir_inside(n, em->kernel))
        return val_scalar(em, n->type.dtype, be_from_mem(em, n->type.dtype, be_captured(em, n)));
    Val *v = em->vals[n->id];
    if (v)
        return v;
    be_fail(em->be, "internal: %%%u (%s) is used before it has a value", n->id, ir_info(n)->name);
    return val_scalar(em, n->type.dtype, be_zero(be_val_type(em->be, n->type.dtype)));
}

/* ---- what depends on the lanes or rows ---------------------------------------------------------------------------- */

typedef struct Mentions { Em *em; int bit; bool found; } Mentions;

static void mention(void *user, DimSym *s)
{
    Mentions *m = user;
    intptr_t tagged = (intptr_t)map_find(m->em->syms, s);
    if (tagged && !(tagged & 1) && (m->em->dep[((IrNode *)tagged)->id] & m->bit))
        m->found = true;
}

bool be_dim_depends(Em *em, Dim d, int bit)
{
    Mentions m = { em, bit, false };
    if (d)
        dim_syms(d, mention, &m);
    return m.found;
}

static bool region_depends(Em *em, IrRegion *r, int bit);

/* Which places a reduction combines may depend on it, though none of its elements does. */
static bool bounds_depend(Em *em, const IrNode *reduce, int bit)
{
    const IrRegion *r = reduce->regions[0];
    for (int i = 0; i < r->params.n; i++)
        if (be_dim_depends(em, r->params.p[i]->from, bit) || be_dim_depends(em, r->params.p[i]->to, bit))
            return true;
    return false;
}

static bool node_depends(Em *em, IrNode *n, int bit)
{
    bool dep = (n->op == OP_dim && be_dim_depends(em, n->dim, bit)) || (n->op == OP_reduce && bounds_depend(em, n, bit));
    for (int i = 0; i < n->nin; i++)
        dep = dep || (em->dep[n->in[i]->id] & bit);
    if ((n->op == OP_while || n->op == OP_for) && dep) /* what one value carried in depends on, all may */
        for (int k = 0; k < n->nregions; k++)
            for (int i = 0; i < n->regions[k]->params.n; i++)
                em->dep[n->regions[k]->params.p[i]->id] |= (uint8_t)bit;
    if ((n->op == OP_while || n->op == OP_for) && (em->dep[n->id] & bit)) /* and what a turn made of others, as the round before found */
        for (int k = 0; k < n->nregions; k++)
            for (int i = 0; i < n->regions[k]->params.n; i++)
                if (n->regions[k]->params.p[i]->op == OP_arg)
                    em->dep[n->regions[k]->params.p[i]->id] |= (uint8_t)bit;
    for (int k = 0; k < n->nregions; k++)
        dep = region_depends(em, n->regions[k], bit) || dep;
    return dep;
}

static bool region_depends(Em *em, IrRegion *r, int bit)
{
    bool any = false;
    for (int i = 0; i < r->params.n; i++) {
        IrNode *p = r->params.p[i];
        if (p->op == OP_index && (be_dim_depends(em, p->lo, bit) || be_dim_depends(em, p->dim, bit)))
            em->dep[p->id] |= (uint8_t)bit;
        any = any || (em->dep[p->id] & bit);
    }
    for (IrNode *n = r->first; n; n = n->next) {
        if (node_depends(em, n, bit))
            em->dep[n->id] |= (uint8_t)bit;
        else
            em->dep[n->id] &= (uint8_t)~bit;
        any = any || (em->dep[n->id] & bit);
    }
    return any;
}

/* Also leaves nothing behind for the loops that follow. */
void be_depend_end(Em *em, IrRegion *r, int bit)
{
    for (int i = 0; i < r->params.n; i++)
        em->dep[r->params.p[i]->id] &= (uint8_t)~bit;
    for (IrNode *n = r->first; n; n = n->next) {
        em->dep[n->id] &= (uint8_t)~bit;
        for (int k = 0; k < n->nregions; k++)
            be_depend_end(em, n->regions[k], bit);
    }
}

void be_depend(Em *em, IrRegion *r, IrNode *index, int bit)
{
    be_depend_end(em, r, bit);
    em->dep[index->id] |= (uint8_t)bit;
    region_depends(em, r, bit);
    region_depends(em, r, bit); /* loops: what the first round found about carried values */
}

bool be_varies(Em *em, const IrNode *n, int bit)
{
    bool active = bit == DEP_LANES ? em->W > 0 : em->R > 1;
    return active && (em->dep[n->id] & bit);
}

/* ---- code -------------------------------------------------------------------------------------------------------------- */

static void check_node(Em *em, IrNode *n)
{
    Val *ok = be_val(em, n->in[0]), *zero = val_int(em, 0);
    be_fault(em, n->imm, be_not(em, ok), zero, zero);
    if (!em->outer)
        be_return_if_stopped(em);
}

static Val *form_node(Em *em, IrNode *n)
{
    Be *be = em->be;
    LV forms = be_call_field(em, offsetof(MlcrtCall, form), be->ptr);
    LV form = em_load(em, be->i8, em_gep(em, be->i8, forms, be_int(be, n->imm)), 1, MEM_KNOWN);
    return val_scalar(em, DT_i64, em_cast(em, LLVMZExt, form, be->i64));
}

static void node(Em *em, IrNode *n)
{
    Val *part;
    if (n == em->skip)
        return;
    switch (n->op) {
    case OP_param: case OP_const: case OP_dim: case OP_buffer: case OP_result: case OP_yield:
        return; /* have their value where they are used, or from their owner */
    case OP_form: be_set(em, n, form_node(em, n)); return;
    case OP_load: be_set(em, n, be_load_node(em, n)); return;
    case OP_reduce: be_set(em, n, be_reduce(em, n)); return;
    case OP_if:
        if ((part = be_table(em, n)))
            be_set(em, n, part);
        else
            be_if(em, n);
        return;
    case OP_for: be_for(em, n); return;
    case OP_while: be_while(em, n); return;
    case OP_check: check_node(em, n); return;
    case OP_tfor:
        if (n->next && n->next->op == OP_reduce && be_terms(em, n->next))
            return; /* runs with the sum of what it writes */
        if (!be_part(em, n))
            be_tfor(em, n);
        return;
    case OP_store: be_store_node(em, n); return;
    case OP_prefetch: be_prefetch_node(em, n); return;
    case OP_dot16: be_dot16(em, n); return;
    case OP_kernel: be_kernel(em, n); return;
    case OP_copy: be_copy(em, n); return;
    case OP_setscalar: be_setscalar(em, n); return;
    case OP_effect: be_effect(em, n); return;
    case OP_sortrow: be_sortrow(em, n); return;
    default: break;
    }
    part = be_run_part(em, n);
    if (part)
        be_set(em, n, part);
    else if (ir_is_scalar_op(n))
        be_set(em, n, be_op(em, n));
    else
        be_fail(em->be, "internal: '%s' does not belong in tile IR", ir_info(n)->name);
}

/* What stands between the kernels of a region. */
static void values_between(Em *em, IrNode *first, const IrNode *end)
{
    for (IrNode *n = first; n != end; n = n->next) {
        for (int k = 0; n->op == OP_if && k < n->nregions; k++)
            values_between(em, n->regions[k]->first, NULL);
        if (n->op != OP_kernel && n->op != OP_if)
            node(em, n);
    }
}

/* Kernels of a body that make one region, from first on: the last of them; NULL: it runs alone. Profiles tell them apart. */
static IrNode *region_of(Em *em, IrNode *first)
{
    if (em->outer || em->be->opt->profile || em->be->opt->no_parallel)
        return NULL;
    IrPhases p = ir_phases(first, em->be->a);
    if (p.nunits < 2)
        return NULL;
    values_between(em, first, p.last->next);
    be_phases(em, &p);
    return p.last;
}

void be_nodes(Em *em, IrRegion *r, const uint8_t *marks, bool marked)
{
    for (IrNode *n = r->first, *last; n && !em->be->whole->failed; n = n->next)
        if ((n->op == OP_kernel || n->op == OP_if) && (last = region_of(em, n)))
            n = last;
        else if (!marks || (marks[n->id] != 0) == marked)
            node(em, n);
}

void be_region(Em *em, IrRegion *r) { be_nodes(em, r, NULL, true); }
