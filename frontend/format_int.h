/* format_int.h - what the two files of the formatter share. */
#ifndef MLC_FRONTEND_FORMAT_INT_H
#define MLC_FRONTEND_FORMAT_INT_H

#include "frontend/parse_int.h"

enum { COMMENT = -1 }; /* the kind of a token that is a comment */

typedef struct Tok {
    int kind;
    uint32_t lo, hi;   /* bytes of the source */
    int column, blanks; /* in the source: where it begins (from 0), blanks before it on its line */
    int gap;           /* blanks before it in the result, if it is not the first of its line */
    bool first;        /* of its line */
    bool starts;       /* a statement */
    bool unary;        /* `-` of one operand, `@` of an annotation: nothing between it and what follows */
} Tok;

typedef struct Line {
    int first, n;
    bool blank_before; /* an empty line */
    bool hangs;        /* a comment under the comment that ends the line before */
    int indent;        /* in the result */
} Line;

typedef struct Format {
    Arena *arena;
    const Source *src;
    VEC(Tok) toks;
    VEC(Line) lines;
} Format;

void format_gaps(Format *f); /* format_gap.c: the blanks between neighbours on a line, before columns are aligned */

#endif
