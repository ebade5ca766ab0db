/* ir_int.h - what the files of room ir share and nobody else sees. */
#ifndef MLC_IR_INT_H
#define MLC_IR_INT_H

#include "ir/ir.h"

enum { IR_NEST_MOST = 200 };

/* How the dtype of a scalar operation follows from its operands: the column `rule` of ops.def. */
typedef enum IrRule { RULE_same, RULE_cmp, RULE_boolean, RULE_cond, RULE_cast, RULE_float_, RULE_integer, RULE_special } IrRule;
IrRule ir_rule(IrOp op);

/* ---- names of a function's values and symbols in text: unique, the same for the same text ---- */

typedef struct IrNaming {
    const IrFn *fn;
    Arena *arena;
    Map values, syms; /* IrNode -> text without '%'; DimSym -> text */
    Map used_values, used_syms, next_value, next_sym;
    Map dims;         /* Dim -> text, made on demand */
    int number;       /* of the next value without a name */
} IrNaming;

void ir_naming_init(IrNaming *nm, const IrFn *fn, Arena *a);
const char *ir_naming_sym(IrNaming *nm, DimSym *s);
const char *ir_naming_dim(IrNaming *nm, Dim d); /* parses back to d; its text depends on names only, not on symbol ids */
const char *ir_naming_value(IrNaming *nm, const IrNode *n); /* "%3", "%x", or "i" for an index */
void ir_naming_type(IrNaming *nm, IrType t, Buf *out);
bool ir_has_name(const IrNode *n); /* its line begins with "%n =" */

/* ---- constants ---- */
void ir_print_float(double v, Buf *out); /* shortest decimal text that reads back; inf, -inf, nan */

/* ---- tokens of printed IR ---- */

typedef enum IrTok { TK_end, TK_name, TK_value, TK_fn, TK_string, TK_int, TK_float, TK_span, TK_punct, TK_bad } IrTok;

typedef struct IrLex {
    Arena *arena;
    Names *names;
    const char *text;
    uint32_t at, len, file;
    IrTok kind;
    Span span;       /* of the token */
    Name name;       /* name, value (without %), fn (without @) */
    const char *string;
    int punct;       /* the character; '/'+256 for //, '.'+256 for .., '>'+256 for -> */
    uint64_t integer;
    double number;
    Span place;      /* span token */
} IrLex;

enum { P_FLOORDIV = '/' + 256, P_RANGE = '.' + 256, P_ARROW = '>' + 256 };

void ir_lex_init(IrLex *lx, IrModule *m, const Source *src);
void ir_lex_next(IrLex *lx);

/* ---- parser state, shared by parse*.c ---- */

typedef struct IrPending { IrNode *call; IrFn *fn; int prep; Name name; Span span; } IrPending; /* a function named before it is known */

typedef struct IrParser {
    IrLex lx;
    IrModule *module;
    Diags *diags;
    IrFn *fn;
    Map values, syms, defined; /* of the function: Name -> IrNode, Name -> DimSym; DimSym -> itself once defined */
    VEC(DimSym *) seen;        /* every symbol of the function */
    VEC(IrPending) pending;    /* calls and preps */
    int depth;
    bool failed;
} IrParser;

void ir_parse_fail(IrParser *p, Span at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool ir_at(IrParser *p, int punct);
bool ir_at_word(IrParser *p, const char *word);
bool ir_take(IrParser *p, int punct);
bool ir_take_word(IrParser *p, const char *word);
void ir_want(IrParser *p, int punct);
int64_t ir_want_int(IrParser *p);
Name ir_want_name(IrParser *p, const char *what);
Dim ir_parse_dim(IrParser *p);
IrType ir_parse_type(IrParser *p);
DimSym *ir_parse_sym_use(IrParser *p, Name name, Span at);
DimSym *ir_parse_sym_def(IrParser *p);
void ir_parse_define(IrParser *p, Name name, IrNode *n, Span at);
void ir_parse_nodes(IrParser *p, IrRegion *r); /* up to the closing brace, which is taken */
int ir_parse_form(IrParser *p); /* IrForm, by name */
Span ir_parse_place(IrParser *p, Span otherwise); /* a trailing @file:lo-hi */

/* ---- verifier, shared by verify*.c ---- */

typedef struct IrVerify {
    const IrFn *fn;
    Arena *arena;
    Buf *errors;
    IrNaming naming;
    bool named;
    Map seen;      /* IrNode -> the region it is visible in, while it is visible */
    Map slots;     /* IrNode -> how many operands were met that are it */
    Map sym_nodes; /* DimSym -> IrNode that defines it */
    int depth, nerrors;
} IrVerify;

void ir_bad(IrVerify *v, const IrNode *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void ir_verify_types(IrVerify *v, const IrNode *n);

#endif
