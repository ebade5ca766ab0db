/* shrink.c - makes a program smaller while its verdict stays: drops declarations, statements and parameters, lowers dims, drops guards,
 * puts a kid or a constant in place of a number and a plain index in place of a subscript. Until nothing more goes. */
#include "oracle.h"

typedef struct Shrink { Oracle *o; Arena *a; Program *p; Verdict wanted; bool again; int left; } Shrink;

static bool stays(Shrink *s)
{
    if (s->left <= 0)
        return false;
    s->left--;
    return oracle_try(s->o, s->p) == s->wanted;
}

/* Tries `with` in the place of n; keeps it if the verdict stays. */
static bool put(Shrink *s, Node *n, Node with)
{
    Node old = *n;
    *n = with;
    if (stays(s)) {
        s->again = true;
        return true;
    }
    *n = old;
    return false;
}

static void shrink_node(Shrink *s, Node *n)
{
    const Node empty = { .sort = '-', .text = "" }, one = { .sort = '-', .text = "1.0" }, z = { .sort = '-', .text = "z" }, yes = { .sort = '-', .text = "true" };
    if (!*n->text)
        return;
    bool gone = n->sort == 's' || n->sort == 'g' ? put(s, n, empty) : n->sort == 'b' ? put(s, n, yes) : n->sort == 'f' ? put(s, n, one) || put(s, n, z) : false;
    for (int i = 0; !gone && i < n->nkids; i++)
        if (n->sort == 'f' || n->sort == 'b' || n->sort == 'i')
            if (n->kid[i]->sort == n->sort || n->sort == 'i')
                gone = put(s, n, *n->kid[i]);
    for (int i = 0; i < n->nkids; i++)
        shrink_node(s, n->kid[i]);
}

static void shrink_params(Shrink *s)
{
    for (int i = 0; i < s->p->nparams; i++) {
        GenParam *q = &s->p->params[i];
        if (q->dropped)
            continue;
        q->dropped = true;
        if (stays(s))
            s->again = true;
        else
            q->dropped = false;
    }
}

static void shrink_dims(Shrink *s)
{
    for (int i = 0; i < GEN_DIMS; i++) {
        int64_t old = s->p->dims[i], tries[] = { 0, 1, old / 2, old - 1 };
        for (int k = 0; k < 4; k++) {
            if (tries[k] < 0 || tries[k] >= old)
                continue;
            s->p->dims[i] = tries[k];
            if (stays(s)) {
                s->again = true;
                break;
            }
            s->p->dims[i] = old;
        }
    }
}

bool oracle_shrink(Oracle *o, Arena *a, Program *p, Verdict wanted)
{
    Shrink s = { .o = o, .a = a, .p = p, .wanted = wanted, .again = true, .left = 1500 };
    const Oracle first = *o;
    o->only = true;
    o->only_way = first.way;
    while (s.again) {
        s.again = false;
        for (int i = p->nstmts - 1; i >= 0; i--)
            shrink_node(&s, p->stmts[i]);
        shrink_node(&s, p->result);
        for (int i = p->ndecls - 1; i >= 0; i--) {
            Node empty = { .sort = '-', .text = "" };
            if (*p->decls[i]->text && !put(&s, p->decls[i], empty))
                shrink_node(&s, p->decls[i]);
        }
        shrink_dims(&s);
        shrink_params(&s);
    }
    bool still = oracle_try(o, p) == wanted;
    if (!still)
        *o = first;
    o->only = false;
    return still;
}
