/* template.c - bodies of rules: text in which $name and $(expression) become what the case says; $$ is a dollar sign. */
#include "runner.h"

#include <ctype.h>

static const char *value_of_name(Eval *e, const char **at)
{
    const char *start = *at;
    while (isalnum((unsigned char)**at) || **at == '_')
        ++*at;
    const char *name = arena_text(e->arena, start, (size_t)(*at - start));
    const Value *v = eval_find(e, name);
    if (v->kind == V_null)
        eval_fail(e, "'$%s' is absent", name);
    return eval_render(e, v);
}

const char *eval_template(Eval *e, const char *body)
{
    Buf b = buf_new(e->arena);
    for (const char *p = body; *p;) {
        if (*p != '$') {
            buf_putc(&b, *p++);
            continue;
        }
        p++;
        if (*p == '(') {
            p++;
            const Value *v = eval_prefix(e, &p);
            while (*p == ' ' || *p == '\n')
                p++;
            if (*p++ != ')')
                eval_fail(e, "')' is missing in '$(..)'");
            buf_puts(&b, eval_render(e, v));
        } else if (*p == '$')
            buf_putc(&b, *p++);
        else
            buf_puts(&b, value_of_name(e, &p));
    }
    return buf_text(&b);
}
