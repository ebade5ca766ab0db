/* cmd_run.c - `mlc run FILE args...`: the statements of a file, in order. */
#include <stdio.h>

#include "driver/cmd.h"
#include "driver/script.h"

/* Code is made for all statements at once, and for the forms in which the files hold the weights: these are read before. */
static bool run_all(Script *s, const CoreModule *m)
{
    int given = 0;
    while (given < m->script.n && script_is_given(&m->script.p[given]))
        if (!script_run(s, &m->script.p[given++]))
            return false;
    if (!script_prepare(s, m->script.p + given, m->script.n - given))
        return false;
    for (int i = given; i < m->script.n; i++)
        if (!script_run(s, &m->script.p[i]))
            return false;
    return true;
}

int cmd_run(const Options *o, Unit *u)
{
    bool ok = unit_check_file(u, o->args[0]);
    int status = cmd_report(o, u);
    unit_forget_messages(u);
    if (!ok || status)
        return status ? status : 1;
    ScriptOptions so = { .interp = o->interp, .nargs = o->nargs, .args = o->args, .out = stdout, .err = stderr };
    Script *s = script_new(u, &so);
    if (!s)
        diag_error(u->diags, E0604, (Span){ 0 }, "out of memory");
    else
        run_all(s, u->core);
    script_free(s);
    return cmd_report(o, u);
}
