/* check_rec.c - recurrences: equations that read their own earlier elements.
 *
 *     rec h[t, d] = a[t, d] * (h[t - 1, d] ?? 0) + b[t, d]        scan over t, forwards
 *
 * Ranges first, each equation helping the others; then bodies, with the members as tensors; then the reads of members, which
 * decide over which axes the group is scanned, in which direction, and in what order the equations stand at one place.
 */
#include "frontend/check/rec_int.h"

/* ---- bodies ---- */

static Core *body_of(RecCx *r, Eq *q)
{
    Fx *f = r->f;
    Scope *at = f->scope;
    frame_push(f, FRAME_index);
    rec_enter(r, q);
    for (int i = 0; i < q->n; i++)
        index_enter(f, q->b[i].group->idx[0]);
    Val *v = expr_plain(f, q->t->kids[1]);
    f->scope = at;
    if (!is_error(v) && (v->kind != V_core || v->type.rank)) {
        report(f, E0206, q->t->kids[1]->span, "an element of a recurrence is a number, not %s", val_text(f, v));
        v = val_error();
    }
    Core *c = is_error(v) ? NULL : v->core;
    if (c && v->weak && v->type.dtype == DT_f64)
        c = core_cast(f, c, DT_f32, OP_cast);
    return frame_pop(f, c);
}

/* What a member may be before its body tells: an int that takes the type that it meets, else a number, else a condition. */
static const IrDtype guesses[] = { DT_i64, DT_f32, DT_f64, DT_bool, DT_f32 };
enum { GUESSES = sizeof guesses / sizeof guesses[0], KNOWN = -1 };

static void guess(RecCx *r, int i, int k)
{
    r->eq[i].guess = k;
    rec_set_type(r, i, guesses[k]);
    r->ents[i]->val->weak = k == 0;
}

/* The type that the body of equation i gives; another guess if it gives none. True if that is what was assumed. */
static bool settle_type(RecCx *r, int i)
{
    Fx *f = r->f;
    Eq *q = &r->eq[i];
    Trial t = trial_begin(f);
    f->weak_reads = true;
    Core *c = body_of(r, q);
    f->weak_reads = false;
    trial_end(f, &t);
    if (!c && q->guess != KNOWN && q->guess + 1 < GUESSES) {
        guess(r, i, q->guess + 1);
        return false;
    }
    bool same = q->guess != 0 && (!c || c->type.dtype == q->var->type.dtype);
    if (!c)
        return same; /* reported when the body is checked */
    if (q->guess == 0 || !same)
        rec_set_type(r, i, c->type.dtype);
    q->guess = KNOWN;
    return same;
}

/* Element types: until the bodies give what was assumed. */
static bool find_types(RecCx *r)
{
    Fx *f = r->f;
    for (int i = 0; i < r->n; i++)
        guess(r, i, 0);
    for (int round = 0; round < 12; round++) {
        bool same = true;
        for (int i = 0; i < r->n; i++)
            same &= settle_type(r, i);
        if (same)
            return true;
    }
    report(f, E0206, r->span, "the element types of this recurrence do not settle: cast a start value");
    return false;
}

/* ---- reads ---- */

int rec_member_of(const RecCx *r, const CoreVar *v)
{
    for (int i = 0; i < r->n; i++)
        if (r->eq[i].var == v)
            return i;
    return -1;
}

static bool find_reads(RecCx *r, int by, const Core *c, bool inside)
{
    if (!c)
        return true;
    int m = c->kind == C_var ? rec_member_of(r, c->var) : -1;
    if (m >= 0 && !inside) {
        report(r->f, E0308, r->eq[by].t->kids[1]->span, "'%s' is read as a whole inside its own recurrence", c->var->name);
        return false;
    }
    m = c->kind == C_load && c->kids[0]->kind == C_var ? rec_member_of(r, c->kids[0]->var) : -1;
    if (m >= 0 && r->nreads < READS_MOST)
        r->reads[r->nreads++] = (Read){ by, m, c };
    for (int i = 0; i < c->nkids; i++)
        if (!find_reads(r, by, c->kids[i], m >= 0 && i == 0))
            return false;
    return true;
}

/* ---- the scan ---- */

int rec_axis_named(const Eq *q, Name n)
{
    for (int i = 0; i < q->n; i++)
        if (q->b[i].name == n)
            return i;
    return -1;
}

/* How far from the place of the reader, along the index of that name; false: not a constant. */
static bool offset(RecCx *r, const Read *x, Name n, int64_t *v)
{
    Fx *f = r->f;
    int to = rec_axis_named(&r->eq[x->of], n), from = rec_axis_named(&r->eq[x->by], n);
    if (to < 0 || from < 0)
        return false;
    const Core *s = x->load->kids[to + 1];
    while (s->kind == C_op && s->op == OP_clampi)
        s = s->kids[0];
    Dim d = dim_of_core(f, s);
    if (!d)
        return false;
    return dim_is_const(dim_sub(f->dims, d, dim_sym(f->dims, r->eq[x->by].b[from].group->idx[0]->sym)), v);
}

/* Can the group be scanned along this index? Sets the direction if some read needs it. */
static bool scannable(RecCx *r, const RecScan *s, Name n, int *step)
{
    *step = 0;
    for (int i = 0; i < r->n; i++)
        if (rec_axis_named(&r->eq[i], n) < 0)
            return false;
    for (int i = 0; i < r->nreads; i++) {
        int64_t v;
        if (s->decided[i])
            continue;
        if (!offset(r, &r->reads[i], n, &v) || (v < 0 && *step < 0) || (v > 0 && *step > 0))
            return false;
        if (v)
            *step = v < 0 ? 1 : -1;
    }
    return *step != 0;
}

static bool order_from(RecCx *r, const RecScan *s, int *order, int *mark, int i, int *n)
{
    if (mark[i])
        return mark[i] == 2;
    mark[i] = 1;
    for (int k = 0; k < r->nreads; k++)
        if (r->reads[k].by == i && !s->decided[k] && !order_from(r, s, order, mark, r->reads[k].of, n))
            return false;
    mark[i] = 2;
    order[(*n)++] = i;
    return true;
}

/* The equations so that each comes after those it reads at the same place. */
static bool find_order(RecCx *r, const RecScan *s, int *order)
{
    int mark[EQS_MOST] = { 0 }, n = 0;
    for (int i = 0; i < r->n; i++)
        if (!order_from(r, s, order, mark, i, &n))
            return false;
    return true;
}

static bool find_scan(RecCx *r, RecScan *s, int *order)
{
    const Eq *q = &r->eq[0];
    for (int i = 0; i < q->n && !find_order(r, s, order); i++) {
        int step;
        Name n = q->b[i].name;
        if (!scannable(r, s, n, &step))
            continue;
        for (int k = 0; k < r->nreads; k++) {
            int64_t v;
            if (!s->decided[k] && offset(r, &r->reads[k], n, &v) && v)
                s->decided[k] = true;
        }
        s->name[s->n] = n;
        s->step[s->n++] = step;
    }
    if (find_order(r, s, order))
        return true;
    report(r->f, E0308, r->span, "this recurrence is circular, or reads in both directions");
    diag_help(r->f->cx->diags, "along some index every read of a member must be at a constant distance, always before or always behind");
    return false;
}

static bool same_extents(RecCx *r, const RecScan *s)
{
    for (int k = 0; k < s->n; k++)
        for (int i = 1; i < r->n; i++) {
            Dim a = r->eq[0].b[rec_axis_named(&r->eq[0], s->name[k])].extent, b = r->eq[i].b[rec_axis_named(&r->eq[i], s->name[k])].extent;
            if (dims_equal(r->f, a, b))
                continue;
            report(r->f, E0302, r->eq[i].t->span, "dims %s and %s differ", dim_say(r->f, a), dim_say(r->f, b));
            diag_note(r->f->cx->diags, (Span){ 0, 0, 0 }, "all equations of a recurrence run over the same %s", s->name[k]);
            return false;
        }
    return true;
}

static CoreRec *build(RecCx *r, const RecScan *s, const int *order, Core **bodies)
{
    Fx *f = r->f;
    CoreRec *rec = NEW(f->a, CoreRec);
    rec->n = r->n;
    rec->nscan = s->n;
    rec->eqs = NEWN(f->a, CoreRecEq, r->n);
    rec->scan_axis = NEWN(f->a, int *, r->n);
    rec->step = NEWN(f->a, int, s->n + 1);
    rec->scan_extent = NEWN(f->a, Dim, s->n + 1);
    for (int k = 0; k < s->n; k++) {
        rec->step[k] = s->step[k];
        rec->scan_extent[k] = r->eq[0].b[rec_axis_named(&r->eq[0], s->name[k])].extent;
    }
    for (int i = 0; i < r->n; i++) {
        Eq *q = &r->eq[order[i]];
        CoreRecEq *e = &rec->eqs[i];
        e->var = q->var;
        e->nindices = q->n;
        e->indices = NEWN(f->a, CoreIndex *, q->n);
        for (int k = 0; k < q->n; k++)
            e->indices[k] = q->b[k].group->idx[0];
        e->body = bodies[order[i]];
        rec->scan_axis[i] = NEWN(f->a, int, s->n + 1);
        for (int k = 0; k < s->n; k++)
            rec->scan_axis[i][k] = rec_axis_named(q, s->name[k]);
    }
    return rec;
}

/* ---- the statement ---- */

static bool open_equations(RecCx *r, const Tree *list)
{
    Fx *f = r->f;
    for (int i = 0; i < r->n; i++) {
        Eq *q = &r->eq[i];
        q->t = list->kids[i];
        if (!binders_of(f, q->t->kids[0], &q->n, q->b))
            return false;
        r->ents[i] = scope_add(f, ENT_val, q->t->name, q->t->span);
        r->ents[i]->val = val_error();
        scope_push(f, SCOPE_index);
        binders_enter(f, q->n, q->b);
        scope_pop(f);
        for (int k = 0; k < q->n; k++)
            if (q->b[k].pack && q->pack)
                return false; /* reported as declared twice */
            else if (q->b[k].pack) {
                q->pack = q->b[k].group;
                q->pack_at = k;
                q->open = true;
            }
    }
    return true;
}

static bool solve(RecCx *r, Core **bodies)
{
    Fx *f = r->f;
    RecScan s = { 0 };
    int order[EQS_MOST];
    if (!rec_find_ranges(r) || !find_types(r))
        return false;
    for (int i = 0; i < r->n; i++)
        if (!(bodies[i] = body_of(r, &r->eq[i])))
            return false;
    for (int i = 0; i < r->n; i++)
        if (!find_reads(r, i, bodies[i], false))
            return false;
    if (!find_scan(r, &s, order) || !same_extents(r, &s) || !rec_has_start(r, &s, bodies))
        return false;
    CoreRec *rec = build(r, &s, order, bodies);
    for (int i = 0; i < r->n; i++) {
        Core *c = core_new(f, C_rec, r->eq[order[i]].var->type, 0);
        c->rec = rec;
        c->redop = (uint8_t)i;
        c->span = r->span;
        r->ents[order[i]]->val = val_core(f, let_out(f, c, rec->eqs[i].var->name), false);
    }
    return true;
}

/* Members without a value, after a mistake: silent from here on. */
static void give_up(RecCx *r, const Tree *list)
{
    for (int i = 0; i < r->n; i++) {
        Ent *e = i < EQS_MOST ? r->ents[i] : NULL;
        if (!e)
            e = scope_add(r->f, ENT_val, list->kids[i]->name, list->kids[i]->span);
        e->val = val_error();
    }
}

void rec_statement(Fx *f, const Tree *t)
{
    const Tree *list = t->kids[0];
    RecCx *r = NEW(f->a, RecCx);
    Core *bodies[EQS_MOST];
    *r = (RecCx){ .f = f, .n = list->nkids, .eq = NEWN(f->a, Eq, list->nkids + 1), .ents = NEWN(f->a, Ent *, EQS_MOST), .span = t->span };
    bool ok = false;
    if (r->n > EQS_MOST)
        not_yet(f, E0501, t->span, "a recurrence of more than 16 equations");
    else
        ok = open_equations(r, list) && solve(r, bodies);
    if (!ok)
        give_up(r, list);
}
