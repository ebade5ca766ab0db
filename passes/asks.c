/* asks.c - does a load ask for an element more often than once? What indices its subscripts leave open tells.
 *
 *     x[i, j - i]        no: i is told by the first subscript, then j by the second
 *     x[a * B + b]       no: one piece of memory, walked by two indices
 *     x[a * B + p // X, p % X]     no: by three, of which p is two
 *     x[t + k]           yes: T + K elements for T * K places
 *     x[t - 2 * k]       yes: steps are shorter than t is long
 *     x[i, clip(j - i)]  yes: many j have one element
 *     x[abs(i - j)]      yes: as many distances as places, and each for many pairs
 */
#include "passes/pass_int.h"

/* In a subscript: not at all, +x or -x, times something else, x // n or x % n alone, within another function. */
typedef enum Use { ABSENT, UNIT, WIDE, PART, BENT } Use;

enum { INDICES_MOST = 16 };

typedef struct Asks { PassCx *cx; const IrNode *load; IrNode *const *index; int n; bool known[INDICES_MOST]; } Asks;

typedef struct Hidden { PassCx *cx; IrNode *index; bool hit; } Hidden;

static void see_hidden(void *user, DimSym *s)
{
    Hidden *h = user;
    IrNode *def = map_find(&h->cx->sym_nodes, s);
    h->hit = h->hit || s == h->index->sym || (def && def != h->index && pass_depends_on(h->cx, def, h->index));
}

/* (x // Y) % X, whatever the order. */
static bool is_part_of(const DimAtom *a, const DimSym *x)
{
    const DimTerm *t;
    bool divides = a->kind == DA_FLOORDIV || a->kind == DA_MOD;
    if (!divides || dim_mentions(a->b, x) || dim_terms(a->a, &t) != 1 || t->nfactors != 1 || t->factors->power != 1)
        return false;
    const DimAtom *of = t->factors->atom;
    return t->coef == 1 && (of->kind == DA_SYM ? of->sym == x : is_part_of(of, x));
}

/* g * (H / G) is (g * H) / G. */
static bool is_quotient_of(const DimAtom *a, const DimSym *x)
{
    const DimTerm *t;
    int n = a->kind == DA_EXACTDIV && !dim_mentions(a->b, x) ? dim_terms(a->a, &t) : 0, found = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < t[i].nfactors; k++) {
            const DimFactor *f = &t[i].factors[k];
            bool linear = f->atom->kind == DA_SYM && f->atom->sym == x && f->power == 1;
            found += linear ? 1 : dim_mentions(dim_of_atom(f->atom), x) ? n : 0;
        }
    return found == 1;
}

static Use use_of(PassCx *cx, Dim d, IrNode *index)
{
    const DimTerm *terms;
    Use use = ABSENT;
    int n = dim_terms(d, &terms);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < terms[i].nfactors; k++) {
            const DimFactor *f = &terms[i].factors[k];
            Hidden h = { cx, index, false };
            dim_syms(dim_of_atom(f->atom), see_hidden, &h);
            if (!h.hit)
                continue;
            bool linear = f->atom->kind == DA_SYM && f->atom->sym == index->sym && f->power == 1 && use == ABSENT;
            bool unit = terms[i].nfactors == 1 && (terms[i].coef == 1 || terms[i].coef == -1);
            bool part = unit && f->power == 1 && use == ABSENT && is_part_of(f->atom, index->sym);
            use = part ? PART : linear ? (unit ? UNIT : WIDE) : use == ABSENT && is_quotient_of(f->atom, index->sym) ? WIDE : BENT;
        }
    return use;
}

/* Is a step of `index` a number, and far shorter than `unit` runs? Places of one walk do not lie among those of the other then. */
static bool steps_within(Dim d, const IrNode *index, const IrNode *unit)
{
    const DimTerm *t;
    int64_t most;
    int n = dim_terms(d, &t);
    for (int i = 0; i < n; i++)
        if (t[i].nfactors == 1 && t[i].factors->power == 1 && t[i].factors->atom->kind == DA_SYM && t[i].factors->atom->sym == index->sym)
            return !dim_is_const(unit->dim, &most) || most > 2 * (t[i].coef < 0 ? -t[i].coef : t[i].coef);
    return false;
}

/* What subscript k says of the indices that are not known yet; true: of one more. */
static bool tells(Asks *a, int k)
{
    Dim d = pass_dim_through(a->cx, a->load->in[k]);
    Use use[INDICES_MOST];
    int open = 0, units = 0;
    bool bent = false;
    const IrNode *unit = NULL;
    for (int i = 0; i < a->n; i++) {
        use[i] = a->known[i] ? ABSENT : use_of(a->cx, d, a->index[i]);
        open += use[i] == UNIT || use[i] == WIDE;
        units += use[i] == UNIT || use[i] == PART;
        unit = use[i] == UNIT ? a->index[i] : unit;
        bent = bent || use[i] == BENT;
    }
    for (int i = 0; i < a->n && unit; i++)
        bent = bent || (use[i] == WIDE && steps_within(d, a->index[i], unit));
    if (!open || bent || units > 1)
        return false;
    for (int i = 0; i < a->n; i++)
        a->known[i] = a->known[i] || use[i] == UNIT || use[i] == WIDE;
    return true;
}

/* Are all other indices of subscript k known? */
static bool is_alone(Asks *a, int k, int i)
{
    for (int other = 0; other < a->n; other++)
        if (other != i && !a->known[other] && pass_depends_on(a->cx, a->load->in[k], a->index[other]))
            return false;
    return true;
}

/* Row and column of a place, p // X and p % X, or what runs over an axis as long as the index in an order of its own: as good as told. */
static bool is_spread(Asks *a, int i)
{
    int bent = 0;
    for (int k = 1; k < a->load->nin; k++)
        if (use_of(a->cx, pass_dim_through(a->cx, a->load->in[k]), a->index[i]) >= PART && is_alone(a, k, i))
            bent += a->load->in[0]->type.dims[k - 1] == a->index[i]->dim ? 2 : 1;
    return bent > 1;
}

bool pass_asks_again(PassCx *cx, const IrNode *load, IrNode *const *index, int n)
{
    Asks a = { cx, load, index, n, { false } };
    if (n > INDICES_MOST)
        return false;
    for (int k = 1; k < load->nin; k++)
        if (dim_is_poison(pass_dim_through(cx, load->in[k]))) /* beyond what dims can say */
            return true;
    for (bool more = true; more;) {
        more = false;
        for (int k = 1; k < load->nin; k++)
            more = tells(&a, k) || more;
    }
    for (int i = 0; i < n; i++)
        if (!a.known[i] && !is_spread(&a, i))
            return true;
    return false;
}
