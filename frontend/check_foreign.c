/* check_foreign.c - help for those who come from another language: what a word of it is here. */
#include "frontend/check_int.h"

#include <string.h>

static const struct { const char *word, *help; } words[] = {
#define FOREIGN(word, help) { #word, help },
#include "frontend/foreign.def"
#undef FOREIGN
};

bool foreign_help(Fx *f, Name n)
{
    for (size_t i = 0; n && i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i].word, n)) {
            diag_help(f->cx->diags, "%s", words[i].help);
            return true;
        }
    return false;
}

/* x.mean(): functions are no members. */
void method_help(Fx *f, Name n)
{
    if (foreign_help(f, n))
        return;
    Decl *d = decl_find(f, f->scope, n);
    bool type = false, weak;
    if (!d && builtin_find(f, n) < 0 && !(type = dtype_named(f, n, &weak) != DT_none))
        return;
    if (type)
        diag_help(f->cx->diags, "a cast is a call: %s(x)", n);
    else
        diag_help(f->cx->diags, "functions are no members: %s(x)", n);
}
