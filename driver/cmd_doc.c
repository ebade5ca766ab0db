/* cmd_doc.c - `mlc doc FILE` or `mlc doc std.nn`: documentation comments and signatures as Markdown; `mlc doc std`: the library's modules. */
#include <ctype.h>
#include <string.h>

#include "driver/cmd.h"
#include "driver/embedded.h"

/* A file of that name, else a module of the library. */
static const char *read_documented(Unit *u, const char *path, size_t *len)
{
    const char *error, *name;
    const char *text = file_read(u->arena, path, len, &error);
    if (!text && !strchr(path, '/'))
        text = file_of_module(u, u->arena, path, "", &name, len);
    if (!text)
        diag_error(u->diags, E0601, (Span){ 0 }, "cannot read '%s': %s%s", path, error, strncmp(path, "std.", 4) ? "" : ", nor is there such a module");
    return text;
}

/* The first sentence of the comment at the top of a text; "et al. 2020" ends none. */
static void put_sentence(Buf *out, const char *text)
{
    for (const char *end; !strncmp(text, "##", 2) && (end = strchr(text, '\n')); text = end + 1) {
        const char *from = text + 2, *p = from;
        while (p < end && !(*p == '.' && (p + 1 == end || (p[1] == ' ' && (p[2] == '`' || isupper((unsigned char)p[2]))))))
            p++;
        buf_add(out, from, (size_t)(p - from) + (p < end));
        if (p < end)
            return;
    }
}

static void list_modules(Buf *out)
{
    buf_puts(out, "# std\n\nThe library; `mlc doc std.nn` has the page of a module.\n\n");
    for (int i = 0; i < mlc_stdlib_count; i++) {
        const MlcEmbedded *m = &mlc_stdlib[i];
        if (strncmp(m->path, "std/", 4))
            continue;
        buf_printf(out, "- `std.%.*s`:", (int)strlen(m->path) - 7, m->path + 4);
        put_sentence(out, m->text);
        buf_putc(out, '\n');
    }
}

static char *title_of(Unit *u, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t n = strlen(base);
    return arena_text(u->arena, base, n > 3 && !strcmp(base + n - 3, ".ml") ? n - 3 : n);
}

int cmd_doc(const Options *o, Unit *u)
{
    Buf out = buf_new(u->arena);
    for (int i = 0; i < o->nargs; i++) {
        size_t len;
        if (!strcmp(o->args[i], "std")) {
            list_modules(&out);
            continue;
        }
        const char *text = read_documented(u, o->args[i], &len);
        if (!text)
            continue;
        int before = u->diags->errors;
        Parse p = { .arena = u->arena, .names = u->names, .diags = u->diags };
        const Source *src = source_add(u->sources, o->args[i], text, len);
        const Tree *tree = parse_source(&p, src);
        if (u->diags->errors > before)
            continue;
        if (i)
            buf_putc(&out, '\n');
        doc_markdown(tree, src, title_of(u, o->args[i]), &out);
    }
    cmd_write(u, o->output ? o->output : "-", out.p, out.n);
    return cmd_report(o, u);
}
