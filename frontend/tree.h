/* tree.h - the syntax tree: what the parser makes and the checker reads. Inside room frontend only, and interp for spans. */
#ifndef MLC_FRONTEND_TREE_H
#define MLC_FRONTEND_TREE_H

#include "base/base.h"

typedef enum TreeKind {
#define TREE(kind, nkids, fields) T_##kind,
#include "frontend/tree.def"
#undef TREE
    T_count
} TreeKind;

enum { TREE_DEPTH_MOST = 1000 };
enum { TF_VAR = 1, TF_EXPORT = 2, TF_NAMED = 4, TF_DRAW = 8 };

typedef struct Tree Tree;
struct Tree {
    uint16_t kind, flags;
    int nkids;
    Span span;
    Name name;
    Tree **kids;
    union {
        int64_t ival;
        double fval;
        const char *text; /* NUL-terminated; text_len bytes */
        const Name *ops;  /* chain */
    };
    uint32_t text_len;
    const char *doc; /* text of the documentation comment, lines joined by '\n', or NULL */
};

/* A whole number above 2^63 - 1: ival has its bits. It is a u64; behind `-`, 2^63 is the smallest int. */
static inline bool tree_int_is_large(const Tree *t)
{
    return t->kind == T_int_ && t->ival < 0;
}

typedef struct Parse { /* what a parse needs and gives */
    Arena *arena;
    Names *names;
    Diags *diags;
    bool repl; /* line rule (c) holds only inside braces */
    bool incomplete; /* out: the text is right so far, but ends inside a bracket or after an operator (the REPL asks for more) */
} Parse;

/* Always gives a T_file; errors are in diags (T_error nodes stand for what was skipped).
 * Brackets nest at most 256 deep and no way from the root is longer than TREE_DEPTH_MOST nodes (a flat sum of n terms leans
 * left, n deep), so a tree may be walked by recursion. Source at most 16 MiB. */
Tree *parse_source(Parse *p, const Source *src);
/* The same program in the common layout (format.c), added to out; src must parse without errors. Keeps every comment, and the tree. */
void format_source(Parse *p, const Source *src, Buf *out);
/* Its documentation comments and signatures as Markdown (doc.c), added to out. */
void doc_markdown(const Tree *file, const Source *src, const char *title, Buf *out);
const char *tree_kind_name(TreeKind k);
/* `mlc --emit=ast`: one s-expression text, without spans, which tree_read reads back to an equal tree. */
void tree_print(const Tree *t, Buf *out);
Tree *tree_read(Parse *p, const Source *src); /* NULL after an error, which is in diags */
bool tree_equal(const Tree *a, const Tree *b);

#endif
