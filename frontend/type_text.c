/* type_text.c - a type written again as a program says it, for sessions that begin anew (driver/repl_session.c).
 *
 *     AdamW(M: Mlp(D: 4, F: 8))                          type arguments in the header, with their own
 *     adapt(Mlp(D: 4, F: 8), Lora(rank: 2, alpha: 4), at: "up")      adapters from the inside to the outside
 *
 * Names are those of the session; a module that it has not imported gets an alias of its own.
 */
#include <math.h>
#include <string.h>

#include "frontend/check/adapt_int.h"

/* An adapter in a model: of the type at the path, with the numbers of that. */
typedef struct Over { const Struct *st; const int64_t *numbers; const char *path; } Over;
typedef struct Writer { Frontend *fe; Arena *a; Buf *imports; VEC(Over) over; } Writer;

static bool put_type(Writer *w, const Struct *st, const int64_t *numbers, Buf *out);

/* ---- names ---- */

static bool stands_for(const Decl *d, const Decl *of)
{
    return d && (d == of || (d->kind == of->kind && d->unit == of->unit)); /* declared again: the last one counts */
}

static void put_alias(Writer *w, const char *module, Buf *out)
{
    char *alias = arena_printf(w->a, "_%s", module);
    for (char *c = alias; *c; c++)
        *c = *c == '.' || *c == '/' ? '_' : *c;
    const char *line = arena_printf(w->a, "import %s as %s\n", module, alias);
    if (!strstr(buf_text(w->imports), line))
        buf_puts(w->imports, line);
    buf_printf(out, "%s.", alias);
}

static bool put_name(Writer *w, const Decl *d, Buf *out)
{
    const Unit *own = w->fe->main, *prelude = w->fe->prelude;
    const Decl *seen = map_find(&own->decls, d->name);
    if (!seen && prelude)
        seen = map_find(&prelude->decls, d->name);
    if (!stands_for(seen, d)) {
        if (d->unit == own || d->name[0] == '_')
            return false;
        put_alias(w, d->unit->name, out);
    }
    buf_puts(out, d->name);
    return true;
}

/* ---- headers ---- */

static const Val *static_of(const Struct *st, Name n)
{
    for (int i = 0; i < st->env.statics.n; i++)
        if (st->env.statics.p[i].name == n)
            return st->env.statics.p[i].val;
    return NULL;
}

/* A value that is part of the type: a truth value, a number that is no int. */
static bool put_static(const Val *v, Buf *out)
{
    double x;
    if (v->kind != V_core || v->core->kind != C_const || !core_is_const(v->core, &x))
        return false;
    if (v->type.dtype == DT_bool)
        buf_puts(out, v->core->ival ? "true" : "false");
    else if (v->type.dtype == DT_f64 && v->weak && isfinite(x))
        buf_printf(out, "(%.17g + 0.0)", x);
    else
        return false;
    return true;
}

static bool put_header(Writer *w, const Struct *st, const int64_t *numbers, Buf *out)
{
    const Tree *params = struct_params(st->decl);
    int k = 0;
    buf_putc(out, '(');
    for (int i = 0; params && i < params->nkids; i++) {
        Name n = params->kids[i]->name;
        const Val *v = static_of(st, n);
        buf_printf(out, "%s%s: ", i ? ", " : "", n);
        if (v && v->kind == V_type) {
            if (!put_type(w, struct_of(v->sty), numbers + k, out))
                return false;
            k += v->sty->n;
        } else if (v) {
            if (!put_static(v, out))
                return false;
        } else {
            buf_printf(out, "%lld", (long long)numbers[k++]);
        }
    }
    buf_putc(out, ')');
    return true;
}

/* ---- adapters ---- */

typedef struct Known { DimCx *dims; const Struct *st; const int64_t *numbers; } Known;

static Dim number_of(void *user, DimSym *s)
{
    const Known *k = user;
    for (int i = 0; i < k->st->pub.numbers.n; i++)
        if (k->st->pub.numbers.p[i] == s)
            return dim_const(k->dims, k->numbers[i]);
    return NULL;
}

/* The numbers of a part, from those of the type that it stands in; NULL: they are not all known. */
static const int64_t *numbers_of(Writer *w, const CoreSty *part, const Struct *in, const int64_t *numbers)
{
    Known k = { w->fe->dims, in, numbers };
    int64_t *v = NEWN(w->a, int64_t, part->n + 1);
    for (int i = 0; i < part->n; i++)
        if (!part->args[i] || !dim_is_const(dim_subst(w->fe->dims, part->args[i], number_of, &k), &v[i]))
            return NULL;
    return v;
}

static bool find_adapters(Writer *w, const Struct *st, const int64_t *numbers, const char *path);

static bool find_in_part(Writer *w, const Struct *st, const int64_t *numbers, const Field *fd, const char *path)
{
    const CoreSty *s = fd->sty;
    for (; s && s->kind == STY_list; s = s->elem)
        path = arena_printf(w->a, "%s.*", path);
    if (!s || s->kind != STY_struct)
        return true;
    const int64_t *own = numbers_of(w, s, st, numbers);
    return own && find_adapters(w, struct_of(s), own, path);
}

/* From the inside to the outside. The parts of what is adapted keep their paths. */
static bool find_adapters(Writer *w, const Struct *st, const int64_t *numbers, const char *path)
{
    if (st->over) {
        const int64_t *base = numbers_of(w, st->over, st, numbers);
        if (!base || !find_adapters(w, struct_of(st->over), base, path))
            return false;
        vec_push(w->a, &w->over, ((Over){ st, numbers, path }));
    }
    for (int i = st->over ? 1 : 0; i < st->fields.n; i++) {
        const Field *fd = &st->fields.p[i];
        const char *in = st->over ? arena_printf(w->a, "%s%s%s", path, *path ? "." : "", st->tag) : path;
        if (fd->kind == FIELD_part && !find_in_part(w, st, numbers, fd, arena_printf(w->a, "%s%s%s", in, *in ? "." : "", fd->name)))
            return false;
    }
    return true;
}

/* ---- the whole ---- */

static bool put_type(Writer *w, const Struct *st, const int64_t *numbers, Buf *out)
{
    int first = w->over.n;
    if (!find_adapters(w, st, numbers, ""))
        return false;
    int last = w->over.n;
    for (int i = first; i < last; i++)
        buf_puts(out, "adapt(");
    while (st->over) {
        numbers = numbers_of(w, st->over, st, numbers);
        st = struct_of(st->over);
        if (!numbers)
            return false;
    }
    if (!put_name(w, st->decl, out) || !put_header(w, st, numbers, out))
        return false;
    for (int i = first; i < last; i++) {
        Over x = w->over.p[i];
        buf_puts(out, ", ");
        if (!put_name(w, x.st->decl, out) || !put_header(w, x.st, x.numbers, out))
            return false;
        if (*x.path)
            buf_printf(out, ", at: \"%s\"", x.path);
        buf_putc(out, ')');
    }
    return true;
}

bool frontend_load_text(Frontend *fe, const CoreStruct *s, const int64_t *numbers, Buf *out, Buf *imports)
{
    Writer w = { .fe = fe, .a = out->arena, .imports = imports };
    const Struct *st = (const Struct *)s;
    buf_puts(out, st->whole ? "(load(\"\") as " : "load(\"\") as ");
    if (!put_type(&w, st->whole ? st->whole : st, numbers, out))
        return false;
    buf_puts(out, st->whole ? ").trainable" : "");
    return true;
}
