/* unit_forms.c - in which forms the weights of a function may come: those of the models at hand (scripts), or any (exports). */
#include <string.h>

#include "driver/unit.h"

bool unit_forms_read(const char *names, unsigned *forms)
{
    unsigned all = 0;
    if (!names || !*names)
        return true;
    for (size_t k; *names; names += k + (names[k] == ',')) {
        k = strcspn(names, ",");
        int f = 1;
        while (f < FORM_count && (strlen(ir_forms[f].name) != k || strncmp(ir_forms[f].name, names, k)))
            f++;
        if (f == FORM_count && !(k == 4 && !strncmp(names, "none", k)))
            return false;
        all |= f < FORM_count ? 1u << f : 0;
    }
    *forms = all;
    return true;
}

/* Weights of a struct or list that are matrices or vectors of f32, in the order of its leaves. */
static void mark_leaves(const CoreSty *s, int *at, unsigned forms, unsigned char *v)
{
    switch (s->kind) {
    case STY_value: (*at)++; return;
    case STY_list: mark_leaves(s->elem, at, forms, v); return;
    case STY_tuple:
        for (int i = 0; i < s->n; i++)
            mark_leaves(s->parts[i], at, forms, v);
        return;
    case STY_struct:
        for (int i = 0; i < s->strct->leaves.n; i++, (*at)++) {
            const CoreLeaf *l = &s->strct->leaves.p[i];
            bool weight = s->strct->is_model && (l->role == LEAF_param || l->role == LEAF_frozen);
            if (weight && l->type.dtype == DT_f32 && l->type.rank > l->nstack)
                v[*at] = (unsigned char)forms;
        }
        return;
    default: return;
    }
}

unsigned char *unit_export_forms(Unit *u, const CoreFn *fn)
{
    unsigned char *v = NEWN(u->arena, unsigned char, fn->params.n + 1);
    for (int i = 0; i < fn->surface.n && u->o.packed; i++) {
        int at = fn->surface.p[i].first;
        if (!fn->surface.p[i].var)
            mark_leaves(fn->surface.p[i].sty, &at, 1u << FORM_plain | u->o.packed, v);
    }
    return v;
}

bool unit_forms_known(Unit *u, const CoreFn *fn, const unsigned char *forms)
{
    const unsigned char *have = map_find(&u->forms, fn);
    for (int i = 0; i < fn->params.n; i++)
        if ((have ? have[i] : 0) != (forms ? forms[i] : 0))
            return false;
    return true;
}

void unit_forms_note(Unit *u, CoreFn *fn, IrFn *ir, const unsigned char *forms)
{
    unsigned char *v = forms ? arena_copy(u->arena, forms, (size_t)fn->params.n + 1) : NULL;
    if (v || map_find(&u->forms, fn)) /* most functions have plain weights and no entry */
        map_put(&u->forms, fn, v);
    for (int i = 0; v && i < fn->params.n; i++)
        if (ir->params.p[i]->load_time)
            ir->params.p[i]->forms = v[i];
}
