/* repl_int.h - what the files of the REPL share: repl.c (loop, commands), repl_session.c (what it has been told), repl_edit.c (lines
 * from a terminal), repl_signal.c (Ctrl-C). */
#ifndef MLC_DRIVER_REPL_INT_H
#define MLC_DRIVER_REPL_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "driver/cmd.h"
#include "driver/script.h"

/* ---- what it has been told ------------------------------------------------------------------------------------------------ */

typedef struct ReplItem { Arena *arena; const char *name, *text; } ReplItem; /* a declaration that still holds; name "" of imports */

typedef struct Repl {
    const Options *o;
    UnitOptions uo;
    Codegen *codegen;
    MlcrtContext *context;
    Mem own;                 /* items, texts being typed */
    Mem mems[2], *mem;       /* of the unit: one of the two */
    Unit *u;
    Script *script;
    VEC(ReplItem) items;
    Arena *arena;            /* holds `items` */
    size_t after_renewal;    /* bytes of the unit then */
    int variables_at;        /* where the text of the last renewal stops being what was typed */
    int inputs, statements;  /* so far */
    bool failed, done;
    struct ReplSignal *signal;
    struct ReplEdit *edit;   /* NULL: input is piped */
} Repl;

typedef enum ReplText { REPL_complete, REPL_incomplete, REPL_wrong } ReplText;
ReplText repl_text(Repl *r, const char *text);       /* is it a whole input; allocates nothing that stays */
bool repl_input(Repl *r, const char *name, const char *text, size_t len, bool show); /* checks and runs it; prints what goes wrong */
/* Checks text without running it: its first new statement, NULL with diagnostics or if there is none. */
const CoreStmt *repl_check(Repl *r, const char *text);
void repl_print_tree(Repl *r, const char *text);
void repl_report(Repl *r);                           /* prints and forgets the diagnostics */
bool repl_renew(Repl *r);                            /* a fresh unit that knows the declarations and variables that still hold */
bool repl_unit(Repl *r);                             /* the first one */

/* ---- a terminal --------------------------------------------------------------------------------------------------------------- */

struct ReplEdit *repl_edit_new(Repl *r);             /* NULL: no terminal */
/* A line with its newline, in memory of the editor; NULL: end of input, or *interrupted. */
const char *repl_edit_line(struct ReplEdit *e, bool more, int *len, bool *interrupted);
void repl_edit_remember(struct ReplEdit *e, const char *text); /* in the history */
void repl_edit_free(struct ReplEdit *e);

/* ---- Ctrl-C --------------------------------------------------------------------------------------------------------------------- */

/* A thread that waits for SIGINT: a call that runs is cancelled, a prompt is told through a pipe. No handler, no global. */
struct ReplSignal *repl_signal_new(void);            /* before any other thread starts; NULL: Ctrl-C ends the program as usual */
void repl_signal_running(struct ReplSignal *s, MlcrtSession *session); /* what a Ctrl-C cancels; NULL: nothing runs */
int repl_signal_pipe(const struct ReplSignal *s);    /* a byte for each Ctrl-C while nothing runs; -1 */
void repl_signal_free(struct ReplSignal *s);

#endif
