/* cmd.h - the command `mlc`: options and one function for each verb. Exit status: 0, 1 errors in input, 2 wrong use. */
#ifndef MLC_DRIVER_CMD_H
#define MLC_DRIVER_CMD_H

#include "driver/unit.h"

typedef struct Options {
#define OPT(name, argument, field, kind, help) OPT_##kind(field)
#define OPT_FLAG(f) bool f;
#define OPT_NUMBER(f) long long f;
#define OPT_TEXT(f) const char *f;
#include "driver/options.def"
#undef OPT
    const char *verb;          /* "compile", or one of those of options_read */
    int nargs;                 /* what is no option, after the verb */
    char **args;
} Options;

/* false: a message was printed. In `run` everything after the file belongs to the program. */
bool options_read(int argc, char **argv, Options *o);
void options_help(void);

int cmd_compile(const Options *o, Unit *u);
int cmd_check(const Options *o, Unit *u);
int cmd_emit(const Options *o, Unit *u);
int cmd_fusion(const Options *o, Unit *u);
int cmd_run(const Options *o, Unit *u);
int cmd_call(const Options *o, Unit *u);
int cmd_repl(const Options *o, Unit *u);
int cmd_fmt(const Options *o, Unit *u);
int cmd_doc(const Options *o, Unit *u);
int cmd_explain(const Options *o);

/* Prints the diagnostics to standard error; 1 if there was an error, else 0. */
int cmd_report(const Options *o, Unit *u);
bool cmd_write(Unit *u, const char *path, const void *p, size_t n); /* whole or not at all; "-" is standard output; E0601 */

#endif
