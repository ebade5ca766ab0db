/* check_suggest.c - "did you mean v[b, j, d]?": the one order of the subscripts in which all ranges agree. */
#include "frontend/check/check_int.h"

enum { SUBS_MOST = 6 };

typedef struct Order { Fx *f; const Val *v; int n; Dim dims[SUBS_MOST]; const Tree *subs[SUBS_MOST]; int at[SUBS_MOST], best[SUBS_MOST], found; } Order;

static bool agrees(const Order *o)
{
    for (int i = 0; i < o->n; i++) {
        Dim d = o->dims[o->at[i]];
        if (d && !dims_equal(o->f, d, o->v->type.dims[i]))
            return false;
    }
    return true;
}

/* Names change places, of which one whose range is not known yet fits anywhere; other subscripts stay. */
static void try_orders(Order *o, int k)
{
    if (k == o->n) {
        if (agrees(o) && o->found++ == 0)
            for (int i = 0; i < o->n; i++)
                o->best[i] = o->at[i];
        return;
    }
    for (int i = k; i < o->n; i++) {
        if (i != k && (o->subs[o->at[i]]->kind != T_name || o->subs[o->at[k]]->kind != T_name))
            continue;
        int t = o->at[k];
        o->at[k] = o->at[i];
        o->at[i] = t;
        try_orders(o, k + 1);
        t = o->at[k];
        o->at[k] = o->at[i];
        o->at[i] = t;
    }
}

static Dim range_of(Fx *f, const Tree *t)
{
    Ent *e = t->kind == T_name ? scope_find(f->scope, t->name) : NULL;
    return e && e->kind == ENT_index && e->group->n == 1 ? e->group->idx[0]->extent : NULL;
}

static void say(Order *o, const Tree *index)
{
    Fx *f = o->f;
    const Source *src = f->cx->sources->files.p[index->span.file - 1];
    Buf b = buf_new(f->a);
    Span base = index->kids[0]->span;
    buf_add(&b, src->text + base.lo, base.hi - base.lo);
    for (int i = 0; i < o->n; i++) {
        Span s = o->subs[o->best[i]]->span;
        buf_puts(&b, i ? ", " : "[");
        buf_add(&b, src->text + s.lo, s.hi - s.lo);
    }
    buf_putc(&b, ']');
    diag_help(f->cx->diags, "did you mean %s?", buf_text(&b));
}

void range_help(Fx *f, const Tree *index, const Val *v, int n, Binder *b, Dim const *ranges)
{
    const Tree *subs = index->kids[1];
    Order o = { .f = f, .v = v, .n = subs->nkids };
    if (v->kind != V_core || v->type.rank != o.n || o.n > SUBS_MOST || !index->span.file)
        return;
    for (int i = 0; i < o.n; i++) {
        const Tree *t = subs->kids[i];
        o.subs[i] = t;
        o.at[i] = i;
        o.dims[i] = range_of(f, t);
        Ent *e = t->kind == T_name ? scope_find(f->scope, t->name) : NULL;
        for (int k = 0; e && k < n; k++)
            if (e->kind == ENT_index && e->group == b[k].group && ranges[k])
                o.dims[i] = ranges[k];
        if (t->kind == T_rest || t->kind == T_slice)
            return;
    }
    try_orders(&o, 0);
    if (o.found == 1)
        say(&o, index);
}
