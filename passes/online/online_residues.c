/* online_residues.c - in a stream, `(i - j) % r == 0` is `i % r == j % r`: a remainder for each row and one for each place, and none for a pair.
 *
 * Where the difference is asked whether it fits a smaller integer, that is looked for elsewhere (fault_quiet.c): the remainders are of i64 then.
 */
#include "passes/online/online_int.h"

/* A difference as what is added less what is taken away. */
typedef struct Sides { IrBuilder b; IrNode *side[2]; } Sides;

static void add_term(Sides *s, IrNode *x, bool minus)
{
    bool sum = x->op == OP_add || x->op == OP_sub;
    if (sum || x->op == OP_neg) {
        for (int i = 0; i < x->nin; i++)
            add_term(s, x->in[i], minus != (x->op == OP_neg || (x->op == OP_sub && i == 1)));
        return;
    }
    IrNode **to = &s->side[minus];
    *to = *to ? ir_add2(&s->b, OP_add, ir_scalar(DT_i64), *to, x) : x;
}

static bool has_index(const IrNode *x, bool minus, bool of)
{
    if (x->op == OP_add || x->op == OP_sub || x->op == OP_neg) {
        bool found = false;
        for (int i = 0; i < x->nin && !found; i++)
            found = has_index(x->in[i], minus != (x->op == OP_neg || (x->op == OP_sub && i == 1)), of);
        return found;
    }
    return x->op == OP_index && minus == of;
}

static IrNode *wide(IrBuilder *b, IrNode *x) { return x->type.dtype == DT_i64 ? x : ir_add1(b, OP_cast, ir_scalar(DT_i64), x); }

/* eq: a remainder of a difference is 0, or is none. */
static void part(IrNode *eq, bool quiet)
{
    IrNode *mod = eq->in[0]->op == OP_cast ? eq->in[0]->in[0] : eq->in[0], *zero = eq->in[1];
    if ((eq->op != OP_eq && eq->op != OP_ne) || mod->op != OP_mod || zero->op != OP_const || zero->imm || mod->parent != eq->parent || !dtype_is_int(eq->in[0]->type.dtype))
        return;
    IrNode *x = mod->in[0];
    x = quiet && x->op == OP_narrow ? x->in[0] : x;
    if (x->type.dtype != DT_i64 || !dtype_is_int(mod->type.dtype) || !has_index(x, false, false) || !has_index(x, false, true))
        return;
    Sides s = { { eq->parent->fn, eq->parent, eq, eq->span }, { NULL, NULL } };
    add_term(&s, x, false);
    IrNode *r = wide(&s.b, mod->in[1]), *rest[2];
    for (int i = 0; i < 2; i++)
        rest[i] = ir_add2(&s.b, OP_mod, ir_scalar(DT_i64), s.side[i], r);
    ir_replace(eq, ir_add2(&s.b, (IrOp)eq->op, eq->type, rest[0], rest[1]));
    ir_drop(eq);
}

void online_part_residues(IrRegion *r, bool quiet)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int i = 0; i < n->nregions; i++)
            online_part_residues(n->regions[i], quiet);
        if (n->nin == 2)
            part(n, quiet);
    }
}

void online_part_residues_of_streams(IrNode *map)
{
    for (IrNode *n = map->regions[0]->first; n; n = n->next)
        if (n->op == OP_reduce && n->stream)
            online_part_residues(n->regions[0], false);
}
