/* cmd_compile.c - files in, files out: `mlc model.ml`, `mlc -c`, `mlc check`, `mlc --emit=...`, `mlc --explain`. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/cmd.h"
#include "driver/embedded.h"
#include "driver/foreign.h"

extern char **environ;

/* ---- writing --------------------------------------------------------------------------------------------------------- */

bool cmd_write(Unit *u, const char *path, const void *p, size_t n)
{
    const char *error = NULL;
    if (strcmp(path, "-"))
        error = file_write(u->arena, path, p, n);
    else if (n && fwrite(p, 1, n, stdout) != n) /* p may be NULL without bytes */
        error = strerror(errno);
    if (error)
        diag_error(u->diags, E0601, (Span){ 0 }, "cannot write '%s': %s", strcmp(path, "-") ? path : "standard output", error);
    return !error;
}

/* ---- names ----------------------------------------------------------------------------------------------------------- */

static char *stem_of(Arena *a, const char *path)
{
    const char *base = strrchr(path, '/'), *dot;
    base = base ? base + 1 : path;
    dot = strrchr(base, '.');
    return arena_text(a, base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
}

static const char *prefix_of(const Options *o, Unit *u)
{
    char *s = o->prefix ? arena_text(u->arena, o->prefix, strlen(o->prefix)) : stem_of(u->arena, strcmp(o->args[0], "-") ? o->args[0] : "model");
    for (char *p = s; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9')))
            *p = '_';
    return *s >= '0' && *s <= '9' ? arena_printf(u->arena, "_%s", s) : s;
}

/* model.so beside model.h: the output's name decides both; default: the current directory. */
static char *with_ending(Arena *a, const char *path, const char *ending)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    return arena_printf(a, "%.*s%s", (int)(dot ? dot - path : (long)strlen(path)), path, ending);
}

/* ---- compiling ------------------------------------------------------------------------------------------------------- */

/* Runs cc, or ld where there is none; what it says goes to `said`. false: neither is there; *how: as waitpid gives it. */
static bool start_linker(char **argv, int said, int *how)
{
    pid_t pid;
    posix_spawn_file_actions_t io;
    if (posix_spawn_file_actions_init(&io))
        return false;
    if (said >= 0) {
        posix_spawn_file_actions_adddup2(&io, said, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&io, said, STDERR_FILENO);
    }
    int failed = posix_spawnp(&pid, "cc", &io, NULL, argv, environ);
    if (failed) {
        argv[0] = (char *)"ld";
        argv[2] = (char *)"--no-undefined-version";
        argv[3] = (char *)"-znoexecstack";
        failed = posix_spawnp(&pid, "ld", &io, NULL, argv, environ);
    }
    posix_spawn_file_actions_destroy(&io);
    while (!failed && waitpid(pid, how, 0) < 0 && errno == EINTR) {
    }
    return !failed;
}

/* The first line of what the linker said: it names the symbol or the library. */
static const char *first_line(Arena *a, int said)
{
    char *text = arena_array(a, 1, 512);
    ssize_t n = said < 0 ? 0 : pread(said, text, 511, 0);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return *text ? text : "it says nothing";
}

static bool run_linker(Unit *u, const char *object, const char *made, const char *out)
{
    ForeignUses uses = foreign_uses(u->arena, u->exports->bodies.p, u->exports->bodies.n);
    char **argv = NEWN(u->arena, char *, 8 + uses.n);
    int n = 0, how = 0;
    for (const char *const *s = (const char *const[]){ "cc", "-shared", "-nostartfiles", "-Wl,-z,noexecstack", "-o", made, object, NULL }; *s; s++)
        argv[n++] = (char *)(uintptr_t)*s;
    for (int i = 0; i < uses.n; i++) {
        const char *library = foreign_library(u->arena, uses.p[i].symbol);
        if (library)
            argv[n++] = arena_printf(u->arena, foreign_is_file(library) ? "%s" : "-l%s", library);
    }
    int said = memfd_create("linker", MFD_CLOEXEC);
    bool ran = start_linker(argv, said, &how);
    if (!ran) {
        diag_error(u->diags, E0605, (Span){ 0 }, "no linker was found to make '%s' (cc, ld)", out);
        diag_help(u->diags, "mlc -c writes an object file, which needs none");
    } else if (how) {
        diag_error(u->diags, E0605, (Span){ 0 }, "the linker failed on '%s': %s", out, first_line(u->arena, said));
    }
    if (said >= 0)
        close(said);
    return ran && !how;
}

/* The linker writes beside the file, which is then replaced: a program that has it open keeps what it has. */
static bool link_shared(Unit *u, const char *out, const void *object, size_t size)
{
    char *real = realpath(out, NULL); /* what a link names is replaced, not the link */
    const char *to = real ? arena_text(u->arena, real, strlen(real)) : out, *error = NULL;
    char *made = arena_printf(u->arena, "%s.%ld.so", to, (long)getpid()), *tmp = arena_printf(u->arena, "%s.%ld.o", to, (long)getpid());
    free(real);
    if (file_is_directory(to))
        error = strerror(EISDIR);
    else
        error = file_write(u->arena, tmp, object, size);
    bool ok = !error && run_linker(u, tmp, made, out);
    if (ok && rename(made, to))
        error = strerror(errno);
    if (error)
        diag_error(u->diags, E0601, (Span){ 0 }, "cannot write '%s': %s", out, error);
    unlink(tmp);
    unlink(made);
    return ok && !error;
}

static bool write_header(const Options *o, Unit *u, const char *prefix, const char *path)
{
    Buf b = buf_new(u->arena);
    (void)o;
    be_header(tables_module(u->exports, prefix, u->target.name, u->target.needs), prefix, &b);
    return cmd_write(u, path, b.p, b.n);
}

static bool has_exports(Unit *u)
{
    for (int i = 0; i < u->core->named.n; i++)
        if (u->core->named.p[i]->exported)
            return true;
    diag_error(u->diags, E0401, (Span){ 0 }, "the file exports no function: nothing to compile");
    diag_help(u->diags, "write `export fn` before what C programs may call, or use `mlc run`");
    return false;
}

int cmd_compile(const Options *o, Unit *u)
{
    BeResult r = { 0 };
    size_t size;
    if (o->nargs > 1) {
        if (strpbrk(o->args[0], "./"))
            fprintf(stderr, "mlc: one file at a time ('%s' is left over)\n", o->args[1]);
        else
            fprintf(stderr, "mlc: there is no command '%s'\n(mlc --help lists them)\n", o->args[0]);
        return 2;
    }
    if (!unit_check_file(u, o->args[0]) || !has_exports(u))
        return cmd_report(o, u);
    const char *prefix = prefix_of(o, u);
    const char *stem = strcmp(o->args[0], "-") ? stem_of(u->arena, o->args[0]) : "model";
    const char *out = o->output ? o->output : arena_printf(u->arena, "%s.%s", stem, o->object_only ? "o" : "so");
    const unsigned char *object = unit_object(u, prefix, &size, NULL, &r);
    bool stream = !strcmp(out, "-") || file_is_stream(out); /* gets the object alone */
    if (object && (o->object_only || stream ? cmd_write(u, out, object, size) : link_shared(u, out, object, size)) && !stream)
        write_header(o, u, prefix, with_ending(u->arena, out, ".h"));
    return cmd_report(o, u);
}

/* An exported function has a caller outside of the file: what compiling it would say (what is not there yet, copies under '@inplace',
 * memory of unknown size) is an error here, too. */
static void check_exports(Unit *u)
{
    for (int i = 0; i < u->core->named.n; i++)
        if (u->core->named.p[i]->exported)
            unit_tile(u, u->core->named.p[i]);
    diags_sort(u->diags);
}

int cmd_check(const Options *o, Unit *u)
{
    for (int i = 0; i < o->nargs; i++)
        if (unit_check_file(u, o->args[i]))
            check_exports(u);
    return cmd_report(o, u);
}

/* ---- --emit ---------------------------------------------------------------------------------------------------------- */

static bool emit_tree(Unit *u, const char *path, Buf *out)
{
    size_t len;
    char *text = unit_read(u, path, &len);
    if (!text)
        return false;
    Parse p = { .arena = u->arena, .names = u->names, .diags = u->diags };
    const Source *src = source_add(u->sources, path, text, len);
    size_t n = strlen(path);
    bool printed = n > 4 && !strcmp(path + n - 4, ".ast"); /* a tree that was printed reads back */
    Tree *t = printed ? tree_read(&p, src) : parse_source(&p, src);
    if (t)
        tree_print(t, out);
    return u->diags->errors == 0;
}

static bool emit_code(Unit *u, const Options *o, Buf *out)
{
    BeResult r = { 0 };
    size_t size;
    bool llvm = !strcmp(o->emit, "llvm");
    BeOptions be = { .cpu = u->o.cpu, .opt = u->o.optimise, .emit_llvm = llvm, .emit_asm = !llvm };
    if (!unit_object(u, prefix_of(o, u), &size, &be, &r))
        return false;
    buf_puts(out, llvm ? r.llvm : r.assembly);
    return true;
}

/* A statement in which an effect gives a tensor is interpreted: that is no error of the program. */
static void emit_statement(Unit *u, CoreFn *fn, const char *what, Buf *out)
{
    int before = u->diags->errors;
    if (unit_emit(u, fn, what, out) || u->diags->errors != before + 1 || !u->diags->last || u->diags->last->code != E0501)
        return;
    buf_printf(out, "// '%s' is interpreted: an effect in it gives a tensor\n", fn->name);
    u->diags->list.n--;
    u->diags->errors--;
    u->diags->last = NULL;
}

/* Functions that can be called by name, then the statements of the script. */
static void emit_all(Unit *u, const char *what, Buf *out)
{
    for (int i = 0; i < u->core->named.n; i++)
        if (!u->core->named.p[i]->failed)
            unit_emit(u, u->core->named.p[i], what, out);
    for (int i = 0; i < u->core->script.n; i++)
        if (u->core->script.p[i].fn && !u->core->script.p[i].fn->failed)
            emit_statement(u, u->core->script.p[i].fn, what, out);
}

int cmd_emit(const Options *o, Unit *u)
{
    static const char *const kinds[] = { "ast", "core", "ir", "tile", "dot", "llvm", "asm" };
    Buf out = buf_new(u->arena);
    int kind = -1;
    for (int i = 0; i < 7; i++)
        if (!strcmp(o->emit, kinds[i]))
            kind = i;
    if (kind < 0) {
        fprintf(stderr, "mlc: --emit=%s: it can be ast, core, ir, tile, dot, llvm or asm\n", o->emit);
        return 2;
    }
    if (kind == 0)
        emit_tree(u, o->args[0], &out);
    else if (unit_check_file(u, o->args[0]) && kind >= 5)
        emit_code(u, o, &out);
    else if (!u->diags->errors)
        emit_all(u, o->emit, &out);
    cmd_write(u, o->output ? o->output : "-", out.p, out.n);
    return cmd_report(o, u);
}

static int explain_statement(Unit *u, CoreFn *fn, Buf *out)
{
    int before = u->diags->errors;
    bool ok = unit_explain(u, fn, out);
    if (u->diags->errors > before)
        unit_forget_messages(u);
    return ok;
}

/* Of the exported functions, then of the statements of the script (those that only read files or give effects are not compiled); of all
 * functions where there are neither. */
static void explain_all(Unit *u, Buf *out)
{
    int some = 0;
    for (int everything = 0; everything < 2 && !some; everything++) {
        for (int i = 0; i < u->core->named.n; i++)
            if (!u->core->named.p[i]->failed && (everything || u->core->named.p[i]->exported))
                some += unit_explain(u, u->core->named.p[i], out);
        for (int i = 0; i < u->core->script.n && !everything; i++)
            if (u->core->script.p[i].fn && !u->core->script.p[i].fn->failed)
                some += explain_statement(u, u->core->script.p[i].fn, out);
    }
    if (!some && !u->diags->errors)
        buf_puts(out, "nothing is compiled here: no function of this file has types that are known without a call, and no statement calls one\n");
}

int cmd_fusion(const Options *o, Unit *u)
{
    Buf out = buf_new(u->arena);
    if (unit_check_file(u, o->args[0]))
        explain_all(u, &out);
    cmd_write(u, o->output ? o->output : "-", out.p, out.n);
    return cmd_report(o, u);
}

int cmd_explain(const Options *o)
{
    char page[64];
    char code[32];
    snprintf(code, sizeof code, "%s", o->explain);
    code[0] = (char)toupper((unsigned char)code[0]); /* e0302 is E0302 */
    snprintf(page, sizeof page, "%s.md", code);
    for (int i = 0; i < mlc_explain_count; i++)
        if (!strcmp(mlc_explain[i].path, page)) {
            fwrite(mlc_explain[i].text, 1, mlc_explain[i].length, stdout);
            return 0;
        }
    DiagCode c = diag_code_find(o->explain);
    if (c)
        printf("%s: %s\n", o->explain, diag_code_title(c));
    else
        fprintf(stderr, "mlc: there is no diagnostic '%s'\n", o->explain);
    return c ? 0 : 2;
}
