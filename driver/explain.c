/* explain.c - `--explain-fusion`: what the passes decided about each tensor of a function, with its place in the program. */
#include <string.h>

#include "driver/unit.h"
#include "runtime/core_int.h"

typedef struct Remarks { Unit *u; VEC(PassRemark) list; } Remarks;

static bool same_remark(const PassRemark *a, const PassRemark *b)
{
    return a->choice == b->choice && a->span.file == b->span.file && a->span.lo == b->span.lo && a->name == b->name && a->bytes == b->bytes
        && a->flops == b->flops && a->turns == b->turns && !strcmp(a->why, b->why) && !strcmp(a->loops, b->loops);
}

/* A function that is called several times says the same of each call: it is told once. */
static void take(void *user, const PassRemark *r)
{
    Remarks *all = user;
    for (int i = 0; i < all->list.n; i++)
        if (same_remark(&all->list.p[i], r))
            return;
    vec_push(all->u->arena, &all->list, *r);
}

static const char *place(Unit *u, Span s)
{
    if (!s.file)
        return "-";
    Place p = span_place(u->sources, s);
    return arena_printf(u->arena, "%s:%d:%d", p.file, p.line, p.column);
}

static void print_tensor(Unit *u, const PassRemark *r, const char *choice, Buf *out)
{
    Buf type = buf_new(u->arena);
    ir_type_print(r->type, &type);
    buf_printf(out, "  %s: %s%s%s %s: %s\n", place(u, r->span), r->name ? r->name : "", r->name ? ": " : "", buf_text(&type), choice, r->why);
}

static const char *turns_text(Unit *u, const PassRemark *r)
{
    const char *each = " in each turn of a loop";
    return r->turns == dim_const(u->dims, 1) ? "" : r->turns ? arena_printf(u->arena, "%s, of which there are %s", each, dim_text(u->dims, r->turns)) : each;
}

/* What a call would make of sizes chosen somehow: bytes, and in *least what lives at one time. -1: nobody can say. */
static int64_t placed(Unit *u, const IrFn *fn, int trial, int64_t *least)
{
    RtLife *l = NEWN(u->arena, RtLife, fn->lives.n);
    int64_t sum = 0;
    for (int i = 0; i < fn->lives.n; i++) {
        const IrLife *x = &fn->lives.p[i];
        l[i] = (RtLife){ .first = x->first, .last = x->last };
        if (!pass_trial(fn, x->bytes, trial, &l[i].size) || __builtin_add_overflow(sum, l[i].size, &sum))
            return -1;
    }
    *least = rt_lives_least(l, fn->lives.n);
    return rt_lives_place(l, fn->lives.n, 0, NEWN(u->arena, int32_t, RT_LIFE_ROOM * fn->lives.n));
}

static void print_places(Unit *u, const IrFn *fn, Buf *out)
{
    int equal = 0, most = 0;
    int64_t least, bytes = 0;
    for (int k = PASS_TRIALS - 1; k >= 0; k--) {
        bytes = placed(u, fn, k, &least);
        equal = bytes > 0 && least ? (int)(100 * (double)(bytes - least) / (double)least + 0.5) : 0;
        most = equal > most ? equal : most;
    }
    buf_puts(out, "  memory between kernels: each call places its tensors when it knows their sizes");
    if (bytes >= 0)
        buf_printf(out, "; %lld bytes with 256 for every dim\n      %d %% more than what lives at one time, with 256 for every dim", (long long)bytes, equal);
    buf_printf(out, most > equal ? "; %d %% with other sizes\n" : "\n", most);
}

static void print_alive(const PassRemark *r, Buf *out)
{
    if (r->scratch)
        buf_printf(out, "      where most lives: %lld bytes of tensors and %lld that kernels work in, a part for each of their tasks\n",
                   (long long)r->tensors, (long long)r->scratch);
}

typedef struct Named { Buf *out; VEC(DimSym *) seen; Arena *a; } Named;

static void name_size(void *user, DimSym *s)
{
    Named *n = user;
    for (int i = 0; i < n->seen.n; i++)
        if (n->seen.p[i] == s)
            return;
    buf_printf(n->out, "%s%s", n->seen.n ? ", " : "", s->name ? s->name : "?");
    vec_push(n->a, &n->seen, s);
}

/* A formula that nobody would read is what it comes to. */
static void print_arena(Unit *u, const PassRemark *r, Buf *out)
{
    enum { READABLE = 240 };
    const char *text = dim_text(u->dims, r->bytes);
    int64_t bytes;
    Named n = { .out = out, .a = u->arena };
    if (strlen(text) <= READABLE || !pass_trial(r->fn, r->bytes, 0, &bytes)) {
        buf_printf(out, "  memory between kernels: %s bytes\n", text);
        return;
    }
    buf_printf(out, "  memory between kernels: %lld bytes with 256 for every dim; it depends on ", (long long)bytes);
    dim_syms(r->bytes, name_size, &n);
    buf_putc(out, '\n');
}

/* What an operation costs besides one of a multiplication. */
static void print_dear(Unit *u, const PassRemark *r, Buf *out)
{
    bool elementary = r->elementary != dim_const(u->dims, 0);
    if (elementary)
        buf_printf(out, "      of these %s are elementary functions%s\n", dim_text(u->dims, r->elementary), r->wide ? "; some are of f64" : "");
    else if (r->wide)
        buf_puts(out, "      some of these are of f64\n");
    for (int i = 0; i < r->nrepeats; i++)
        buf_printf(out, "      %s: %s\n", place(u, r->repeats[i].span), r->repeats[i].text);
}

static void print_remark(Unit *u, const PassRemark *r, Buf *out)
{
    static const char *const words[] = { "recomputed where it is read", "streamed", "regrouped", "prepared", "stored", "copied", "joined", "", "", "", "" };
    if (r->choice == CHOICE_arena && !r->bytes) {
        print_places(u, r->fn, out);
        print_alive(r, out);
        return;
    }
    if (r->choice == CHOICE_arena) {
        print_arena(u, r, out);
        if (*r->why && r->bytes != dim_const(u->dims, 0))
            buf_printf(out, "      %s\n", r->why);
        print_alive(r, out);
        return;
    }
    if (r->choice == CHOICE_masked) {
        buf_printf(out, "  %s: %s %s\n", place(u, r->span), r->name, r->why);
        return;
    }
    if (r->choice == CHOICE_plain) {
        buf_printf(out, "  %s: %s%s%s\n", place(u, r->span), r->name ? r->name : "", r->name ? ": " : "", r->why);
        return;
    }
    if (r->choice == CHOICE_regions) {
        buf_printf(out, "  threads: %s\n", r->why);
        return;
    }
    print_tensor(u, r, words[r->choice], out);
    if (r->choice != CHOICE_stored)
        return;
    if (*r->loops)
        buf_printf(out, "      loops: %s\n", r->loops);
    buf_printf(out, "      %s operations, reads %s bytes, writes %s bytes%s%s\n", dim_text(u->dims, r->flops), dim_text(u->dims, r->reads),
               dim_text(u->dims, r->bytes), turns_text(u, r), r->bounded ? "; bounds not counted" : "");
    if (r->open)
        buf_puts(out, "      loops in its elements that end where data say count as one turn\n");
    print_dear(u, r, out);
}

/* Stored tensors last, in the order in which they are computed. */
static void print_function(Unit *u, const CoreFn *fn, const Remarks *all, Buf *out)
{
    buf_printf(out, "%s (%s)\n", fn->name ? fn->name : "statement", place(u, fn->span));
    for (int stored = 0; stored < 2; stored++)
        for (int i = 0; i < all->list.n; i++)
            if ((all->list.p[i].choice >= CHOICE_stored) == stored)
                print_remark(u, &all->list.p[i], out);
}

bool unit_explain(Unit *u, CoreFn *fn, Buf *out)
{
    Remarks all = { .u = u };
    UnitOptions before = u->o;
    u->o.remark = take;
    u->o.remark_user = &all;
    bool ok = unit_tile(u, fn) != NULL;
    u->o = before;
    if (ok)
        print_function(u, fn, &all, out);
    return ok;
}
