/* adapt_int.h - what the files of adapters share. */
#ifndef MLC_FRONTEND_ADAPT_INT_H
#define MLC_FRONTEND_ADAPT_INT_H

#include "frontend/check_int.h"

/* One alternative of a selector: names, `*`, `**` in order. */
typedef struct Pattern { const char *text; VEC(const char *) parts; int found; } Pattern;
typedef struct Selector { VEC(Pattern) patterns; } Selector;

/** The alternatives of a selector: `{a,b}` written out. NULL: reported at s. */
Selector *selector_read(Fx *f, const char *text, Span s);
/** Whether a path (n names, "*" for an element of a list) is selected; counts it for the alternatives that select it. */
bool selector_takes(Selector *sel, int n, const char *const *path);

#endif
