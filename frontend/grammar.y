/* grammar.y - tokens to syntax tree: LALR(1), no conflicts, no precedence declarations (levels are nonterminals).
 *
 * Errors: a declaration, statement, member, equation or tree item that does not parse is dropped up to the next SEP at
 * its own level (lines.c skips whole brackets), so the rest of the file is still read and each mistake is reported once.
 */
%require "3.8"
%define api.pure full
%define api.value.type {TokenValue}
%define api.location.type {Span}
%define api.prefix {mlc_}
%define api.token.prefix {K_}
%define parse.error custom
%param {ParseCx *cx}
%locations
%expect 0

%code requires {
#include "frontend/parse_int.h"
}

%code {
#include <string.h>

#define YYLLOC_DEFAULT(cur, rhs, n) \
    ((cur) = (n) ? (Span){ YYRHSLOC(rhs, 1).file, YYRHSLOC(rhs, 1).lo, YYRHSLOC(rhs, n).hi } \
                 : (Span){ YYRHSLOC(rhs, 0).file, YYRHSLOC(rhs, 0).hi, YYRHSLOC(rhs, 0).hi })
/* The parser's stacks grow in the arena. */
#define YYSTACK_USE_ALLOCA 0
#define YYMALLOC(size) arena_alloc(cx->p->arena, (size_t)(size))
#define YYFREE(p) ((void)(p))

static int mlc_lex(TokenValue *value, Span *span, ParseCx *cx)
{
    return lines_lex(value, span, cx);
}

static void mlc_error(Span *span, ParseCx *cx, const char *text)
{
    (void)text; /* only "memory exhausted": a stack of 10,000 symbols */
    if (!cx->stopped)
        diag_error(cx->p->diags, E0003, *span, "the text is nested too deeply here");
    cx->stopped = true;
}

#define NODE(kind, s, name, ...) tree_new(cx, T_##kind, (s), (name), COUNT_(__VA_ARGS__), (Tree *[]){ __VA_ARGS__ })
#define COUNT_(...) ((int)(sizeof((Tree *[]){ __VA_ARGS__ }) / sizeof(Tree *)))
#define LEAF(kind, s, name) tree_new(cx, T_##kind, (s), (name), 0, NULL)
#define LIST(s) tree_list(cx, (s))
#define LIST1(s, x) tree_add(cx, LIST(s), (s), (x))
#define NAME_NODE(s, n) LEAF(name, (s), (n))
#define WORD(text) name_of(cx->p->names, (text))
#define BINARY(s, op, l, r) NODE(binary, (s), WORD(op), (l), (r))

static Tree *flagged(Tree *t, int flags)
{
    t->flags = (uint16_t)(t->flags | flags);
    return t;
}

static Tree *named(ParseCx *cx, Tree *params, const Tree *more)
{
    for (int i = 0; i < more->nkids; i++)
        tree_add(cx, params, more->kids[i]->span, flagged(more->kids[i], TF_NAMED));
    return params;
}

static Tree *documented(ParseCx *cx, Tree *t, Span from);
static Tree *annotated(ParseCx *cx, Tree *annots, Tree *decl);
static Tree *chained(ParseCx *cx, Tree *t, Span s, Name op, Tree *right);
static Tree *word_member(ParseCx *cx, Span s, Span word_at, Name word, Name name, Tree *type, Tree *init);
static Tree *assigned(ParseCx *cx, Span s, Tree *left, const char *op, Tree *right);
static Tree *with_text(Tree *t, const Tree *string);
}

%token YYEOF 0 "the end of the file"
%token <name> NAME "a name"
%token <tree> INT "a whole number" FLOAT "a number" STRING "a string"
%token SEP "a new line"
%token LET "'let'" VAR "'var'" REC "'rec'" FN "'fn'" OP "'op'" MODEL "'model'" ADAPTER "'adapter'" STRUCT "'struct'"
%token TREE "'tree'" PARAM "'param'" IF "'if'" ELSE "'else'" FOR "'for'" IN "'in'" WHILE "'while'" RETURN "'return'"
%token BREAK "'break'" CONTINUE "'continue'" AND "'and'" OR "'or'" NOT "'not'" AS "'as'" WHERE "'where'"
%token IMPORT "'import'" EXPORT "'export'" EXTERN "'extern'"
%token ARROW "'->'" DOTS "'..'" COALESCE "'??'" FLOORDIV "'//'" LE "'<='" GE "'>='" EQ "'=='" NE "'!='"
%token ADDTO "'+='" SUBTO "'-='" MULTO "'*='" DIVTO "'/='"
%token '(' "'('" ')' "')'" '[' "'['" ']' "']'" '{' "'{'" '}' "'}'" '.' "'.'" ',' "','" ':' "':'" ';' "';'"
%token '=' "'='" '~' "'~'" '|' "'|'" '@' "'@'" '+' "'+'" '-' "'-'" '*' "'*'" '/' "'/'" '%' "'%'" '^' "'^'"
%token '<' "'<'" '>' "'>'"

%type <tree> file items item decl stmt annots annot annot_args fndecl extern_decl op_decl model_decl adapter_decl
%type <tree> tree_decl import_decl statics_opt statics params params_opt positional1 param type_opt default_opt
%type <tree> where_opt body members member binders_opt names treelit treeitems treeitem treelit_opt else_opt
%type <tree> type types types1 type_args dims dims1 dim count_opt path path_names block binding of_type pattern
%type <tree> patterns equations equation expr exprs1 ascr range or and not cmp chain sum prod unary power inside
%type <tree> fallback postfix primary if else_part args args1 arg subs subs1 sub expr_opt
%type <name> cmp_op

%%

file: items                         { cx->file = NODE(file, @$, NULL, $1); $$ = cx->file; };

/* ---- items: declarations and statements, in files and blocks ---- */

items:
    %empty                          { $$ = LIST(@$); }
  | item                            { $$ = LIST1(@1, $1); }
  | items sep                       { $$ = $1; }
  | items sep item                  { $$ = tree_add(cx, $1, @3, $3); }
  ;

sep: SEP                            { yyerrok; lines_settled(cx, true); };

item:
    decl
  | annots decl                     { $$ = annotated(cx, $1, $2); }
  | stmt
  | error                           { $$ = LEAF(error, @$, NULL); }
  ;

annots:
    annot                           { $$ = LIST1(@1, $1); }
  | annots annot                    { $$ = tree_add(cx, $1, @2, $2); }
  ;

annot:
    '@' NAME annot_args             { $$ = NODE(annot, @$, $2, $3); }
  | '@' NAME annot_args SEP         { $$ = NODE(annot, span_join(@1, @3), $2, $3); }
  ;

annot_args:
    %empty                          { $$ = LIST(@$); }
  | '(' args                        { $$ = $2; }
  ;

decl:
    fndecl
  | EXPORT fndecl                   { $$ = documented(cx, flagged($2, TF_EXPORT), @$); }
  | extern_decl                     { $$ = documented(cx, $1, @$); }
  | op_decl                         { $$ = documented(cx, $1, @$); }
  | model_decl                      { $$ = documented(cx, $1, @$); }
  | adapter_decl                    { $$ = documented(cx, $1, @$); }
  | tree_decl                       { $$ = documented(cx, $1, @$); }
  | import_decl
  ;

fndecl:
    FN NAME statics_opt '(' params type_opt where_opt body
                                    { $$ = documented(cx, NODE(fn, @$, $2, LIST(@1), $3, $5, $6, $7, $8), @$); }
  ;

extern_decl:
    EXTERN STRING FN NAME '(' params type_opt
                                    { $$ = with_text(NODE(extern_fn, @$, $4, $6, $7), $2); }
  ;

op_decl:
    OP NAME '[' NAME ']' '(' params ARROW type else_opt body
                                    { $$ = NODE(op, @$, $2, LIST(@1), NAME_NODE(@4, $4), $7, $9, $10, $11); }
  ;

else_opt:
    %empty                          { $$ = NULL; }
  | ELSE expr                       { $$ = $2; }
  ;

model_decl:
    MODEL NAME params_opt where_opt '{' members '}'
                                    { $$ = NODE(model, @$, $2, LIST(@1), $3, $4, $6); lines_settled(cx, false); }
  | STRUCT NAME params_opt where_opt '{' members '}'
                                    { $$ = NODE(struct_, @$, $2, LIST(@1), $3, $4, $6); lines_settled(cx, false); }
  ;

adapter_decl:
    ADAPTER NAME params_opt FOR path binders_opt where_opt '{' members '}'
                                    { $$ = NODE(adapter, @$, $2, LIST(@1), $3, $5, $6, $7, $9); lines_settled(cx, false); }
  ;

binders_opt:
    %empty                          { $$ = NULL; }
  | '(' names ')'                   { $$ = $2; }
  ;

names:
    NAME                            { $$ = LIST1(@1, NAME_NODE(@1, $1)); }
  | names ',' NAME                  { $$ = tree_add(cx, $1, @3, NAME_NODE(@3, $3)); }
  ;

tree_decl: TREE NAME '=' treelit    { $$ = NODE(tree, @$, $2, LIST(@1), $4); };

import_decl:
    IMPORT path                     { $$ = NODE(import, @$, NULL, $2, NULL, NULL); }
  | IMPORT path AS NAME             { $$ = NODE(import, @$, NULL, $2, NAME_NODE(@4, $4), NULL); }
  | IMPORT path ':' names           { $$ = NODE(import, @$, NULL, $2, NULL, $4); }
  ;

/* ---- parts of declarations ---- */

statics_opt:
    %empty                          { $$ = NULL; }
  | '[' statics                     { $$ = $2; }
  ;

params_opt:
    %empty                          { $$ = NULL; }
  | '(' params                      { $$ = $2; }
  ;

/* Lists include their closer: a state that has just read an element then expects ',' or the closer, and an error says so. */
params:
    ')'                             { $$ = LIST(@$); }
  | positional1 ')'                 { $$ = $1; }
  | positional1 ';' positional1 ')' { $$ = named(cx, $1, $3); }
  | ';' positional1 ')'             { $$ = named(cx, LIST(@1), $2); }
  ;

statics:
    ']'                             { $$ = LIST(@$); }
  | positional1 ']'                 { $$ = $1; }
  | positional1 ';' positional1 ']' { $$ = named(cx, $1, $3); }
  | ';' positional1 ']'             { $$ = named(cx, LIST(@1), $2); }
  ;

positional1:
    param                           { $$ = LIST1(@1, $1); }
  | positional1 ',' param           { $$ = tree_add(cx, $1, @3, $3); }
  ;

param:
    NAME default_opt                { $$ = NODE(param, @$, $1, NULL, $2); }
  | NAME ':' type default_opt       { $$ = NODE(param, @$, $1, $3, $4); }
  | VAR NAME ':' type               { $$ = flagged(NODE(param, @$, $2, $4, NULL), TF_VAR); }
  ;

default_opt:
    %empty                          { $$ = NULL; }
  | '=' expr                        { $$ = $2; }
  ;

type_opt:
    %empty                          { $$ = NULL; }
  | ARROW type                      { $$ = $2; }
  ;

where_opt:
    %empty                          { $$ = NULL; }
  | WHERE exprs1                    { $$ = $2; }
  ;

body:
    '=' expr                        { $$ = $2; }
  | block
  ;

members:
    %empty                          { $$ = LIST(@$); }
  | member                          { $$ = LIST1(@1, $1); }
  | members sep                     { $$ = $1; }
  | members sep member              { $$ = tree_add(cx, $1, @3, $3); }
  ;

member:
    PARAM NAME ':' type '=' expr    { $$ = documented(cx, NODE(mparam, @$, $2, $4, $6), @$); }
  | PARAM NAME ':' type '~' expr    { $$ = documented(cx, flagged(NODE(mparam, @$, $2, $4, $6), TF_DRAW), @$); }
  | NAME ':' type default_opt       { $$ = documented(cx, NODE(mfield, @$, $1, $3, $4), @$); }
  | NAME '=' expr                   { $$ = documented(cx, NODE(mpart, @$, $1, $3), @$); }
  | NAME NAME ':' type default_opt  { $$ = documented(cx, word_member(cx, @$, @1, $1, $2, $4, $5), @$); }
  | fndecl
  | annots fndecl                   { $$ = annotated(cx, $1, $2); }
  | error                           { $$ = LEAF(error, @$, NULL); }
  ;

treelit: '{' treeitems '}'          { $$ = NODE(treelit, @$, NULL, $2); lines_settled(cx, false); };

treeitems:
    %empty                          { $$ = LIST(@$); }
  | treeitems sep                   { $$ = $1; }
  | treeitems treeitem              { $$ = tree_add(cx, $1, @2, $2); }
  | treeitems error                 { $$ = $1; }
  ;

treeitem: INT treelit_opt           { $$ = NODE(treeitem, @$, NULL, $2); $$->ival = $1->ival; };

treelit_opt:
    %empty                          { $$ = NULL; }
  | treelit
  ;

/* ---- types ---- */

type:
    path type_args dims             { $$ = NODE(tbase, @$, NULL, $1, $2, $3); }
  | TREE dims                       { $$ = NODE(tbase, @$, NULL, NODE(path, @1, WORD("tree"), LIST(@1)), NULL, $2); }
  | MODEL dims                      { $$ = NODE(tbase, @$, NULL, NODE(path, @1, WORD("model"), LIST(@1)), NULL, $2); }
  | '(' types                       { $$ = $2->nkids == 1 ? $2->kids[0] : NODE(ttuple, @$, NULL, $2); }
  | '[' type count_opt ']'          { $$ = NODE(tlist, @$, NULL, $2, $3); }
  | FN                              { $$ = NODE(tfn, @$, NULL, NULL, NULL); }
  | FN '(' types ARROW type         { $$ = NODE(tfn, @$, NULL, $3, $5); }
  ;

types:
    ')'                             { $$ = LIST(@$); }
  | types1 ')'                      { $$ = $1; }
  ;

types1:
    type                            { $$ = LIST1(@1, $1); }
  | types1 ',' type                 { $$ = tree_add(cx, $1, @3, $3); }
  ;

type_args:
    %empty                          { $$ = NULL; }
  | '(' args                        { $$ = $2; }
  ;

dims:
    %empty                          { $$ = NULL; }
  | '[' ']'                         { $$ = LIST(@$); }
  | '[' dims1 ']'                   { $$ = $2; }
  ;

dims1:
    dim                             { $$ = LIST1(@1, $1); }
  | dims1 ',' dim                   { $$ = tree_add(cx, $1, @3, $3); }
  ;

dim:
    expr
  | DOTS                            { $$ = LEAF(rest, @1, NULL); }
  ;

count_opt:
    %empty                          { $$ = NULL; }
  | ';' expr                        { $$ = $2; }
  ;

path: NAME path_names               { $$ = NODE(path, @$, $1, $2); };

path_names:
    %empty                          { $$ = LIST(@$); }
  | path_names '.' NAME             { $$ = tree_add(cx, $1, @3, NAME_NODE(@3, $3)); }
  ;

/* ---- statements ---- */

block: '{' items '}'                { $$ = NODE(block, @$, NULL, $2); lines_settled(cx, false); };

stmt:
    LET binding                     { $$ = $2; $$->span = @$; }
  | VAR binding                     { $$ = flagged($2, TF_VAR); $$->span = @$; }
  | REC equation                    { $$ = NODE(rec, @$, NULL, LIST1(@2, $2)); }
  | REC '{' equations '}'           { $$ = NODE(rec, @$, NULL, $3); lines_settled(cx, false); }
  | WHILE expr block                { $$ = NODE(while_, @$, NULL, $2, $3); }
  | FOR pattern IN expr block       { $$ = NODE(for_, @$, NULL, $2, $4, $5); }
  | RETURN                          { $$ = NODE(return_, @$, NULL, NULL); }
  | RETURN expr                     { $$ = NODE(return_, @$, NULL, $2); }
  | BREAK                           { $$ = LEAF(break_, @$, NULL); }
  | CONTINUE                        { $$ = LEAF(continue_, @$, NULL); }
  | expr
  | expr '=' expr                   { $$ = assigned(cx, @$, $1, NULL, $3); }
  | expr ADDTO expr                 { $$ = assigned(cx, @$, $1, "+=", $3); }
  | expr SUBTO expr                 { $$ = assigned(cx, @$, $1, "-=", $3); }
  | expr MULTO expr                 { $$ = assigned(cx, @$, $1, "*=", $3); }
  | expr DIVTO expr                 { $$ = assigned(cx, @$, $1, "/=", $3); }
  ;

binding:
    pattern '=' expr                { $$ = NODE(let, @$, NULL, $1, NULL, $3); }
  | NAME ':' type '=' expr          { $$ = NODE(let, @$, NULL, NAME_NODE(@1, $1), $3, $5); }
  | NAME '~' expr                   { $$ = NODE(draw, @$, $1, $3); }
  | NAME '[' subs of_type '=' expr   { $$ = NODE(let_index, @$, $1, $3, $4, $6); }
  | NAME '[' subs of_type '~' expr   { $$ = flagged(NODE(let_index, @$, $1, $3, $4, $6), TF_DRAW); }
  ;

of_type:
    %empty                          { $$ = NULL; }
  | ':' type                        { $$ = $2; }
  ;

pattern:
    NAME                            { $$ = NAME_NODE(@1, $1); }
  | '(' patterns ')'                { $$ = $2->nkids == 1 ? $2->kids[0] : NODE(ptuple, @$, NULL, $2); }
  ;

patterns:
    pattern                         { $$ = LIST1(@1, $1); }
  | patterns ',' pattern            { $$ = tree_add(cx, $1, @3, $3); }
  ;

equations:
    %empty                          { $$ = LIST(@$); }
  | equation                        { $$ = LIST1(@1, $1); }
  | error                           { $$ = LIST(@$); }
  | equations sep                   { $$ = $1; }
  | equations sep equation          { $$ = tree_add(cx, $1, @3, $3); }
  | equations sep error             { $$ = $1; }
  ;

equation: NAME '[' subs '=' expr    { $$ = NODE(equation, @$, $1, $3, $5); };

/* ---- expressions, loosest first ---- */

exprs1:
    expr                            { $$ = LIST1(@1, $1); }
  | exprs1 ',' expr                 { $$ = tree_add(cx, $1, @3, $3); }
  ;

expr:
    FN '(' params type_opt body     { $$ = NODE(fn, @$, NULL, LIST(@1), NULL, $3, $4, NULL, $5); }
  | ascr
  ;

ascr:
    range
  | ascr AS type                    { $$ = NODE(as, @$, NULL, $1, $3); }
  ;

range:
    or
  | or DOTS or                      { $$ = BINARY(@$, "..", $1, $3); }
  ;

or:
    and
  | or OR and                       { $$ = BINARY(@$, "or", $1, $3); }
  ;

and:
    not
  | and AND not                     { $$ = BINARY(@$, "and", $1, $3); }
  ;

not:
    cmp
  | NOT not                         { $$ = NODE(unary, @$, WORD("not"), $2); }
  ;

cmp:
    sum
  | chain
  ;

chain:
    sum cmp_op sum                  { $$ = chained(cx, tree_add(cx, LEAF(chain, @$, NULL), @1, $1), @$, $2, $3); }
  | chain cmp_op sum                { $$ = chained(cx, $1, @$, $2, $3); }
  ;

cmp_op:
    '<'                             { $$ = WORD("<"); }
  | LE                              { $$ = WORD("<="); }
  | '>'                             { $$ = WORD(">"); }
  | GE                              { $$ = WORD(">="); }
  | EQ                              { $$ = WORD("=="); }
  | NE                              { $$ = WORD("!="); }
  ;

sum:
    prod
  | sum '+' prod                    { $$ = BINARY(@$, "+", $1, $3); }
  | sum '-' prod                    { $$ = BINARY(@$, "-", $1, $3); }
  ;

prod:
    unary
  | prod '*' unary                  { $$ = BINARY(@$, "*", $1, $3); }
  | prod '/' unary                  { $$ = BINARY(@$, "/", $1, $3); }
  | prod FLOORDIV unary             { $$ = BINARY(@$, "//", $1, $3); }
  | prod '%' unary                  { $$ = BINARY(@$, "%", $1, $3); }
  | prod '@' unary                  { $$ = BINARY(@$, "@", $1, $3); }
  ;

unary:
    '-' unary                       { $$ = NODE(unary, @$, WORD("-"), $2); }
  | power
  ;

power:
    inside
  | inside '^' unary                { $$ = BINARY(@$, "^", $1, $3); }
  ;

inside:
    postfix
  | postfix COALESCE fallback       { $$ = BINARY(@$, "??", $1, $3); }
  ;

fallback:
    postfix
  | '-' postfix                     { $$ = NODE(unary, @$, WORD("-"), $2); }
  ;

postfix:
    primary
  | postfix '(' args                { $$ = NODE(call, @$, NULL, $1, $3); }
  | postfix '[' subs                { $$ = NODE(index, @$, NULL, $1, $3); }
  | postfix '[' subs1 '|' expr ']' '(' args
                                    { $$ = NODE(bigop, @$, NULL, $1, $3, $5, $8); }
  | postfix '[' '|' expr ']' '(' args
                                    { $$ = NODE(bigop, @$, NULL, $1, LIST(@2), $4, $7); }
  | postfix '.' NAME                { $$ = NODE(member, @$, $3, $1); }
  ;

primary:
    INT
  | FLOAT
  | STRING
  | NAME                            { $$ = NAME_NODE(@1, $1); }
  | '(' ')'                         { $$ = NODE(tuple, @$, NULL, LIST(@2)); }
  | '(' exprs1 ')'                  { $$ = $2->nkids == 1 ? $2->kids[0] : NODE(tuple, @$, NULL, $2); }
  | TREE treelit                    { $$ = $2; }
  | '[' ']'                         { $$ = NODE(listlit, @$, NULL, LIST(@2)); }
  | '[' exprs1 ']'                  { $$ = NODE(listlit, @$, NULL, $2); }
  | '[' expr FOR pattern IN expr ']' { $$ = NODE(comp, @$, NULL, $2, $4, $6); }
  | if
  ;

if: IF expr block else_part         { $$ = NODE(if_, @$, NULL, $2, $3, $4); };

else_part:
    %empty                          { $$ = NULL; }
  | ELSE block                      { $$ = $2; }
  | ELSE if                         { $$ = $2; }
  ;

args:
    ')'                             { $$ = LIST(@$); }
  | args1 ')'                       { $$ = $1; }
  ;

args1:
    arg                             { $$ = LIST1(@1, $1); }
  | args1 ',' arg                   { $$ = tree_add(cx, $1, @3, $3); }
  ;

arg:
    expr                            { $$ = NODE(arg, @$, NULL, $1); }
  | NAME ':' expr                   { $$ = NODE(arg, @$, $1, $3); }
  | VAR expr                        { $$ = flagged(NODE(arg, @$, NULL, $2), TF_VAR); }
  ;

subs:
    ']'                             { $$ = LIST(@$); }
  | subs1 ']'                       { $$ = $1; }
  ;

subs1:
    sub                             { $$ = LIST1(@1, $1); }
  | subs1 ',' sub                   { $$ = tree_add(cx, $1, @3, $3); }
  ;

sub:
    DOTS                            { $$ = LEAF(rest, @1, NULL); }
  | expr
  | expr_opt ':' expr_opt           { $$ = NODE(slice, @$, NULL, $1, $3, NULL); }
  | expr_opt ':' expr_opt ':' expr  { $$ = NODE(slice, @$, NULL, $1, $3, $5); }
  ;

expr_opt:
    %empty                          { $$ = NULL; }
  | expr
  ;

%%

/* The doc comment in front of the declaration that begins somewhere in `from`, up to its first word of its own: behind
 * annotations and `export` counts, too, so the outermost production that covers it asks last and finds the earliest. */
static Tree *documented(ParseCx *cx, Tree *t, Span from)
{
    uint32_t hi = t->span.lo;
    for (int i = cx->docs.n; i-- > 0 && cx->docs.p[i].at >= from.lo;)
        if (cx->docs.p[i].at <= hi)
            t->doc = cx->docs.p[i].text;
    t->span = from;
    return t;
}

static Tree *annotated(ParseCx *cx, Tree *annots, Tree *decl)
{
    Span at = span_join(annots->span, decl->span);
    if (decl->kind == T_import || decl->kind == T_extern_fn) {
        diag_error(cx->p->diags, E0404, annots->kids[0]->span, "an annotation cannot stand before '%s'",
                   decl->kind == T_import ? "import" : "extern");
        return decl;
    }
    decl->kids[0] = annots;
    return documented(cx, decl, at);
}

/* a < b <= c is one node with three operands and two operators. */
static Tree *chained(ParseCx *cx, Tree *t, Span s, Name op, Tree *right)
{
    int n = t->nkids - 1; /* operators so far */
    if (n == 0 || (n >= 4 && (n & (n - 1)) == 0)) {
        Name *ops = NEWN(cx->p->arena, Name, n ? n * 2 : 4);
        for (int i = 0; i < n; i++)
            ops[i] = t->ops[i];
        t->ops = ops;
    }
    ((Name *)t->ops)[n] = op;
    return tree_add(cx, t, s, right);
}

/* 'input n: T = e' and 'frozen n: T = e': the words are names, so the grammar takes any. */
static Tree *word_member(ParseCx *cx, Span s, Span word_at, Name word, Name name, Tree *type, Tree *init)
{
    Tree *t = NODE(minput, s, name, type, init);
    t->text = word;
    t->text_len = (uint32_t)strlen(word);
    if (strcmp(word, "input") != 0 && strcmp(word, "frozen") != 0) {
        diag_error(cx->p->diags, E0104, word_at, "a member cannot begin with '%s'", word);
        diag_help(cx->p->diags, "a member is 'param n: T = e', 'input n: T', 'frozen n: T', 'n: T', 'n = e' or a function");
        return LEAF(error, s, NULL);
    }
    return t;
}

static Tree *assigned(ParseCx *cx, Span s, Tree *left, const char *op, Tree *right)
{
    if (!check_assignable(cx, left, op != NULL))
        return LEAF(error, s, NULL);
    return NODE(assign, s, op ? WORD(op) : NULL, left, right);
}

static Tree *with_text(Tree *t, const Tree *string)
{
    if (string->kind == T_string) { /* else malformed, and reported */
        t->text = string->text;
        t->text_len = string->text_len;
    }
    return t;
}

static int yyreport_syntax_error(const yypcontext_t *at, ParseCx *cx)
{
    yysymbol_kind_t kinds[YYNTOKENS];
    const char *names[YYNTOKENS];
    int n = yypcontext_expected_tokens(at, kinds, YYNTOKENS);
    for (int i = 0; i < n; i++)
        names[i] = yysymbol_name(kinds[i]);
    if (!cx->quiet)
        syntax_error(cx, *yypcontext_location(at), cx->prev, yysymbol_name(yypcontext_token(at)), names, n);
    lines_recover(cx, !cx->quiet);
    return 0;
}
