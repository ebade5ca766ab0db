/* unit_packs.c - functions of a module, and statements of a script, agree about packed weights: what one packs others read in that form, too,
 * so that a handle keeps one.
 *
 *     logits: sum[d](h[t, d] * embed[v, d])    packs embed                  preps of its tile IR -> Packs of (struct, leaf)
 *     embed:  embed[token[t], d]               reads embed as it is         made again, with the packs as a hint to pass stage
 *
 * A function that packs along another axis is made again, too: its product may take the form that there is.
 * Code in memory is made function by function: before one that reads a matrix of a model as it is, the tile IR of the others is asked.
 */
#include <string.h>

#include "driver/unit.h"

typedef struct Packs { unsigned char packed, tiled; bool last; } Packs; /* as in IrNode; along the last axis, in panels */

static Packs *packs_of(Unit *u, const CoreStruct *s)
{
    Packs *p = map_find(&u->packs, s);
    if (!p) {
        p = NEWN(u->arena, Packs, s->leaves.n + 1);
        map_put(&u->packs, s, p);
    }
    return p;
}

/* Of leaf parameter `at`, if it belongs to a model that fn does not change; else NULL. */
static Packs *packs_at(Unit *u, const CoreFn *fn, int at)
{
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *p = &fn->surface.p[i];
        if (at >= p->first && at < p->first + p->nleaves)
            return p->sty->kind == STY_struct && p->sty->strct->is_model && !p->var ? &packs_of(u, p->sty->strct)[at - p->first] : NULL;
    }
    return NULL;
}

static Packs form_of(const IrPrep *p)
{
    return (Packs){ (unsigned char)(p->axis + 1), (unsigned char)p->tiled, !p->tiled && !p->form && p->axis == p->type.rank - 2 };
}

/* The first function that packs a leaf decides; but words and tiles serve who takes panels, not the other way, and panels along the last axis are
 * for leaves that nobody packs along another one. */
static void note(Unit *u, const CoreFn *fn, const IrFn *tile)
{
    for (int i = 0; tile && i < tile->preps.n; i++) {
        Packs *p = packs_at(u, fn, tile->preps.p[i].leaf), now = form_of(&tile->preps.p[i]);
        if (p && (!p->packed || (now.tiled && !p->tiled) || (p->last && !now.last)))
            *p = now;
    }
}

/* What it does not read as it is, and packs in the same form. */
static bool needs_no_hint(const IrFn *tile, int at, bool unread, const Packs *other)
{
    bool packs = false, apart = true;
    for (int i = 0; i < tile->preps.n; i++) {
        if (tile->preps.p[i].leaf != at)
            continue;
        packs = true;
        apart = apart && (tile->preps.p[i].axis + 1 != other->packed || tile->preps.p[i].tiled != other->tiled);
    }
    return packs ? !apart : unread;
}

/* What others pack and fn reads as it is; NULL: nothing. */
static Packs *hints_of(Unit *u, const CoreFn *fn, const IrFn *tile)
{
    Packs *hints = NULL;
    unsigned char *unread = NEWN(u->arena, unsigned char, tile->params.n + 1);
    tables_unread(tile, unread);
    for (int i = 0; i < fn->params.n; i++) {
        const Packs *p = packs_at(u, fn, i);
        if (!p || !p->packed || needs_no_hint(tile, i, unread[i], p))
            continue;
        hints = hints ? hints : NEWN(u->arena, Packs, fn->params.n + 1);
        hints[i] = *p;
    }
    return hints;
}

static bool takes(const CoreFn *fn, const CoreStruct *s)
{
    for (int i = 0; i < fn->surface.n; i++)
        if (fn->surface.p[i].sty->kind == STY_struct && fn->surface.p[i].sty->strct == s)
            return true;
    return false;
}

/* The model of which fn reads a matrix as it is, or in panels along its last axis, that nobody is known to pack otherwise; NULL: none. */
static const CoreStruct *open_to(Unit *u, const CoreFn *fn, const IrFn *tile)
{
    unsigned char *unread = NEWN(u->arena, unsigned char, tile->params.n + 1);
    tables_unread(tile, unread);
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *p = &fn->surface.p[i];
        for (int at = p->first; at < p->first + p->nleaves; at++) {
            const Packs *packs = packs_at(u, fn, at);
            if (packs && (packs->last || (!unread[at] && !packs->packed)) && tile->params.p[at]->type.rank >= 2)
                return p->sty->strct;
        }
    }
    return NULL;
}

/* What other functions that can be called pack of model s, exports first; those that cannot be compiled say so when they are called. */
static void note_callable(Unit *u, const CoreStruct *s)
{
    Diags *told = u->diags;
    u->diags = diags_new(u->arena, u->sources);
    for (int exports = 1; exports >= 0; exports--)
        for (int i = 0; i < u->core->named.n; i++) {
            CoreFn *g = u->core->named.p[i];
            if (g->exported == exports && takes(g, s) && unit_tile_for(u, g, unit_export_forms(u, g)))
                note(u, g, map_find(&u->tables->tiles, g));
        }
    u->diags = told;
}

bool unit_packs_ahead(Unit *u, CoreFn *fn)
{
    const IrFn *tile = unit_tile_for(u, fn, unit_export_forms(u, fn));
    if (!tile)
        return false;
    note(u, fn, tile);
    const CoreStruct *s = map_find(&u->tables->fns, tile) ? NULL : open_to(u, fn, tile);
    if (s)
        note_callable(u, s);
    return true;
}

void unit_packs_hint(Unit *u, const CoreFn *fn, IrFn *ir)
{
    const Packs *hints = map_find(&u->hints, fn);
    for (int i = 0; hints && i < ir->params.n; i++) {
        ir->params.p[i]->packed = hints[i].packed;
        ir->params.p[i]->tiled = hints[i].tiled;
    }
}

bool unit_packs_agree(Unit *u, CoreFn *const *fns, const unsigned char *const *forms, int n)
{
    for (int i = 0; i < n; i++)
        note(u, fns[i], map_find(&u->tables->tiles, fns[i]));
    for (int i = 0; i < n; i++) {
        const IrFn *tile = map_find(&u->tables->tiles, fns[i]);
        bool fixed = !tile || map_find(&u->tables->fns, tile) || map_find(&u->hints, fns[i]);
        Packs *hints = fixed ? NULL : hints_of(u, fns[i], tile);
        if (!hints)
            continue;
        map_put(&u->hints, fns[i], hints);
        map_put(&u->tables->tiles, fns[i], NULL);
        if (!unit_tile_for(u, fns[i], forms ? forms[i] : unit_export_forms(u, fns[i])))
            return false;
    }
    return true;
}
