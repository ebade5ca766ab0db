/* adapt_int.h - what the files of adapters share. */
#ifndef MLC_FRONTEND_ADAPT_INT_H
#define MLC_FRONTEND_ADAPT_INT_H

#include "frontend/check/check_int.h"

/* One alternative of a selector: names, `*`, `**` in order. */
typedef struct Pattern { const char *text; VEC(const char *) parts; int found; } Pattern;
typedef struct Selector { VEC(Pattern) patterns; } Selector;

/** The alternatives of a selector: `{a,b}` written out. NULL: reported at s. */
Selector *selector_read(Fx *f, const char *text, Span s);
/** Whether a path (n names, "*" for an element of a list) is selected; counts it for the alternatives that select it. */
bool selector_takes(Selector *sel, int n, const char *const *path);

static inline const Struct *struct_of(const CoreSty *s) { return (const Struct *)s->strct; }

/* ---- check_adapted.c */
/** The type inside of the lists around it. */
CoreSty *adapt_innermost(CoreSty *s);
/** A replacement (`base`, or a part) that a Struct is told apart by. */
void adapt_static(Fx *f, Env *env, Name n, CoreSty *sty);
/** Which number of the Struct the dim is; -1: none. */
int adapt_number(const Struct *st, Dim d);
/** The model that an adapter for `target` meets in this part: at the bottom, or an adapter above it; NULL: the part is of another one. */
const CoreSty *adapt_level(Fx *f, const Decl *target, const CoreSty *s);
/** The type of a model whose parts (by field) have been replaced by these; NULL: reported. */
CoreSty *adapt_parts(Fx *f, const CoreSty *old, CoreSty *const *parts, Span s);
/** The type of the Struct (of old's declaration) whose parts have these types: numbers of the header from old, others from the parts. */
CoreSty *adapt_args(Fx *f, const CoreSty *old, Struct *x, CoreSty *const *parts);
/** The model below all adapters, as it is declared; NULL: reported. */
Struct *adapt_plain(Fx *f, const Struct *st, Span s);

#endif
