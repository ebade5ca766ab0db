/* check_foreign.c - help for those who come from another language: what a word of it is here. */
#include "frontend/check/check_int.h"

#include <ctype.h>
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

/* Is it declared at the beginning of a line of the text: fn name, model name .. */
static bool declares(const char *text, Name n)
{
    static const char *const kinds[] = { "fn ", "model ", "struct ", "op ", "adapter " };
    size_t len = strlen(n);
    for (const char *at = strstr(text, n); at; at = strstr(at + 1, n))
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            size_t kl = strlen(kinds[k]);
            bool whole = !isalnum((unsigned char)at[len]) && at[len] != '_';
            if (whole && (size_t)(at - text) >= kl && !memcmp(at - kl, kinds[k], kl) && (at - kl == text || at[-(long)kl - 1] == '\n' || at[-(long)kl - 1] == ' '))
                return true;
        }
    return false;
}

bool library_help(Fx *f, Name n)
{
    const FrontendFiles *files = &f->cx->files;
    const char *module, *text;
    if (f->trial || n[0] == '_' || strlen(n) < 2)
        return false;
    for (int i = 0; files->library && (module = files->library(files->user, f->a, i, &text)); i++)
        if (declares(text, n)) {
            diag_help(f->cx->diags, "it is in a module of the library: import %s: %s", module, n);
            return true;
        }
    return false;
}

/* A module of this name or one like it; else where modules come from. */
void module_help(Fx *f, const char *path)
{
    const FrontendFiles *files = &f->cx->files;
    const char *module, *text, *dot = strrchr(path, '.');
    Name last = name_of(f->cx->names, dot ? dot + 1 : path);
    VEC(Name) known = { 0 };
    if (strncmp(path, "std.", 4) && foreign_help(f, name_of(f->cx->names, arena_text(f->a, path, strcspn(path, ".")))))
        return;
    for (int i = 0; files->library && (module = files->library(files->user, f->a, i, &text)); i++)
        if (!strncmp(module, "std.", 4))
            vec_push(f->a, &known, name_of(f->cx->names, module + 4));
    for (int i = 0; i < known.n; i++)
        if (known.p[i] == last) {
            diag_help(f->cx->diags, "the library has 'std.%s'", last);
            return;
        }
    const char *near = nearest_name(last, known.p, known.n);
    if (near)
        diag_help(f->cx->diags, "did you mean 'std.%s'?", near);
    else
        diag_help(f->cx->diags, "a.b is the file a/b.ml beside this one, or a module of the library: mlc doc std lists them");
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
