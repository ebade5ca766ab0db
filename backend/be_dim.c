/* be_dim.c - symbolic integers as code: a sum of terms, each a coefficient times powers of atoms.
 *
 * A symbol is a dim of the function (read from the call once, at its entry), an index, or an integer node. Where an index runs over
 * rows or lanes the result is a block. Emission moves each part to the outermost loop that knows it.
 */
#include <stddef.h>

#include "backend/be_int.h"

static Val *symbol(Em *em, DimSym *s)
{
    intptr_t tagged = (intptr_t)map_find(em->syms, s);
    if (tagged & 1) {
        LV dims = be_call_field(em, offsetof(MlcrtCall, dims), em->be->ptr);
        Val *size = val_scalar(em, DT_i64, em_load(em, em->be->i64, em_gep(em, em->be->i64, dims, be_int(em->be, tagged >> 1)), 8, MEM_KNOWN));
        size->natural = true;
        return size;
    }
    if (tagged)
        return be_val(em, (IrNode *)tagged);
    be_fail(em->be, "internal: nothing gives the size '%s'", s->name ? s->name : "?");
    return val_int(em, 1);
}

typedef struct Kinds { Em *em; bool sizes; } Kinds;

static void see_kind(void *user, DimSym *s)
{
    Kinds *k = user;
    k->sizes = k->sizes && ((intptr_t)map_find(k->em->syms, s) & 1);
}

static bool is_natural(Dim d)
{
    const DimTerm *t;
    int n = dim_terms(d, &t);
    for (int i = 0; i < n; i++) {
        if (t[i].coef < 0)
            return false;
        for (int k = 0; k < t[i].nfactors; k++) {
            const DimAtom *a = t[i].factors[k].atom;
            if (a->kind != DA_SYM && !(is_natural(a->a) && is_natural(a->b)))
                return false;
        }
    }
    return true;
}

/* A quotient or rest of sizes of the function, by a divisor whose division is no shift: the body knows it. */
static Val *known_quotient(Em *em, const DimAtom *t)
{
    Kinds k = { em, true };
    int64_t c;
    if (!em->outer || t->kind == DA_MIN || t->kind == DA_MAX || (dim_is_const(t->b, &c) && c > 0 && (c & (c - 1)) == 0))
        return NULL;
    dim_syms(t->a, see_kind, &k);
    dim_syms(t->b, see_kind, &k);
    if (!k.sizes)
        return NULL;
    Val *v = val_scalar(em, DT_i64, be_captured_quotient(em, dim_of_atom(t)));
    v->natural = is_natural(t->a) && is_natural(t->b);
    return v;
}

static Val *atom(Em *em, const DimAtom *t)
{
    if (t->kind == DA_SYM)
        return symbol(em, t->sym);
    Val *known = known_quotient(em, t);
    if (known)
        return known;
    Val *a = be_dim(em, t->a), *b = be_dim(em, t->b);
    switch (t->kind) {
    case DA_MOD: return val_mod(em, a, b);
    case DA_MIN: return val_minmax(em, a, b, false);
    case DA_MAX: return val_minmax(em, a, b, true);
    case DA_EXACTDIV: return val_exactdiv(em, a, b);
    default: return val_floordiv(em, a, b);
    }
}

static Val *term(Em *em, const DimTerm *t)
{
    Val *x = NULL;
    for (int i = 0; i < t->nfactors; i++) {
        Val *a = atom(em, t->factors[i].atom);
        for (int k = 0; k < t->factors[i].power; k++)
            x = x ? val_mul(em, x, a) : a;
    }
    if (!x)
        return val_int(em, t->coef);
    return t->coef == 1 ? x : val_mul(em, x, val_int(em, t->coef));
}

Val *be_dim(Em *em, Dim d)
{
    const DimTerm *t;
    int n = dim_terms(d, &t);
    if (!n)
        return val_int(em, 0);
    Val **x = NEWN(em->be->a, Val *, n);
    for (int i = 0; i < n; i++)
        x[i] = term(em, &t[i]);
    Val *sum = NULL;
    for (int level = 0; level < em->scopes.n; level++) /* what outer loops know is added up there */
        for (int i = 0; i < n; i++)
            if (x[i] && val_level(em, x[i]) == level) {
                sum = sum ? val_add(em, sum, x[i]) : x[i];
                x[i] = NULL;
            }
    return sum;
}

LV be_dim_scalar(Em *em, Dim d)
{
    Val *x = be_dim(em, d);
    if (x->nr > 1 || x->nv > 1 || val_varies(x)) {
        be_fail(em->be, "internal: a size differs between the lanes of a loop");
        return be_int(em->be, 0);
    }
    return x->v[0];
}
