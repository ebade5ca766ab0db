/* doc.c - `mlc doc`: the documentation comments of a file as Markdown, each under the signature that the file has.
 *
 *     ## Row i of the table for token i.            ## Embedding
 *     model Embedding(V, D) {                       ```ml
 *         param weight: f32[V, D] ~ normal(0, 1)    model Embedding(V, D)
 *         fn call(tokens: i32[.., T]) -> ...            param weight: f32[V, D] ~ normal(0, 1)
 *     }                                                 fn call(tokens: i32[.., T]) -> ...
 *                                                   ```
 *                                                   Row i of the table for token i.
 *
 * What begins with `_` is nobody else's business and left out; so are statements of a script. Comments are Markdown themselves.
 */
#include "frontend/tree.h"

#include <string.h>

/* The source from lo to hi as one line, without comments and the blanks at its end. */
static void add_source(const Source *src, uint32_t lo, uint32_t hi, Buf *out)
{
    const char *s = src->text;
    bool blank = false, text = false;
    for (uint32_t i = lo; i < hi; i++) {
        if (s[i] == '#' && !text) {
            while (i < hi && s[i] != '\n')
                i++;
            blank = true;
            continue;
        }
        bool space = s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r';
        if (!space && blank)
            buf_putc(out, ' ');
        blank = space && !text;
        if (!space || text)
            buf_putc(out, s[i]);
        if (text && s[i] == '\\' && i + 1 < hi)
            buf_putc(out, s[++i]);
        else if (s[i] == '"')
            text = !text;
    }
}

/* Where the head of a declaration ends: before `{` or the `=` of its body. */
static uint32_t head_end(const Source *src, const Tree *t)
{
    const Tree *body = t->kind == T_fn || t->kind == T_op ? t->kids[5] : NULL;
    uint32_t end = body ? body->span.lo : t->span.hi;
    const Tree *members = t->kind == T_model || t->kind == T_struct_ ? t->kids[3] : t->kind == T_adapter ? t->kids[5] : NULL;
    if (members) {
        const Tree *before = NULL; /* the last thing in the head */
        for (int i = 0; i < t->nkids && t->kids[i] != members; i++)
            before = t->kids[i] && t->kids[i]->span.hi > (before ? before->span.hi : 0) ? t->kids[i] : before;
        end = before && before->span.hi > t->span.lo ? before->span.hi : t->span.lo;
        while (end < t->span.hi && src->text[end] != '{')
            end++;
    }
    while (end > t->span.lo && strchr(" \t\r\n", src->text[end - 1]))
        end--;
    if (body && body->kind != T_block && end > t->span.lo && src->text[end - 1] == '=')
        end--;
    while (end > t->span.lo && strchr(" \t\r\n", src->text[end - 1]))
        end--;
    return end;
}

static void add_head(const Source *src, const Tree *t, const char *indent, Buf *out)
{
    buf_puts(out, indent);
    add_source(src, t->span.lo, head_end(src, t), out);
    buf_putc(out, '\n');
}

static void add_comment(const Tree *t, Buf *out)
{
    if (t->doc)
        buf_printf(out, "\n%s\n", t->doc);
}

static bool is_private(const Tree *t)
{
    return !t->name || t->name[0] == '_';
}

static void add_members(const Source *src, const Tree *list, Buf *out)
{
    for (int i = 0; i < list->nkids; i++) {
        const Tree *t = list->kids[i];
        if (t->kind == T_fn && !is_private(t))
            add_head(src, t, "    ", out);
        else if (t->kind == T_mparam || t->kind == T_mfield || t->kind == T_mpart || t->kind == T_minput) {
            buf_puts(out, "    ");
            add_source(src, t->span.lo, t->span.hi, out);
            buf_putc(out, '\n');
        }
    }
}

static void add_methods(const Tree *list, Buf *out) /* what is said of single ones */
{
    for (int i = 0; i < list->nkids; i++)
        if (list->kids[i]->kind == T_fn && list->kids[i]->doc && !is_private(list->kids[i]))
            buf_printf(out, "\n`%s`: %s\n", list->kids[i]->name, list->kids[i]->doc);
}

static void add_declaration(const Source *src, const Tree *t, Buf *out)
{
    const Tree *members = t->kind == T_model || t->kind == T_struct_ ? t->kids[3] : t->kind == T_adapter ? t->kids[5] : NULL;
    buf_printf(out, "\n## %s\n\n```ml\n", t->name);
    add_head(src, t, "", out);
    if (members)
        add_members(src, members, out);
    buf_puts(out, "```\n");
    add_comment(t, out);
    if (members)
        add_methods(members, out);
}

void doc_markdown(const Tree *file, const Source *src, const char *title, Buf *out)
{
    const Tree *items = file->kids[0];
    buf_printf(out, "# %s\n", title);
    add_comment(file, out);
    for (int i = 0; i < items->nkids; i++) {
        const Tree *t = items->kids[i];
        switch (t->kind) {
        case T_fn: case T_extern_fn: case T_op: case T_model: case T_struct_: case T_adapter: case T_tree:
            if (!is_private(t))
                add_declaration(src, t, out);
            break;
        default:
            break;
        }
    }
}
