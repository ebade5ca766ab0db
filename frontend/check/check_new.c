/* check_new.c - making values of structs and models: given fields, defaults, draws, parts.
 *
 * The key of a drawn parameter is that of the whole, folded with the names on its path and the numbers of list elements.
 */
#include "frontend/check/check_int.h"

#include <string.h>

/* ---- header numbers that only the fields tell ---- */

typedef struct Pair { Dim want, have; } Pair;
typedef struct Solve { Fx *f; Struct *st; Dim *args; VEC(Pair) pairs; } Solve;

static int number_at(const Struct *st, const DimSym *s)
{
    for (int i = 0; i < st->pub.numbers.n; i++)
        if (st->pub.numbers.p[i] == s)
            return i;
    return -1;
}

static void pair_types(Solve *s, const CoreSty *want, const CoreSty *have)
{
    if (!have || want->kind != have->kind)
        return;
    if (want->kind == STY_struct)
        for (int i = 0; i < want->n && want->strct == have->strct; i++)
            PUSH(s->f, &s->pairs, ((Pair){ want->args[i], have->args[i] }));
    if (want->kind == STY_list) {
        PUSH(s->f, &s->pairs, ((Pair){ want->count, have->count }));
        pair_types(s, want->elem, have->elem);
    }
    if (want->kind == STY_value)
        for (int i = 0; i < want->type.rank && want->type.rank == have->type.rank; i++)
            PUSH(s->f, &s->pairs, ((Pair){ want->type.dims[i], have->type.dims[i] }));
}

typedef struct Open { Solve *s; DimSym *sym; int n; } Open;

static void count_open(void *user, DimSym *sym)
{
    Open *o = user;
    int i = number_at(o->s->st, sym);
    if (i >= 0 && !o->s->args[i]) {
        o->sym = sym;
        o->n++;
    }
}

static Dim known_number(void *user, DimSym *sym)
{
    Solve *s = user;
    int i = number_at(s->st, sym);
    return i >= 0 ? s->args[i] : NULL;
}

static bool solve_numbers(Solve *s, Span at)
{
    Fx *f = s->f;
    for (bool progress = true; progress;) {
        progress = false;
        for (int i = 0; i < s->pairs.n; i++) {
            Open o = { s, NULL, 0 };
            Dim value, by;
            dim_syms(s->pairs.p[i].want, count_open, &o);
            if (o.n != 1 || !dim_solve(f->dims, s->pairs.p[i].want, s->pairs.p[i].have, o.sym, &value, &by))
                continue;
            value = dim_subst(f->dims, value, known_number, s);
            s->args[number_at(s->st, o.sym)] = value;
            progress = true;
        }
    }
    for (int i = 0; i < s->st->pub.numbers.n; i++)
        if (!s->args[i]) {
            report(f, E0205, at, "'%s' of '%s' is neither given nor follows from a field", s->st->pub.numbers.p[i]->name, s->st->pub.name);
            return false;
        }
    return true;
}

/* ---- the type that is made ---- */

static const Tree *arg_named(const Tree *args, Name n)
{
    for (int i = 0; i < args->nkids; i++)
        if (args->kids[i]->name == n)
            return args->kids[i]->kids[0];
    return NULL;
}

static bool header_given(const Tree *params, const Tree *args)
{
    int positional = 0;
    while (positional < args->nkids && !args->kids[positional]->name)
        positional++;
    for (int i = 0; params && i < params->nkids; i++)
        if (i >= positional && !arg_named(args, params->kids[i]->name) && !params->kids[i]->kids[1])
            return false;
    return true;
}

/* The type argument M of a struct from a field that is declared `f: M`. */
static Val *type_from_field(Fx *f, Decl *d, Name m, const Tree *args, Map *vals)
{
    const Tree *members = d->tree->kids[3];
    for (int i = 0; i < members->nkids; i++) {
        const Tree *t = members->kids[i], *type = t->kind == T_mfield ? t->kids[0] : NULL;
        Val *v = type && type->kind == T_tbase && type->kids[0]->name == m ? map_find(vals, t->name) : NULL;
        if (v && v->kind == V_agg && v->sty->kind == STY_struct) {
            Val *r = val_new(f, V_type);
            r->sty = v->sty;
            return r;
        }
    }
    (void)args;
    return NULL;
}

static CoreSty *type_from_fields(Fx *f, Decl *d, const Tree *args, Map *vals, Span s)
{
    const Tree *params = d->tree->kids[1];
    Env env = { .pack = -1 };
    for (int i = 0; i < params->nkids; i++) {
        const Tree *p = params->kids[i];
        if (!p->kids[0])
            continue;
        StaticArg a = { p->name, type_from_field(f, d, p->name, args, vals) };
        if (!a.val) {
            report(f, E0205, s, "'%s' of '%s' is neither given nor follows from a field", p->name, d->name);
            return NULL;
        }
        PUSH(f, &env.statics, a);
    }
    Struct *st = struct_get(f, d, &env, s);
    if (!st)
        return NULL;
    Solve sv = { .f = f, .st = st, .args = NEWN(f->a, Dim, st->pub.numbers.n + 1) };
    for (int i = 0; i < st->fields.n; i++) {
        Val *v = map_find(vals, st->fields.p[i].name);
        if (v && st->fields.p[i].sty && !is_error(v))
            pair_types(&sv, st->fields.p[i].sty, val_sty(f, v));
    }
    for (int i = 0; i < st->hidden.n; i++)
        sv.args[struct_nheader(st) + i] = st->hidden.p[i];
    for (int i = 0; i < params->nkids; i++) {
        const Tree *g = i < args->nkids && !args->kids[i]->name ? args->kids[i]->kids[0] : arg_named(args, params->kids[i]->name);
        if (!g || params->kids[i]->kids[0])
            continue;
        for (int k = 0; k < st->pub.numbers.n; k++)
            if (st->pub.numbers.p[k]->name == params->kids[i]->name)
                sv.args[k] = dim_expr(f, g);
    }
    if (!solve_numbers(&sv, s))
        return NULL;
    CoreSty *sty = NEW(f->a, CoreSty);
    *sty = (CoreSty){ .kind = STY_struct, .strct = &st->pub, .n = st->pub.numbers.n, .args = sv.args };
    return sty;
}

/* ---- fields ---- */

static int64_t text_hash(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return (int64_t)(h >> 1);
}

Core *fold_name(Fx *f, Core *key, const char *name)
{
    return core_op2(f, OP_key_fold, DT_key, key, core_i64(f, text_hash(name)));
}

/* Names of the declaration with the numbers that this value has. */
void struct_scope(Fx *f, Struct *st, CoreSty *sty)
{
    f->scope = st->decl->unit->scope;
    scope_push(f, SCOPE_fn);
    for (Ent *e = st->scope->ents; e; e = e->next) {
        if (!e->name || e->kind != ENT_val)
            continue;
        Ent *n = scope_add(f, ENT_val, e->name, (Span){ 0, 0, 0 });
        n->val = e->val;
        if (e->val->kind == V_core && e->val->dim)
            n->val = val_dim(f, dim_subst(f->dims, e->val->dim, struct_subst, sty));
        else if (e->val->kind == V_type && e->val->sty) {
            n->val = val_new(f, V_type);
            n->val->sty = sty_subst(f, e->val->sty, struct_subst, sty);
        }
    }
}

static Val *default_value(Fx *f, Struct *st, const Field *fd, CoreSty *sty, CoreSty *want, Val *base, Span s)
{
    const Tree *t = fd->tree;
    const Tree *init = t->kind == T_mpart ? t->kids[0] : t->kids[1];
    if (!init && fd->kind == FIELD_input)
        return input_unset(f, want, t->span);
    if (!init) {
        report(f, E0205, s, "field '%s' of '%s' is not given", fd->name, st->pub.name);
        return val_error();
    }
    Scope *at = f->scope;
    Core *key = f->key;
    struct_scope(f, st, sty);
    if (base)
        scope_add(f, ENT_val, W(f, base), (Span){ 0, 0, 0 })->val = base;
    f->key = key ? fold_name(f, key, fd->name) : NULL;
    Val *v = t->flags & TF_DRAW ? draw_param(f, init, want->type, f->key, t->span) : expr(f, init);
    if (fd->kind == FIELD_part && v->kind == V_type && v->decl) /* a part without header numbers */
        v = struct_new(f, v->decl, NULL, t->span);
    if (fd->kind == FIELD_part)
        v = adapt_lift(f, val_plain(f, v), want, s);
    f->key = key;
    f->scope = at;
    return v;
}

Val *field_initial(Fx *f, Struct *st, const Field *fd, CoreSty *sty, Val *base, Span s)
{
    CoreSty *want = sty_subst(f, fd->sty, struct_subst, sty);
    Val *v = default_value(f, st, fd, sty, want, base, s);
    return val_fill(f, v, want, s, arena_printf(f->a, "field '%s'", fd->name));
}

static bool put_leaves(Fx *f, const Field *fd, Val *v, Core **leaves)
{
    Core **part;
    if (is_error(v))
        return false;
    int n = val_leaves_of(f, v, &part);
    for (int i = 0; i < n; i++)
        leaves[fd->first + i] = part[i]->type.rank ? addressable(f, part[i]) : core_is_cheap(part[i]) ? part[i] : let_here(f, part[i], fd->name);
    return true;
}

/* A value for the field: what is given, the part that an adapter stands over, or what the declaration says. */
static Val *field_made(Fx *f, Struct *st, const Field *fd, CoreSty *sty, Map *vals, Val *base, Span s)
{
    Val *given = vals ? map_find(vals, fd->name) : NULL;
    if (!given && st->over && fd->name == W(f, base))
        return struct_make(f, sty_subst(f, fd->sty, struct_subst, sty), NULL, s);
    if (!given)
        return field_initial(f, st, fd, sty, base, s);
    return val_fill(f, given, sty_subst(f, fd->sty, struct_subst, sty), s, arena_printf(f->a, "field '%s'", fd->name));
}

/* A key for what is no part of another model: of the seed, and of its number if the statement or function makes several. */
Core *model_key(Fx *f)
{
    Core *key = core_op1(f, OP_key_new, DT_key, core_i64(f, f->cx->seed));
    int n = f->models;
    return n ? core_op2(f, OP_key_fold, DT_key, key, core_i64(f, n)) : key;
}

Val *struct_make(Fx *f, CoreSty *sty, Map *vals, Span s)
{
    Struct *st = (Struct *)sty->strct;
    Core **leaves = NEWN(f->a, Core *, st->pub.leaves.n + 1);
    Core *key = f->key;
    Val *base = NULL;
    bool ok = !st->failed;
    if (!key)
        f->key = model_key(f);
    f->models += !key;
    f->made++;
    for (int i = 0; i < st->fields.n; i++) {
        const Field *fd = &st->fields.p[i];
        if (!fd->sty || fd->kind == FIELD_const)
            continue;
        Val *v = field_made(f, st, fd, sty, vals, base, s);
        ok &= put_leaves(f, fd, v, leaves);
        if (st->over && i == 0 && ok) {
            base = val_leaves(f, sty_subst(f, fd->sty, struct_subst, sty), leaves);
            f->key = fold_name(f, f->key, st->tag);
        }
    }
    f->key = key;
    return ok ? val_leaves(f, sty, leaves) : val_error();
}

static bool is_header(const Tree *params, Name n)
{
    for (int i = 0; params && i < params->nkids; i++)
        if (params->kids[i]->name == n)
            return true;
    return false;
}

static bool is_stored(const Tree *members, Name n)
{
    for (int i = 0; i < members->nkids; i++)
        if (members->kids[i]->name == n && members->kids[i]->kind != T_fn)
            return true;
    return false;
}

static bool is_input(const Tree *members, Name n)
{
    for (int i = 0; i < members->nkids; i++)
        if (members->kids[i]->name == n && members->kids[i]->kind == T_minput && !strcmp(members->kids[i]->text, "input"))
            return true;
    return false;
}

/* Linear(In, Out) */
static void header_help(Fx *f, const Decl *d)
{
    const Tree *header = d->tree->kids[1];
    if (!header || !header->nkids)
        return;
    Buf b = buf_new(f->a);
    for (int i = 0; i < header->nkids; i++) {
        buf_puts(&b, i ? ", " : "");
        buf_puts(&b, header->kids[i]->name);
    }
    diag_help(f->cx->diags, "its header numbers are %s(%s)", d->name, buf_text(&b));
}

static bool given_fields(Fx *f, Decl *d, const Tree *args, Map *vals)
{
    bool ok = true;
    for (int i = 0; i < args->nkids; i++) {
        const Tree *a = args->kids[i];
        if (!a->name || is_header(d->tree->kids[1], a->name))
            continue;
        if (!is_stored(d->tree->kids[3], a->name)) {
            report(f, E0210, a->span, "'%s' has no field '%s'", d->name, a->name);
            header_help(f, d);
            ok = false;
            continue;
        }
        if (is_input(d->tree->kids[3], a->name)) {
            report(f, E0205, a->span, "'%s' of '%s' is an input", a->name, d->name);
            diag_help(f->cx->diags, "make the model without it, then bind(net, %s: ..)", a->name);
            ok = false;
            continue;
        }
        Val *v = expr(f, a->kids[0]);
        ok &= !is_error(v);
        map_put(vals, a->name, v);
    }
    return ok;
}

Val *struct_new(Fx *f, Decl *d, const Tree *args, Span s)
{
    static const Tree no_args = { .kind = T_list };
    Map vals = map_new(f->a);
    if (!args)
        args = &no_args;
    Core *key = f->key;
    f->key = NULL; /* fields that are given are no parts of this one */
    bool ok = given_fields(f, d, args, &vals);
    f->key = key;
    if (!ok)
        return val_error();
    const Tree *params = d->tree->kids[1];
    CoreSty *sty = header_given(params, args) ? struct_type(f, d, args, s, false) : type_from_fields(f, d, args, &vals, s);
    return sty ? struct_make(f, sty, &vals, s) : val_error();
}
