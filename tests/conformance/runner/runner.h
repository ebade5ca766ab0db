/* runner.h - what the files of the conformance runner share.
 *
 *     json.c      manifests as values
 *     value.c     values, their text in a program
 *     lex.c       words of rule expressions
 *     eval.c      rule expressions
 *     functions.c the functions they may call
 *     graph.c     a graph of nodes as one expression
 *     template.c  bodies of rules: text with $name and $(expression)
 *     rules.c     rule files, and which rule is for a case
 *     header.c    tensors of files that the library refuses for the types of others
 *     suite.c     cases of a folder, in one form for every suite
 *     run.c       a case: program, compilation, call
 *     compare.c   results against what the manifest says
 */
#ifndef CONFORMANCE_RUNNER_H
#define CONFORMANCE_RUNNER_H

#include <stdio.h>

#include "base/base.h"
#include "driver/mlc.h"

/* ---- values ------------------------------------------------------------------------------------------------ */

typedef enum ValueKind { V_null, V_bool, V_int, V_real, V_text, V_list, V_dict, V_tensor } ValueKind;

typedef struct Value Value;
typedef VEC(const Value *) ValueList;
struct Value {
    ValueKind kind;
    int64_t i;          /* V_bool, V_int */
    double d;           /* V_real */
    const char *text;   /* V_text; V_tensor: its key in the file */
    ValueList items;    /* V_list, V_dict */
    VEC(const char *) keys; /* V_dict: of items, in order */
    MlcrtTensor tensor; /* V_tensor: a view of the file */
};

const Value *value_null(void);
const Value *value_bool(Arena *a, bool b);
const Value *value_int(Arena *a, int64_t i);
const Value *value_real(Arena *a, double d);
const Value *value_text(Arena *a, const char *text);
Value *value_list(Arena *a);
Value *value_dict(Arena *a);
void value_put(Arena *a, Value *dict, const char *key, const Value *v); /* a key that is there gets the new value */
const Value *value_get(const Value *dict, const char *key); /* NULL: absent, or no dict */
bool value_true(const Value *v); /* null, false, 0, "" and [] are not; a tensor is */
bool value_equal(const Value *a, const Value *b);

/** Element `i` of a row-major tensor as bool, int or real. */
Value tensor_element(const MlcrtTensor *t, int64_t i);
int64_t tensor_count(const MlcrtTensor *t);
const char *tensor_dtype(const MlcrtTensor *t); /* "f32"; "?" for what the language lacks */

/** The value of a JSON text, which may hold NaN, Infinity and -Infinity; NULL with *error and the byte where it is. */
const Value *json_read(Arena *a, const char *text, size_t length, const char **error);

/* ---- cases --------------------------------------------------------------------------------------------------- */

typedef struct Case {
    const char *name, *op;   /* op: what heads of rules match */
    const Value *positional; /* list */
    const Value *named;      /* dict: attributes, and arguments that have names */
    const Value *outputs;    /* dict of tensors */
    const char *error;       /* not NULL: why it cannot be run */
    const Value *results;    /* list of the names of all results by place, "" for one that is not asked for */
} Case;

typedef struct Suite {
    Arena *arena;
    MlcrtContext *context;
    const char *kind;        /* onnx, opinfo, golden, rl */
    VEC(Case) cases;
    const char *error;       /* NULL: read */
} Suite;

/** All cases of the manifests in a folder and the folders below it. */
bool suite_read(Suite *s, const char *dir);

char *file_text(Arena *a, const char *path, size_t *length); /* NULL: cannot be read */
typedef VEC(const char *) Paths;
/** Files of a folder whose names end with `ending`, sorted; with `depth` levels of folders below. */
void folder_files(Arena *a, const char *dir, const char *ending, int depth, Paths *out);

/** The header of a safetensors file; NULL: it has none. */
const Value *header_read(Arena *a, const char *bytes, size_t length);
/** A copy of a tensor of a file with this header; false: there is none, or its type is not one of ours. */
bool header_tensor(Arena *a, const Value *head, const char *bytes, size_t length, const char *key, MlcrtTensor *t);

/* ---- rules ----------------------------------------------------------------------------------------------------- */

typedef struct Param { const char *name; bool optional, rest; } Param;

typedef struct Rule {
    const char *file;           /* path of the rule file */
    int line;
    VEC(const char *) names;    /* patterns with * */
    VEC(Param) params;
    VEC(const char *) steps;    /* "let x = e", "when e", "results a, b", "tolerance e", "skip text", in order */
    const char *body;
} Rule;

typedef struct Macro { const char *name, *body; VEC(const char *) params; } Macro;
typedef struct Tolerance { const char *dtype, *file; double value; } Tolerance; /* of results of the rules of a file */

typedef struct Rules {
    Arena *arena;
    VEC(Rule) rules;
    VEC(Macro) macros;
    VEC(Tolerance) tolerances;
    const char *shared; /* the file without rules: its tolerances hold where a file says none; NULL: there is none */
    const char *error; /* NULL: read; else file, line and what is wrong */
} Rules;

bool rules_read(Rules *r, const char *dir);

/* ---- evaluation --------------------------------------------------------------------------------------------------- */

typedef struct Env { const char *name; const Value *value; const struct Env *next; } Env;

typedef struct Eval {
    Arena *arena;
    const Rules *rules;
    const Case *c;
    const Env *env;
    ValueList used;     /* tensors that the program mentions, in order: its parameters */
    int depth;          /* of macros, graphs and brackets */
    jmp_buf fail;
    const char *error;  /* after a jump to `fail` */
} Eval;

_Noreturn void eval_fail(Eval *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void eval_bind(Eval *e, const char *name, const Value *v);
const Value *eval_find(Eval *e, const char *name); /* null if there is none */
const Value *eval_text(Eval *e, const char *text); /* an expression */
/* The expression at *text, which is left behind it. */
const Value *eval_prefix(Eval *e, const char **text);
const char *eval_render(Eval *e, const Value *v);  /* as the program writes it */
const char *eval_template(Eval *e, const char *body);
const Value *eval_call(Eval *e, const char *name, const Value *args);
const Value *eval_graph(Eval *e, const Value *args);

/* What the first rule that is for an operator with these arguments says. */
typedef struct Chosen {
    const Rule *rule;   /* NULL: there is none */
    const char *skip;   /* not NULL: why it is not run */
    const char *results; /* names of the outputs that the program gives; NULL: all */
    const Value *tolerance; /* a number, or one for each result by place; NULL: that of the element type */
    const char *body;   /* text of the program's expression or block */
} Chosen;
Chosen rules_choose(Eval *e, const char *op, const Value *positional, const Value *named);

/* ---- running -------------------------------------------------------------------------------------------------------- */

typedef enum Verdict { PASSED, FAILED, SKIPPED } Verdict;

typedef struct Runner {
    Suite suite;
    Rules rules;
    MlcCompiler *compiler;
    MlcrtSession *session;
    bool interpret, verbose;
} Runner;

Verdict run_case(Runner *r, const Case *c, Buf *report);

/** Compares one result; appends what differs to the report. */
bool compare_result(Arena *a, const char *name, const MlcrtTensor *got, const MlcrtTensor *expected, double tolerance, Buf *report);
double tolerance_of(const Rules *r, const Chosen *chosen, int result, const MlcrtTensor *expected);

#endif
