/* check_undo.c - the REPL: an input that is wrong, or fails when it runs, leaves no name behind.
 *
 *     let b = 3
 *     let b = f(1)           wrong: b is 3 still
 *     let c = x[9 * b]       right, but fails when it runs: there is no c
 *
 * Names are put before older ones of the same scope, so what is taken away lets the older ones be seen again.
 */
#include "frontend/check/check_int.h"

static void keep(Fx *f, Before *b, Name n)
{
    Meaning k = { n, map_find(&f->cx->main->decls, n), map_find(&f->cx->main->lets, n) };
    PUSH(f, &b->meanings, k);
}

static void keep_import(Fx *f, Before *b, const Tree *t)
{
    for (int i = 0; t->kids[2] && i < t->kids[2]->nkids; i++)
        keep(f, b, t->kids[2]->kids[i]->name);
    if (!t->kids[2])
        keep(f, b, import_name(t));
}

typedef struct Marking { Fx *f; Before *b; } Marking;

static void keep_let(void *user, Name n, const Tree *t)
{
    Marking *m = user;
    (void)t;
    keep(m->f, m->b, n);
}

Before *undo_mark(Fx *f, const Tree *file)
{
    Cx *cx = f->cx;
    Before *b = NEW(f->a, Before);
    *b = (Before){ .script = cx->script ? cx->script->ents : NULL, .unit = cx->main->scope->ents, .order = cx->main->order.n,
                   .named = cx->module->named.n, .vars = cx->module->script_vars.n, .statements = cx->module->script.n };
    for (int i = 0; i < file->kids[0]->nkids; i++) {
        const Tree *t = file->kids[0]->kids[i];
        each_let(t, keep_let, &(Marking){ f, b });
        if (t->kind == T_import)
            keep_import(f, b, t);
        else if (t->name && t->kind != T_draw && t->kind != T_let_index)
            keep(f, b, t->name);
    }
    return b;
}

static void restore(Cx *cx, const Meaning *k)
{
    map_put(&cx->main->decls, k->name, k->decl);
    map_put(&cx->main->lets, k->name, k->let);
}

void undo(Fx *f, const Before *b)
{
    Cx *cx = f->cx;
    for (int i = b->meanings.n; i-- > 0;)
        restore(cx, &b->meanings.p[i]);
    if (cx->script)
        cx->script->ents = b->script;
    cx->main->scope->ents = b->unit;
    cx->main->order.n = b->order;
    cx->module->named.n = b->named;
    cx->module->script_vars.n = b->vars;
    cx->module->script.n = b->statements;
}

void frontend_forget(Frontend *fe, int first)
{
    CoreModule *m = fe->module;
    int vars = m->script_vars.n;
    for (int i = first; i < m->script.n; i++)
        for (int k = 0; k < m->script.p[i].writes.n; k++) {
            const CoreScriptVar *v = m->script.p[i].writes.p[k];
            bool read = false;
            for (int r = 0; r < m->script.p[i].reads.n; r++)
                read |= m->script.p[i].reads.p[r] == v;
            vars = !read && v->id < vars ? v->id : vars;
        }
    for (int i = fe->before ? fe->before->meanings.n : 0; i-- > 0;)
        for (int k = vars; k < m->script_vars.n; k++)
            if (m->script_vars.p[k]->name == fe->before->meanings.p[i].name)
                restore(fe, &fe->before->meanings.p[i]);
    m->script.n = first < m->script.n ? first : m->script.n;
    m->script_vars.n = vars;
    for (Ent **e = fe->script ? &fe->script->ents : NULL; e && *e;)
        if ((*e)->kind == ENT_script && (*e)->script->id >= vars)
            *e = (*e)->next;
        else
            e = &(*e)->next;
}
