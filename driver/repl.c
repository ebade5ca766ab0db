/* repl.c - `mlc repl`: inputs one after the other, compiled and run at once; commands that begin with a colon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/repl_int.h"

typedef struct Command { const char *name, *argument, *help; void (*run)(Repl *r, const char *rest); } Command;

static void run_help(Repl *r, const char *rest);
static void run_quit(Repl *r, const char *rest);
static void run_type(Repl *r, const char *rest);
static void run_time(Repl *r, const char *rest);
static void run_emit(Repl *r, const char *rest);
static void run_load(Repl *r, const char *rest);

static const Command commands[] = {
    { ":type", "EXPR", "the type of an expression, or the signature of a function", run_type },
    { ":time", "EXPR", "run it and say how long it took, compiled already", run_time },
    { ":emit", "WHAT EXPR", "what becomes of it, or of a function: ast, core, ir, tile, llvm, asm, dot", run_emit },
    { ":load", "FILE", "as if the file's text had been typed here", run_load },
    { ":help", "", "this", run_help },
    { ":quit", "", "leave (or Ctrl-D)", run_quit },
};
enum { NCOMMANDS = sizeof commands / sizeof *commands };

static void complain(Repl *r, const char *text)
{
    fprintf(stderr, "%s\n", text);
    r->failed = true;
}

/* ---- commands ---------------------------------------------------------------------------------------------------------------- */

static void run_help(Repl *r, const char *rest)
{
    (void)r;
    (void)rest;
    puts("An expression is run and its value shown; definitions and statements as in files.");
    for (int i = 0; i < NCOMMANDS; i++)
        printf("  %s %-*s %s\n", commands[i].name, 12, commands[i].argument, commands[i].help);
    fflush(stdout); /* before what an error says next */
}

static void run_quit(Repl *r, const char *rest)
{
    (void)rest;
    r->done = true;
}

/* The function that a single name means; NULL if it is none. */
static CoreFn *function_named(Repl *r, const char *name)
{
    for (int i = r->u->core ? r->u->core->named.n - 1 : -1; i >= 0; i--)
        if (!strcmp(r->u->core->named.p[i]->name, name))
            return r->u->core->named.p[i];
    return NULL;
}

typedef struct Job { Repl *r; const char *what; CoreFn *fn; Buf out; bool ok; } Job;

static void signature(void *arg)
{
    Job *j = arg;
    MlcrtFn *fn = oracle_function(j->r->u, j->fn);
    j->ok = fn != NULL;
    if (fn)
        printf("%s\n", fn->signature);
}

static void run_type(Repl *r, const char *rest)
{
    Job j = { .r = r, .fn = function_named(r, rest) };
    if (j.fn) {
        mem_try(r->mem, signature, &j);
    } else {
        const CoreStmt *st = repl_check(r, rest);
        Arena *a = arena_new(&r->own);
        if (st)
            puts(st->value && st->value->kind != STY_none ? core_sty_text(a, st->value) : "no value");
        arena_drop(a);
    }
    repl_report(r);
}

static bool time_once(Repl *r, const CoreStmt *st, double *seconds)
{
    double start = unit_now();
    bool ok = script_run(r->script, st);
    *seconds = unit_now() - start;
    return ok;
}

/* The first run compiles. A statement that changes variables, or prints, does so twice only if it is an expression. */
static void run_time(Repl *r, const char *rest)
{
    double first, again;
    const CoreStmt *st = repl_check(r, rest);
    if (!st) {
        repl_report(r);
        return;
    }
    CoreStmt kept = *st;
    bool ok = time_once(r, &kept, &first);
    if (ok && !kept.writes.n && kept.value && kept.value->kind != STY_none && time_once(r, &kept, &again))
        printf("%.4g ms (%.4g ms with compiling)\n", again * 1e3, first * 1e3);
    else if (ok)
        printf("%.4g ms with compiling\n", first * 1e3);
    repl_report(r);
}

static void emit(void *arg)
{
    Job *j = arg;
    j->out = buf_new(j->r->u->arena);
    j->ok = unit_emit(j->r->u, j->fn, j->what, &j->out);
}

static void run_emit(Repl *r, const char *rest)
{
    char what[16] = "";
    int n = 0;
    if (sscanf(rest, "%15s %n", what, &n) < 1 || !n || !rest[n]) {
        complain(r, ":emit WHAT EXPR; WHAT is ast, core, ir, tile, llvm, asm or dot");
        return;
    }
    Job j = { .r = r, .what = what, .fn = function_named(r, rest + n) };
    if (!strcmp(what, "ast")) {
        repl_print_tree(r, rest + n);
        return;
    }
    const CoreStmt *st = j.fn ? NULL : repl_check(r, rest + n);
    if (st)
        j.fn = st->fn;
    if (j.fn && mem_try(r->mem, emit, &j) && j.ok)
        fputs(buf_text(&j.out), stdout);
    repl_report(r);
}

static void run_load(Repl *r, const char *rest)
{
    Arena *a = arena_new(&r->own);
    size_t len;
    const char *error;
    char *text = file_read(a, rest, &len, &error);
    if (text)
        repl_input(r, rest, text, len, false);
    else {
        fprintf(stderr, "cannot read '%s': %s\n", rest, error);
        r->failed = true;
    }
    arena_drop(a);
}

static void run_command(Repl *r, char *text)
{
    size_t n = strcspn(text, " \t\n");
    char *rest = text + n, *end;
    rest += strspn(rest, " \t\n");
    for (end = rest + strlen(rest); end > rest && strchr(" \t\n", end[-1]);)
        *--end = 0;
    for (int i = 0; i < NCOMMANDS; i++)
        if (strlen(commands[i].name) == n && !strncmp(text, commands[i].name, n)) {
            if (*commands[i].argument && !*rest)
                fprintf(stderr, "%s %s: %s\n", commands[i].name, commands[i].argument, commands[i].help), r->failed = true;
            else
                commands[i].run(r, rest);
            return;
        }
    complain(r, "there is no such command; :help lists them");
}

/* ---- the loop ---------------------------------------------------------------------------------------------------------------- */

static bool is_blank(const char *s)
{
    return !s[strspn(s, " \t\r\n")];
}

static void run_input(Repl *r, const char *text)
{
    Arena *a = arena_new(&r->own);
    const char *start = text + strspn(text, " \t\r\n");
    repl_signal_running(r->signal, script_session(r->script)); /* a Ctrl-C while it is still checked counts, too */
    if (*start == ':')
        run_command(r, arena_text(a, start, strlen(start)));
    else
        repl_input(r, arena_printf(a, "input %d", ++r->inputs), text, strlen(text), true);
    repl_signal_running(r->signal, NULL);
    arena_drop(a);
}

/* The next line in `line`; false at the end. An interrupt drops what was typed so far. */
static bool read_line(Repl *r, bool more, char **line, size_t *room, bool *interrupted)
{
    int len = 0;
    *interrupted = false;
    if (!r->edit)
        return getline(line, room, stdin) >= 0;
    const char *typed = repl_edit_line(r->edit, more, &len, interrupted);
    if (!typed)
        return *interrupted;
    free(*line);
    *line = strdup(typed);
    *room = *line ? strlen(*line) + 1 : 0;
    return *line != NULL;
}

static void add_line(Repl *r, Buf *text, const char *line)
{
    buf_puts(text, line);
    if (is_blank(buf_text(text))) {
        text->n = 0;
        return;
    }
    bool command = text->p[strspn(text->p, " \t\r\n")] == ':';
    bool blank_ends = r->edit && is_blank(line); /* an empty line at the terminal ends whatever it was */
    if (!command && !blank_ends && repl_text(r, text->p) == REPL_incomplete)
        return;
    repl_edit_remember(r->edit, text->p);
    run_input(r, text->p);
    text->n = 0;
}

typedef struct Loop { Repl *r; char *line; } Loop;

static void loop(void *arg)
{
    Loop *l = arg;
    Repl *r = l->r;
    Arena *a = arena_new(&r->own);
    Buf text = buf_new(a);
    size_t room = 0;
    bool interrupted;
    r->arena = arena_new(&r->own);
    while (!r->done && read_line(r, text.n > 0, &l->line, &room, &interrupted)) {
        if (interrupted) {
            text.n = 0;
            continue;
        }
        add_line(r, &text, l->line);
        if (arena_bytes(a) > (1 << 20) && !text.n) {
            arena_drop(a);
            a = arena_new(&r->own);
            text = buf_new(a);
        }
    }
    if (text.n && !r->done)
        run_input(r, buf_text(&text));
    if (r->edit && !r->done)
        putchar('\n');
}

static void finish(Repl *r)
{
    script_free(r->script);
    if (r->u)
        unit_drop(r->u);
    mem_drop(&r->mems[0]);
    mem_drop(&r->mems[1]);
    repl_edit_free(r->edit);
    repl_signal_free(r->signal);
    mem_drop(&r->own);
}

int cmd_repl(const Options *o, Unit *first)
{
    Repl r = { .o = o, .uo = first->o, .codegen = first->codegen, .context = first->context };
    ScriptOptions so = { .interp = o->interp, .nargs = o->nargs, .args = o->args, .out = stdout, .err = stderr };
    Loop l = { &r, NULL };
    mem_init(&r.own, first->mem->hooks, 0);
    mem_init(&r.mems[0], first->mem->hooks, 0);
    mem_init(&r.mems[1], first->mem->hooks, 0);
    r.signal = repl_signal_new();
    if (!repl_unit(&r) || !(r.script = script_new(r.u, &so)))
        complain(&r, "out of memory");
    else {
        r.edit = repl_edit_new(&r);
        if (!mem_try(&r.own, loop, &l))
            complain(&r, "out of memory");
    }
    free(l.line);
    finish(&r);
    return r.failed && !r.edit ? 1 : 0;
}
