/* ir_golden.c - tests/golden/ir: each file prints back as it stands (comments aside) and is sound.
 *
 *     ir_golden FILE...        names the first difference of each file
 */
#include <stdio.h>
#include <stdlib.h>

#include "ir_test.h"

static char *read_all(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t cap = 1 << 20;
    char *text = malloc(cap);
    *len = text ? fread(text, 1, cap - 1, f) : 0;
    if (text)
        text[*len] = 0;
    fclose(f);
    return text;
}

static const char *after_comments(const char *t)
{
    while (t[0] == '/' && t[1] == '/')
        t = strchr(t, '\n') ? strchr(t, '\n') + 1 : t + strlen(t);
    return t;
}

static int differ(const char *path, const char *want, const char *got)
{
    int line = 1;
    for (; *want && *want == *got; want++, got++)
        line += *want == '\n';
    if (*want == *got)
        return 0;
    fprintf(stderr, "%s: line %d of the text differs: '%.40s' was printed as '%.40s'\n", path, line, want, got);
    return 1;
}

static int check_file(const char *path, IrTest *t, const char *text, size_t len)
{
    Source *src = source_add(t->m->sources, path, text, len);
    int bad = 0;
    if (!ir_parse(t->m, src, t->diags)) {
        Buf b = buf_new(t->arena);
        diags_render(t->diags, &b, false);
        fputs(buf_text(&b), stderr);
        return 1;
    }
    for (int i = 0; i < t->m->fns.n; i++) {
        const char *broken = ir_test_broken(t, t->m->fns.p[i]);
        if (broken)
            fprintf(stderr, "%s: %s", path, broken);
        bad |= broken != NULL;
    }
    Buf b = buf_new(t->arena);
    ir_print(t->m, &b);
    return bad | differ(path, after_comments(text), buf_text(&b));
}

int main(int argc, char **argv)
{
    int bad = argc < 2;
    for (int i = 1; i < argc; i++) {
        size_t len;
        char *text = read_all(argv[i], &len);
        IrTest t;
        ir_test_init(&t);
        bad |= text ? check_file(argv[i], &t, text, len) : 1;
        if (!text)
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
        ir_test_drop(&t);
        free(text);
    }
    return bad;
}
