/* cmd_options.c - the command line, read by the rows of options.def. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/cmd.h"

enum { FLAG, NUMBER, TEXT };
typedef struct Row { const char *name, *argument, *help; int kind; size_t at; } Row;

static const Row rows[] = {
#define OPT(name, argument, field, kind, help) { name, argument, help, kind, offsetof(Options, field) },
#include "driver/options.def"
#undef OPT
};
enum { NROWS = sizeof rows / sizeof rows[0] };

void options_help(void)
{
    puts("usage: mlc [options] model.ml             write model.so and model.h\n"
         "       mlc -c [options] model.ml          write model.o and model.h\n"
         "       mlc check FILE...                  report errors only\n"
         "       mlc run [options] FILE [args]      compile in memory and run the script\n"
         "       mlc call [options] FILE FUNCTION [name=value ...]   value: 3, [1.5, 2], text; of a model a file of weights,\n"
         "                                          or its numbers, net.H=8, and net.key=1, for one that is drawn\n"
         "       mlc fmt [--check] FILE...          write files in the common layout\n"
         "       mlc doc FILE or std.nn             documentation comments and signatures as Markdown; std: the library's modules\n"
         "       mlc repl                           interactively\n"
         "FILE may be '-'.\n\noptions:");
    for (int i = 0; i < NROWS; i++) {
        char left[40];
        bool glued = rows[i].name[1] != '-' && strlen(rows[i].name) == 2;
        snprintf(left, sizeof left, "%s%s%s", rows[i].name, rows[i].argument ? glued ? " " : "=" : "", rows[i].argument ? rows[i].argument : "");
        printf("  %-20s %s\n", left, rows[i].help);
    }
    puts("\npasses, in their default order:");
    for (int i = 0; i < passes_count(); i++)
        printf("  %-20s %s\n", pass_name(i), pass_meaning(i));
}

static bool usage(const char *fmt, const char *what)
{
    fputs("mlc: ", stderr);
    fprintf(stderr, fmt, what);
    fputs("\n(mlc --help lists the options)\n", stderr);
    return false;
}

static bool set_value(Options *o, const Row *r, const char *value)
{
    char *end, *at = (char *)o + r->at;
    if (r->kind == TEXT) {
        memcpy(at, &value, sizeof value);
        return true;
    }
    errno = 0;
    long long n = strtoll(value, &end, 10);
    if (errno || end == value || *end)
        return usage("option %s wants a number", r->name);
    if (!strcmp(r->name, "-O") && (n < 0 || n > 3))
        return usage("option %s wants 0, 1, 2 or 3", r->name);
    if (n < 0 && strcmp(r->name, "--seed"))
        return usage("option %s wants a number of at least 0", r->name);
    if (n > INT32_MAX && strcmp(r->name, "--seed"))
        return usage("option %s wants a smaller number", r->name);
    memcpy(at, &n, sizeof n);
    return true;
}

/* -1: not an option; else the number of words taken; 0: an error was printed. */
static int take(Options *o, char **words, int left)
{
    const char *w = words[0];
    if (w[0] != '-' || !w[1])
        return -1;
    for (int i = 0; i < NROWS; i++) {
        const Row *r = &rows[i];
        size_t n = strlen(r->name);
        bool exact = !strcmp(w, r->name), glued = !strncmp(w, r->name, n) && (w[n] == '=' || (n == 2 && r->kind != FLAG && w[1] != '-'));
        if (r->kind == FLAG && exact) {
            bool yes = true;
            memcpy((char *)o + r->at, &yes, sizeof yes);
            return 1;
        }
        if (r->kind != FLAG && glued && !exact)
            return set_value(o, r, w + n + (w[n] == '='));
        if (r->kind != FLAG && exact)
            return left < 2 ? usage("option %s wants a value", w) : set_value(o, r, words[1]) ? 2 : 0;
    }
    return usage("there is no option '%s'", w);
}

static bool is_pass(const char *name, size_t n)
{
    for (int i = 0; i < passes_count(); i++)
        if (strlen(pass_name(i)) == n && !memcmp(pass_name(i), name, n))
            return true;
    return false;
}

/* Names with commas between them. */
static bool are_passes(const char *list)
{
    for (size_t n; list && *list; list += n + (list[n] == ',')) {
        n = strcspn(list, ",");
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)n, list);
        if (!is_pass(list, n))
            return usage("there is no pass named '%s'", name);
    }
    return true;
}

static bool is_c_name(const char *s)
{
    bool name = isalpha((unsigned char)*s) || *s == '_';
    for (; *s && name; s++)
        name = isalnum((unsigned char)*s) || *s == '_';
    return name;
}

static bool values_fit(const Options *o)
{
    if (o->diagnostics && strcmp(o->diagnostics, "json") && strcmp(o->diagnostics, "text"))
        return usage("--diagnostics=%s: it can be text or json", o->diagnostics);
    if (o->prefix && !is_c_name(o->prefix))
        return usage("--prefix=%s: names of C begin so: letters, digits and _, no digit first", o->prefix);
    return are_passes(o->pipeline) && are_passes(o->skip) && (!o->print_after || !strcmp(o->print_after, "all") || are_passes(o->print_after));
}

static const char *const verbs[] = { "check", "run", "call", "repl", "fmt", "doc" };

/* `mlc --seed=3 run x.ml`. */
static bool is_late_verb(const char *word)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(word, verbs[i]))
            return true;
    return false;
}

bool options_read(int argc, char **argv, Options *o)
{
    int first = 1;
    *o = (Options){ .verb = "compile", .optimise = 2, .seed = 0 };
    for (int i = 0; argc > 1 && i < (int)(sizeof verbs / sizeof *verbs); i++)
        if (!strcmp(argv[1], verbs[i])) {
            o->verb = verbs[i];
            first = 2;
        }
    o->args = argv + argc;
    bool is_run = !strcmp(o->verb, "run");
    int kept = 0;
    char **keep = argv + 1; /* words that are no options are moved together at the front */
    for (int i = first; i < argc;) {
        int k = is_run && kept ? -1 : take(o, argv + i, argc - i);
        if (k == 0)
            return false;
        if (k < 0)
            keep[kept++] = argv[i++];
        else
            i += k;
    }
    o->args = keep;
    o->nargs = kept;
    if (first == 1 && kept > 1 && is_late_verb(keep[0]))
        return usage("the command stands first: mlc %s [options] ..", keep[0]);
    if (kept && !strcmp(o->verb, "repl"))
        return usage("repl takes no file ('%s' is left over)", keep[0]);
    return values_fit(o);
}
