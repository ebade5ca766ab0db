/* dim_node.c - interning of atoms, monomials and Dims, and their order.
 *
 * Three hash sets with open addressing; nothing is ever taken out. Equal structure is equal address, so equality is one
 * comparison of pointers; the order below never looks at addresses, so texts do not change from run to run.
 */
#include "ir/dim_int.h"

#include <string.h>

struct DimSlot { uint32_t hash; const void *item; };
typedef bool (*SlotEq)(const void *item, const void *key);

static uint32_t mix(uint32_t h, uint64_t v)
{
    uint64_t x = (h ^ v) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(x >> 32) ^ (uint32_t)x;
}

static const void *set_find(const DimSet *s, uint32_t hash, SlotEq eq, const void *key)
{
    for (uint32_t i = hash; s->cap; i++) {
        const struct DimSlot *slot = &s->slots[i & (uint32_t)(s->cap - 1)];
        if (!slot->item)
            return NULL;
        if (slot->hash == hash && eq(slot->item, key))
            return slot->item;
    }
    return NULL;
}

static void set_place(DimSet *s, struct DimSlot slot)
{
    uint32_t i = slot.hash & (uint32_t)(s->cap - 1);
    while (s->slots[i].item)
        i = (i + 1) & (uint32_t)(s->cap - 1);
    s->slots[i] = slot;
    s->n++;
}

static void set_put(Arena *a, DimSet *s, uint32_t hash, const void *item)
{
    if (s->n >= s->cap / 4 * 3) {
        DimSet old = *s;
        *s = (DimSet){ .cap = old.cap ? old.cap * 2 : 64 };
        s->slots = NEWN(a, struct DimSlot, s->cap);
        for (int i = 0; i < old.cap; i++)
            if (old.slots[i].item)
                set_place(s, old.slots[i]);
    }
    set_place(s, (struct DimSlot){ hash, item });
}

/* ---- order ---- */

int atom_cmp(const Atom *a, const Atom *b)
{
    if (a == b)
        return 0;
    if (a->pub.kind != b->pub.kind)
        return a->pub.kind < b->pub.kind ? -1 : 1;
    if (a->pub.kind == DA_SYM)
        return a->pub.sym->id < b->pub.sym->id ? -1 : 1;
    int c = dim_cmp(a->pub.a, b->pub.a);
    return c ? c : dim_cmp(a->pub.b, b->pub.b);
}

int mono_cmp(const Mono *a, const Mono *b)
{
    if (a == b)
        return 0;
    if (a->degree != b->degree)
        return a->degree > b->degree ? -1 : 1;
    for (int i = 0;; i++) { /* degrees are equal and a != b, so they differ before either ends or one ends first */
        if (i == a->n || i == b->n)
            return i < a->n ? -a->f[i].power : b->f[i].power;
        int c = atom_cmp(factor_atom(a->f[i]), factor_atom(b->f[i]));
        if (c)
            return c < 0 ? -a->f[i].power : b->f[i].power;
        if (a->f[i].power != b->f[i].power)
            return b->f[i].power - a->f[i].power;
    }
}

int dim_cmp(Dim a, Dim b)
{
    if (a == b || !a || !b)
        return 0;
    for (int i = 0; i < a->n && i < b->n; i++) {
        int c = mono_cmp(a->t[i].m, b->t[i].m);
        if (c)
            return c;
        if (a->t[i].c != b->t[i].c)
            return a->t[i].c < b->t[i].c ? -1 : 1;
    }
    if (a->n != b->n)
        return a->n < b->n ? 1 : -1;
    return a->den < b->den ? -1 : a->den > b->den;
}

/* ---- monomials ---- */

typedef struct MonoKey { const DimFactor *f; int n; } MonoKey;

static bool mono_eq(const void *item, const void *key)
{
    const Mono *m = item;
    const MonoKey *k = key;
    if (m->n != k->n)
        return false;
    for (int i = 0; i < m->n; i++)
        if (m->f[i].atom != k->f[i].atom || m->f[i].power != k->f[i].power)
            return false;
    return true;
}

const Mono *mono_make(DimCx *cx, const DimFactor *f, int n)
{
    uint32_t hash = 17;
    for (int i = 0; i < n; i++)
        hash = mix(mix(hash, factor_atom(f[i])->hash), (uint64_t)(f[i].power + DIM_POWER));
    MonoKey key = { f, n };
    const Mono *old = set_find(&cx->monos, hash, mono_eq, &key);
    if (old)
        return old;
    Mono *m = arena_alloc(cx->arena, sizeof *m + (size_t)n * sizeof *f);
    m->hash = hash;
    m->n = n;
    for (int i = 0; i < n; i++) {
        m->f[i] = f[i];
        m->degree += f[i].power;
        m->mask |= (uint64_t)1 << (factor_atom(f[i])->hash & 63);
        m->below |= f[i].power < 0;
        m->sums |= f[i].atom->kind == ATOM_SUM;
    }
    set_put(cx->arena, &cx->monos, hash, m);
    return m;
}

const Mono *mono_atom(DimCx *cx, const Atom *a, int power)
{
    DimFactor f = { &a->pub, power };
    return mono_make(cx, &f, power ? 1 : 0);
}

const Mono *mono_mul(DimCx *cx, const Mono *a, const Mono *b, int sign)
{
    if (b->n == 0)
        return a;
    if (a->n == 0 && sign > 0)
        return b;
    size_t mark = cx->tmp_used;
    DimFactor *f = tmp_alloc(cx, (size_t)(a->n + b->n) * sizeof *f);
    int n = 0, i = 0, j = 0;
    bool fits = true;
    while (i < a->n || j < b->n) {
        int c = i == a->n ? 1 : j == b->n ? -1 : atom_cmp(factor_atom(a->f[i]), factor_atom(b->f[j]));
        DimFactor x = c <= 0 ? a->f[i++] : (DimFactor){ b->f[j].atom, 0 };
        if (c >= 0)
            x.power += sign * b->f[j++].power;
        fits &= x.power <= DIM_POWER && x.power >= -DIM_POWER;
        if (x.power)
            f[n++] = x;
    }
    const Mono *m = fits ? mono_make(cx, f, n) : NULL;
    cx->tmp_used = mark;
    return m;
}

int mono_power(const Mono *m, const Atom *a)
{
    for (int i = 0; i < m->n; i++)
        if (factor_atom(m->f[i]) == a)
            return m->f[i].power;
    return 0;
}

bool mono_divides(const Mono *a, const Mono *b)
{
    if (a->mask & ~b->mask)
        return false;
    for (int i = 0; i < a->n; i++)
        if (mono_power(b, factor_atom(a->f[i])) < a->f[i].power)
            return false;
    return true;
}

/* ---- atoms ---- */

typedef struct SymSet { DimSym **p; int n; } SymSet;

static SymSet syms_join(DimCx *cx, SymSet a, SymSet b)
{
    if (b.n == 0 || a.n == 0 || (a.n == b.n && memcmp(a.p, b.p, (size_t)a.n * sizeof *a.p) == 0))
        return b.n == 0 ? a : b;
    SymSet r = { tmp_alloc(cx, (size_t)(a.n + b.n) * sizeof *r.p), 0 };
    int i = 0, j = 0;
    while (i < a.n || j < b.n) {
        bool left = j == b.n || (i < a.n && a.p[i]->id <= b.p[j]->id);
        DimSym *s = left ? a.p[i] : b.p[j];
        r.p[r.n++] = s;
        i += i < a.n && a.p[i] == s;
        j += j < b.n && b.p[j] == s;
    }
    return r;
}

static bool atom_eq(const void *item, const void *key)
{
    const DimAtom *a = item, *k = key;
    return a->kind == k->kind && a->a == k->a && a->b == k->b;
}

static int size_of_both(int a, int b) { return a + b > DIM_SIZE ? DIM_SIZE + 1 : a + b; }

static const Atom *atom_new(DimCx *cx, DimAtom key, uint32_t hash, SymSet s, int depth)
{
    Atom *a = NEW(cx->arena, Atom);
    *a = (Atom){ .pub = key, .hash = hash, .nsyms = s.n, .depth = depth, .size = key.sym ? 1 : size_of_both(key.a->size, key.b ? key.b->size : 0) };
    a->syms = arena_copy(cx->arena, s.p, (size_t)s.n * sizeof *s.p);
    if (key.kind != ATOM_SUM)
        a->dim = node_make(cx, poly_term(cx, 1, mono_atom(cx, a, 1)));
    return a;
}

const Atom *atom_make(DimCx *cx, DimAtomKind kind, Dim a, Dim b)
{
    DimAtom key = { kind, NULL, a, b };
    uint32_t hash = mix(mix((uint32_t)kind + 1, a->hash), b ? b->hash : 0);
    const Atom *old = set_find(&cx->atoms, hash, atom_eq, &key);
    if (old)
        return old;
    size_t mark = cx->tmp_used;
    SymSet s = { a->syms, a->nsyms };
    if (b)
        s = syms_join(cx, s, (SymSet){ b->syms, b->nsyms });
    const Atom *n = atom_new(cx, key, hash, s, 1 + (b && b->depth > a->depth ? b->depth : a->depth));
    cx->tmp_used = mark;
    set_put(cx->arena, &cx->atoms, hash, n);
    return n;
}

DimSym *dim_sym_new(DimCx *cx, Name name, Span span)
{
    DimSym *s = NEW(cx->arena, DimSym);
    *s = (DimSym){ .id = (uint32_t)cx->syms.n + 1, .name = name, .span = span };
    size_t mark = cx->tmp_used;
    const Atom *a = atom_new(cx, (DimAtom){ .sym = s }, mix(3, s->id), (SymSet){ &s, 1 }, 0);
    vec_push(cx->arena, &cx->syms, a);
    cx->tmp_used = mark;
    return s;
}

/* ---- Dims ---- */

static bool node_eq(const void *item, const void *key)
{
    const struct DimNode *a = item;
    const Poly *p = key;
    if (a->n != p->n || a->den != p->den)
        return false;
    for (int i = 0; i < a->n; i++)
        if (a->t[i].c != p->t[i].c || a->t[i].m != p->t[i].m)
            return false;
    return true;
}

static void node_fill(DimCx *cx, struct DimNode *d)
{
    SymSet s = { NULL, 0 };
    d->whole = d->den == 1;
    for (int i = 0; i < d->n; i++) {
        d->whole &= !d->t[i].m->below;
        for (int k = 0; k < d->t[i].m->n; k++) {
            const Atom *a = factor_atom(d->t[i].m->f[k]);
            s = syms_join(cx, s, (SymSet){ a->syms, a->nsyms });
            d->depth = a->depth > d->depth ? a->depth : d->depth;
            d->size = size_of_both(d->size, a->size);
        }
    }
    d->nsyms = s.n;
    d->syms = arena_copy(cx->arena, s.p, (size_t)s.n * sizeof *s.p);
    d->pub = node_terms(cx, d, &d->npub);
}

/* p is sorted and reduced (poly_dim). */
Dim node_make(DimCx *cx, Poly p)
{
    uint32_t hash = mix(5, (uint64_t)p.den);
    for (int i = 0; i < p.n; i++)
        hash = mix(mix(hash, (uint64_t)p.t[i].c), p.t[i].m->hash);
    const struct DimNode *old = set_find(&cx->nodes, hash, node_eq, &p);
    if (old)
        return old;
    size_t mark = cx->tmp_used;
    struct DimNode *d = NEW(cx->arena, struct DimNode);
    *d = (struct DimNode){ .cx = cx, .n = p.n, .den = p.den, .hash = hash };
    d->t = arena_copy(cx->arena, p.t, (size_t)p.n * sizeof *p.t);
    node_fill(cx, d);
    cx->tmp_used = mark;
    if (!d->pub || d->size > DIM_SIZE)
        return dim_poison(cx);
    set_put(cx->arena, &cx->nodes, hash, d);
    return d;
}

/* Never interned, so it equals nothing, itself apart. To others it is "1 / 0", which has no value. */
Dim dim_poison(DimCx *cx)
{
    struct DimNode *d = NEW(cx->arena, struct DimNode);
    *d = *cx->unit;
    DimAtom *a = NEW(cx->arena, DimAtom);
    *a = (DimAtom){ DA_EXACTDIV, NULL, cx->unit, cx->zero };
    DimFactor *f = NEW(cx->arena, DimFactor);
    *f = (DimFactor){ a, 1 };
    DimTerm *t = NEW(cx->arena, DimTerm);
    *t = (DimTerm){ 1, 1, f };
    d->pub = t;
    d->poison = true;
    return d;
}

int dim_size(Dim d)
{
    return d->size;
}

const Atom *dim_atom(Dim d)
{
    bool alone = d->n == 1 && !d->poison && d->whole && d->t->c == 1 && d->t->m->n == 1 && d->t->m->f->power == 1;
    return alone ? factor_atom(*d->t->m->f) : NULL;
}

DimCx *dims_new(Arena *a)
{
    DimCx *cx = NEW(a, DimCx);
    cx->arena = a;
    cx->tmp = arena_alloc(a, DIM_TMP);
    cx->quotients = map_new(a);
    cx->one = mono_make(cx, NULL, 0);
    cx->zero = dim_const(cx, 0);
    cx->unit = dim_const(cx, 1);
    return cx;
}

Arena *dims_arena(DimCx *cx)
{
    return cx->arena;
}
