/* parse_int.h - what scanner, line rule, grammar and tree share.
 *
 *     bytes ──scanner.l──▶ raw tokens ──lines.c──▶ tokens with SEP, brackets always in pairs ──grammar.y──▶ Tree
 */
#ifndef MLC_FRONTEND_PARSE_INT_H
#define MLC_FRONTEND_PARSE_INT_H

#include "frontend/tree.h"

enum {
    SOURCE_MOST = 16 << 20, /* bytes of a source */
    NESTING_MOST = 256,     /* brackets in brackets */
};

typedef union TokenValue { Tree *tree; Name name; } TokenValue;

typedef struct Raw { /* a token as the scanner sees it */
    int kind;
    bool newline; /* a line break lies between the token before and this one */
    Span span;
    TokenValue value;
} Raw;

typedef struct Bracket { /* an open one */
    int kind; /* '(' '[' '{' */
    Span span;
    bool blamed; /* open at a syntax error: if it never closes, that was why */
} Bracket;
typedef struct DocAt { uint32_t at; const char *text; } DocAt;

typedef struct ParseCx {
    Parse *p;
    const Source *src;
    int errors_before;
    Tree *file; /* the result, NULL if the parser gave up */
    void *scanner;

    /* scanner.l */
    uint32_t offset;
    bool newline;                      /* since the last token */
    bool line_has_token, line_has_any; /* the line so far: a token; a token or a comment */
    Buf doc;                           /* of the ## lines that wait for a declaration */
    VEC(DocAt) docs;                   /* by the place of the token that follows */
    const char *file_doc;
    Map foreign;                       /* words with letters of other alphabets that were reported */

    /* lines.c */
    Raw ahead[2];
    int nahead;
    int prev;        /* kind of the last token that went to the parser; SEP at the start */
    Span prev_span;  /* its place */
    bool prev_newline; /* it is the first on its line */
    Span before;     /* place of the one before, for "after ..." */
    Span last_span;  /* of the last token that stands in the text; file 0: none yet */
    Bracket stack[NESTING_MOST];
    int depth;
    int close_to;    /* brackets above are being closed for the user; -1: none are */
    int owed[3];     /* closers of '(' '[' '{' that were supplied and may still turn up */
    bool stopped;    /* a limit was reached: only EOF comes */
    bool quiet;      /* up to the next SEP everything would only follow from an error already reported */
    bool recovering; /* up to the next SEP at recover_depth tokens are skipped */
    int recover_depth;
} ParseCx;

/* ---- literal.c ---- */
Tree *literal_int(ParseCx *cx, Span s, const char *text, size_t len);
Tree *literal_float(ParseCx *cx, Span s, const char *text, size_t len);
Tree *literal_string(ParseCx *cx, Span s, const char *text, size_t len); /* between the quotes; s includes them */
bool float_value(Arena *a, const char *text, size_t len, double *value); /* whatever the locale; false: too large */

/* ---- scanner.l ---- */
void scanner_open(ParseCx *cx);
Raw scanner_next(ParseCx *cx);

/* ---- lines.c ---- */
int lines_lex(TokenValue *value, Span *span, ParseCx *cx); /* what the grammar calls */
void lines_recover(ParseCx *cx, bool reported);            /* a syntax error at the token given last */
void lines_settled(ParseCx *cx, bool at_sep);              /* the parser has passed a SEP or a '}' */

/* ---- tree.c ---- */
Tree *tree_new(ParseCx *cx, TreeKind kind, Span s, Name name, int nkids, Tree *const *kids);
Tree *tree_list(ParseCx *cx, Span s);
Tree *tree_add(ParseCx *cx, Tree *list, Span s, Tree *kid); /* to a list or chain, whose span grows by s */
void tree_limit_depth(ParseCx *cx, Tree *root);             /* cuts what is too deep, with an E0003 */
int tree_kids_of(TreeKind kind);                            /* -1: any number */

/* ---- tree_print.c, parse.c ---- */
int tree_flag(const char *word);                  /* ":var"; 0: there is none */
bool parse_readable(Parse *p, const Source *src); /* size and UTF-8; reports */

/* ---- parse_error.c ---- */
/* found: the token's kind and its name in the grammar; expected: names of the tokens that could stand there. */
void syntax_error(ParseCx *cx, Span s, int kind, const char *found, const char **expected, int n);
/* A name, field path, index, or tuple of these; reports. */
bool check_assignable(ParseCx *cx, const Tree *left, bool compound);

#endif
