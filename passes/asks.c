/* asks.c - does a load ask for an element more often than once? What indices its subscripts leave open tells.
 *
 *     x[i, j - i]        no: i is told by the first subscript, then j by the second
 *     x[a * B + b]       no: one piece of memory, walked by two indices
 *     x[t + k]           yes: T + K elements for T * K places
 *     x[i, clip(j - i)]  yes: many j have one element
 *     x[abs(i - j)]      yes: as many distances as places, and each for many pairs
 */
#include "passes/pass_int.h"

typedef enum Use { ABSENT, UNIT, WIDE, BENT } Use; /* in a subscript: not at all, +x or -x, times something else, within another function */

enum { INDICES_MOST = 16 };

typedef struct Asks { PassCx *cx; const IrNode *load; IrNode *const *index; int n; bool known[INDICES_MOST]; } Asks;

typedef struct Hidden { PassCx *cx; IrNode *index; bool hit; } Hidden;

static void see_hidden(void *user, DimSym *s)
{
    Hidden *h = user;
    IrNode *def = map_find(&h->cx->sym_nodes, s);
    h->hit = h->hit || s == h->index->sym || (def && def != h->index && pass_depends_on(h->cx, def, h->index));
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
            use = !linear ? BENT : unit ? UNIT : WIDE;
        }
    return use;
}

/* What subscript k says of the indices that are not known yet; true: of one more. */
static bool tells(Asks *a, int k)
{
    Dim d = pass_dim_through(a->cx, a->load->in[k]);
    Use use[INDICES_MOST];
    int open = 0, units = 0;
    bool bent = false;
    for (int i = 0; i < a->n; i++) {
        use[i] = a->known[i] ? ABSENT : use_of(a->cx, d, a->index[i]);
        open += use[i] != ABSENT;
        units += use[i] == UNIT;
        bent = bent || use[i] == BENT;
    }
    if (!open || bent || units > 1)
        return false;
    for (int i = 0; i < a->n; i++)
        a->known[i] = a->known[i] || use[i] != ABSENT;
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
        if (use_of(a->cx, pass_dim_through(a->cx, a->load->in[k]), a->index[i]) == BENT && is_alone(a, k, i))
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
