/* tree.c - nodes of the syntax tree: making, comparing, limiting their depth. */
#include "frontend/parse_int.h"

#include <string.h>

static const struct { const char *name; int nkids; } kinds[T_count] = {
#define TREE(kind, nkids, fields) { #kind, nkids },
#include "frontend/tree.def"
#undef TREE
};

const char *tree_kind_name(TreeKind k)
{
    return (unsigned)k < T_count ? kinds[k].name : "?";
}

int tree_kids_of(TreeKind k)
{
    return kinds[k].nkids;
}

Tree *tree_new(ParseCx *cx, TreeKind kind, Span s, Name name, int nkids, Tree *const *kids)
{
    Tree *t = NEW(cx->p->arena, Tree);
    t->kind = (uint16_t)kind;
    t->span = s;
    t->name = name;
    t->nkids = nkids;
    if (nkids)
        t->kids = arena_copy(cx->p->arena, kids, (size_t)nkids * sizeof *kids);
    return t;
}

Tree *tree_list(ParseCx *cx, Span s)
{
    return tree_new(cx, T_list, s, NULL, 0, NULL);
}

/* Kids grow by doubling; the capacity follows from their number: 4, then the next power of two. */
Tree *tree_add(ParseCx *cx, Tree *list, Span s, Tree *kid)
{
    int n = list->nkids;
    if (n == 0 || (n >= 4 && (n & (n - 1)) == 0)) {
        Tree **kids = NEWN(cx->p->arena, Tree *, n ? (size_t)n * 2 : 4);
        if (n)
            memcpy(kids, list->kids, (size_t)n * sizeof *kids);
        list->kids = kids;
    }
    list->kids[list->nkids++] = kid;
    list->span = n ? span_join(list->span, s) : s;
    return list;
}

/* ---- depth ---- */

typedef struct Frame { Tree *t; int next; } Frame;

/* One message is enough: what else is too deep is mostly the rest of the same expression. */
static void cut(ParseCx *cx, Tree *parent, int i, bool first)
{
    Tree *t = parent->kids[i];
    if (first && t->kind == T_binary)
        diag_error(cx->p->diags, E0003, t->span, "more than %d operators in a row: give parts names with 'let'",
                   TREE_DEPTH_MOST);
    else if (first)
        diag_error(cx->p->diags, E0003, t->span, "the text is nested too deeply here");
    parent->kids[i] = tree_new(cx, T_error, t->span, NULL, 0, NULL);
}

/* Walks with a stack of its own, since the tree may still be as deep as the text is long. */
void tree_limit_depth(ParseCx *cx, Tree *root)
{
    Frame stack[TREE_DEPTH_MOST];
    int n = 1;
    bool first = true;
    stack[0] = (Frame){ root, 0 };
    while (n > 0) {
        Frame *f = &stack[n - 1];
        if (f->next == f->t->nkids) {
            n--;
            continue;
        }
        int i = f->next++;
        if (!f->t->kids[i])
            continue;
        if (n == TREE_DEPTH_MOST - 1) {
            if (f->t->kids[i]->nkids == 0)
                continue;
            cut(cx, f->t, i, first);
            first = false;
        } else
            stack[n++] = (Frame){ f->t->kids[i], 0 };
    }
}

/* ---- equality: everything but places ---- */

static bool equal_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool equal_value(const Tree *a, const Tree *b)
{
    switch (a->kind) {
    case T_int_: case T_treeitem:
        return a->ival == b->ival;
    case T_float_:
        return memcmp(&a->fval, &b->fval, sizeof a->fval) == 0;
    case T_string: case T_extern_fn: case T_minput:
        return a->text_len == b->text_len && (a->text_len == 0 || memcmp(a->text, b->text, a->text_len) == 0);
    case T_chain:
        for (int i = 0; i + 1 < a->nkids; i++)
            if (!equal_text(a->ops[i], b->ops[i]))
                return false;
        return true;
    default:
        return true;
    }
}

bool tree_equal(const Tree *a, const Tree *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || a->flags != b->flags || a->nkids != b->nkids || !equal_text(a->name, b->name) ||
        !equal_text(a->doc, b->doc) || !equal_value(a, b))
        return false;
    for (int i = 0; i < a->nkids; i++)
        if (!tree_equal(a->kids[i], b->kids[i]))
            return false;
    return true;
}
