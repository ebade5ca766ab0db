/* repl_edit.c - lines from a terminal: editing, history, completion, through libedit. */
#define _GNU_SOURCE
#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "driver/repl_int.h"

enum { KEPT = 1000 }; /* lines of history */

struct ReplEdit {
    Repl *r;
    EditLine *el;
    History *history;
    char *path;          /* of the history; NULL: not kept */
    bool more, interrupted;
};

/* ---- history file ------------------------------------------------------------------------------------------------------ */

static void make_directories(char *path)
{
    for (char *p = path + 1; *p; p++)
        if (*p == '/') {
            *p = 0;
            mkdir(path, 0700);
            *p = '/';
        }
}

/* $XDG_STATE_HOME/mlc/history, by default ~/.local/state/mlc/history. */
static char *history_path(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    if (state && *state == '/') {
        if (asprintf(&path, "%s/mlc/history", state) < 0)
            return NULL;
    } else if (!home || asprintf(&path, "%s/.local/state/mlc/history", home) < 0) {
        return NULL;
    }
    make_directories(path);
    return path;
}

/* ---- completion --------------------------------------------------------------------------------------------------------- */

typedef struct Match { const char *word; size_t n; char common[128]; int count; Buf names; } Match;

static void offer(Match *m, const char *name)
{
    size_t i = m->n;
    if (strncmp(name, m->word, m->n))
        return;
    if (m->count++ == 0)
        snprintf(m->common, sizeof m->common, "%s", name);
    while (m->common[i] && m->common[i] == name[i])
        i++;
    m->common[i] = 0;
    buf_printf(&m->names, "%s  ", name);
}

static void offer_all(Repl *r, Match *m)
{
    static const char *const words[] = { ":type ", ":time ", ":emit ", ":load ", ":help", ":quit", "let ", "var ", "rec ", "fn ", "op ",
                                         "model ", "adapter ", "struct ", "tree ", "param ", "if ", "else ", "for ", "in ", "while ",
                                         "return ", "break", "continue", "and ", "or ", "not ", "as ", "where ", "import ", "export ",
                                         "extern " };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        offer(m, words[i]);
    for (int i = 0; i < r->items.n; i++)
        if (*r->items.p[i].name)
            offer(m, r->items.p[i].name);
    for (int i = 0; r->u->core && i < r->u->core->script_vars.n; i++)
        if (!r->u->core->script_vars.p[i]->of)
            offer(m, r->u->core->script_vars.p[i]->name);
}

static bool in_name(char c)
{
    return c == '_' || c == ':' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

typedef struct Complete { struct ReplEdit *e; Match m; unsigned char result; } Complete;

static void complete_in_memory(void *arg)
{
    Complete *c = arg;
    const LineInfo *line = el_line(c->e->el);
    const char *from = line->cursor;
    while (from > line->buffer && in_name(from[-1]))
        from--;
    Arena *a = arena_new(&c->e->r->own);
    c->m.names = buf_new(a);
    c->m.n = (size_t)(line->cursor - from);
    c->m.word = arena_text(a, from, c->m.n);
    offer_all(c->e->r, &c->m);
    c->result = CC_REFRESH_BEEP;
    if (c->m.count && strlen(c->m.common) > c->m.n)
        c->result = el_insertstr(c->e->el, c->m.common + c->m.n) ? CC_ERROR : CC_REFRESH;
    else if (c->m.count > 1) {
        fprintf(stdout, "\n%s\n", buf_text(&c->m.names));
        c->result = CC_REDISPLAY;
    }
    arena_drop(a);
}

static unsigned char complete(EditLine *el, int key)
{
    Complete c = { .result = CC_ERROR };
    (void)key;
    el_get(el, EL_CLIENTDATA, &c.e);
    if (c.e)
        mem_try(&c.e->r->own, complete_in_memory, &c);
    return c.result;
}

/* ---- keys --------------------------------------------------------------------------------------------------------------- */

/* The next character of the terminal; a Ctrl-C ends the line. */
static int get_key(EditLine *el, wchar_t *key)
{
    struct ReplEdit *e = NULL;
    el_get(el, EL_CLIENTDATA, &e);
    struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = repl_signal_pipe(e->r->signal), .events = POLLIN } };
    mbstate_t state = { 0 };
    for (;;) {
        char c;
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return -1;
        if (p[1].revents & POLLIN && read(p[1].fd, &c, 1) == 1) {
            e->interrupted = true;
            return -1;
        }
        if (!(p[0].revents & (POLLIN | POLLHUP | POLLERR)))
            continue;
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            return 0;
        size_t k = n == 1 ? mbrtowc(key, &c, 1, &state) : (size_t)-2;
        if (k == (size_t)-1)
            state = (mbstate_t){ 0 };
        else if (k != (size_t)-2)
            return 1;
    }
}

static char *prompt(EditLine *el)
{
    struct ReplEdit *e = NULL;
    el_get(el, EL_CLIENTDATA, &e);
    return (char *)(e && e->more ? "... " : "mlc> ");
}

/* ---- life ---------------------------------------------------------------------------------------------------------------- */

static void set_up(struct ReplEdit *e)
{
    HistEvent ev;
    el_set(e->el, EL_CLIENTDATA, e);
    el_set(e->el, EL_PROMPT, prompt);
    el_set(e->el, EL_EDITOR, "emacs");
    el_set(e->el, EL_SIGNAL, 0);
    el_set(e->el, EL_GETCFN, get_key);
    el_set(e->el, EL_ADDFN, "mlc-complete", "complete a name", complete);
    el_set(e->el, EL_BIND, "^I", "mlc-complete", NULL);
    el_source(e->el, NULL);
    if (!e->history)
        return;
    history(e->history, &ev, H_SETSIZE, KEPT);
    history(e->history, &ev, H_SETUNIQUE, 1);
    el_set(e->el, EL_HIST, history, e->history);
    if (e->path)
        history(e->history, &ev, H_LOAD, e->path);
}

struct ReplEdit *repl_edit_new(Repl *r)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return NULL;
    struct ReplEdit *e = calloc(1, sizeof *e);
    setlocale(LC_CTYPE, "");
    if (e)
        e->el = el_init("mlc", stdin, stdout, stderr);
    if (!e || !e->el) {
        free(e);
        return NULL;
    }
    e->r = r;
    e->history = history_init();
    e->path = history_path();
    set_up(e);
    return e;
}

const char *repl_edit_line(struct ReplEdit *e, bool more, int *len, bool *interrupted)
{
    e->more = more;
    e->interrupted = false;
    const char *line = el_gets(e->el, len);
    *interrupted = e->interrupted;
    if (e->interrupted) {
        fputs("^C\n", stdout);
        el_reset(e->el);
        return NULL;
    }
    return *len > 0 ? line : NULL;
}

void repl_edit_remember(struct ReplEdit *e, const char *text)
{
    HistEvent ev;
    if (e && e->history)
        history(e->history, &ev, H_ENTER, text);
}

void repl_edit_free(struct ReplEdit *e)
{
    HistEvent ev;
    if (!e)
        return;
    if (e->history && e->path)
        history(e->history, &ev, H_SAVE, e->path);
    el_end(e->el);
    if (e->history)
        history_end(e->history);
    free(e->path);
    free(e);
}
