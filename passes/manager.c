/* manager.c - the table of passes and the one loop that runs them: prints, verifies and times from the row. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "passes/stream_int.h"

typedef struct PassRow { const char *name; IrLevel level; bool (*run)(PassCx *, IrFn *); const char *meaning; } PassRow;

static const PassRow rows[] = {
#define PASS(name, level, meaning) { #name, level, pass_##name, meaning },
#include "passes/passes.def"
#undef PASS
};

const char passes_default[] = "inline,fixed,simplify,cse,known,dce,distribute,follow,ring,segment,apart,dce,again,fuse,regroup,lift,online,dce,fuse,absorb,hoist,zeros,serial,split,transpose,strip,simplify,cse,known,dce,demand,narrow,share,comb,lead,along,stage,aside,collapse,tile,simplify,cse,dce,merge,sweep,interior,simplify,unswitch,cse,dce,outside,keep,behind,overwrite,order,plan";

/* Those that the ones after them or code generation cannot do without. */
static const char needed[] = "inline,lift,serial,tile,plan";

int passes_count(void) { return (int)(sizeof rows / sizeof rows[0]); }
const char *pass_name(int i) { return rows[i].name; }
const char *pass_meaning(int i) { return rows[i].meaning; }

bool pass_fail(PassCx *cx, const IrNode *at, const char *fmt, ...)
{
    va_list ap;
    if (cx->errors->n)
        return false;
    va_start(ap, fmt);
    buf_puts(cx->errors, arena_vprintf(cx->arena, fmt, ap));
    va_end(ap);
    if (at && at->span.file) {
        Place p = span_place(cx->module->sources, at->span);
        buf_printf(cx->errors, " (%s:%d:%d)", p.file, p.line, p.column);
    }
    return false;
}

static const PassRow *find_pass(const char *name, size_t len)
{
    for (int i = 0; i < passes_count(); i++)
        if (strlen(rows[i].name) == len && !memcmp(rows[i].name, name, len))
            return &rows[i];
    return NULL;
}

static bool in_list(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *p = list; p && *p;) {
        size_t k = strcspn(p, ",");
        if (k == len && !memcmp(p, name, len))
            return true;
        p += k + (p[k] == ',');
    }
    return false;
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool verify_after(PassCx *cx, const PassRow *row, IrFn *fn)
{
    Buf b = buf_new(cx->arena);
    if (ir_verify(fn, &b))
        return true;
    return pass_fail(cx, NULL, "after pass %s: %s", row->name, buf_text(&b));
}

static void note_symbol(void *user, IrNode *n)
{
    PassCx *cx = user;
    if (n->sym)
        map_put(&cx->sym_nodes, n->sym, n);
    for (int k = 0; k < n->nregions; k++)
        for (int i = 0; i < n->regions[k]->params.n; i++)
            if (n->regions[k]->params.p[i]->sym)
                map_put(&cx->sym_nodes, n->regions[k]->params.p[i]->sym, n->regions[k]->params.p[i]);
}

void pass_note_symbols(PassCx *cx, IrRegion *r)
{
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i]->sym)
            map_put(&cx->sym_nodes, r->params.p[i]->sym, r->params.p[i]);
    ir_walk(r, note_symbol, cx);
}

static void note_symbols(PassCx *cx, IrFn *fn)
{
    if (cx->noted.fn == fn && cx->noted.made == fn->next_id && cx->noted.dropped == fn->ndropped && cx->noted.changed == cx->changed)
        return;
    cx->sym_nodes = map_new(cx->arena);
    ir_walk(fn->body, note_symbol, cx);
    cx->noted.fn = fn;
    cx->noted.made = fn->next_id;
    cx->noted.dropped = fn->ndropped;
    cx->noted.changed = cx->changed;
}

/* What was decided is said of the axes that the program has. */
static bool explains_before(const PassOptions *o, const PassRow *row) { return row->run == (in_list(o->skip, "collapse") ? pass_tile : pass_collapse); }

static bool run_row(PassCx *cx, const PassRow *row, IrFn *fn)
{
    const PassOptions *o = cx->options;
    double start = o->timed ? seconds_now() : 0;
    if (row->level != ANY && row->level != fn->level)
        return pass_fail(cx, NULL, "pass %s does not run on this level of IR", row->name);
    note_symbols(cx, fn);
    if (o->remark && explains_before(o, row))
        pass_explain(cx, fn);
    if (!row->run(cx, fn))
        return pass_fail(cx, NULL, "pass %s failed on %s", row->name, fn->name);
    if (o->timed)
        o->timed(o->user, row->name, seconds_now() - start);
    if (o->print_after && o->printed && (in_list(o->print_after, row->name) || !strcmp(o->print_after, "all"))) {
        Buf b = buf_new(cx->arena);
        ir_print_fn(fn, &b);
        o->printed(o->user, row->name, buf_text(&b));
    }
    return !o->verify || verify_after(cx, row, fn);
}

/* Are all passes of o->skip ones that may be left out? */
static bool skips_well(PassCx *cx)
{
    for (const char *p = cx->options->skip; p && *p;) {
        size_t k = strcspn(p, ",");
        const PassRow *row = find_pass(p, k);
        if (!row)
            return pass_fail(cx, NULL, "there is no pass named '%.*s'", (int)k, p);
        if (in_list(needed, row->name))
            return pass_fail(cx, NULL, "pass %s cannot be left out: what comes after it needs what it does", row->name);
        p += k + (p[k] == ',');
    }
    return true;
}

/* Without `stage` nothing reads packed weights: they must be plain. */
static void take_plain_weights(IrFn *fn)
{
    for (int i = 0; i < fn->params.n; i++)
        fn->params.p[i]->forms = 0;
}

bool passes_run(IrModule *m, IrFn *fn, const PassOptions *o, Buf *errors)
{
    PassCx cx = { .arena = m->arena, .module = m, .options = o, .errors = errors, .strips = map_new(m->arena) };
    bool staged = false;
    if (!skips_well(&cx))
        return false;
    for (const char *p = o->pipeline ? o->pipeline : passes_default; *p;) {
        size_t k = strcspn(p, ",");
        const PassRow *row = find_pass(p, k);
        if (!row)
            return pass_fail(&cx, NULL, "there is no pass named '%.*s'", (int)k, p);
        if (!in_list(o->skip, row->name) && !run_row(&cx, row, fn))
            return false;
        staged = staged || (row->run == pass_stage && !in_list(o->skip, row->name));
        p += k + (p[k] == ',');
    }
    if (!staged)
        take_plain_weights(fn);
    return true;
}
