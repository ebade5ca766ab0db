/* anew.c - cases whose call is compiling a program anew: text to code in memory, ready to be called. LLVM is loaded, nothing is kept from
 * earlier compilations. On as many processors as the row has threads, as the peers. */
#define _GNU_SOURCE
#include <sched.h>

#include "bench.h"

static void keep_first(cpu_set_t *cpus, int n)
{
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, cpus) && n-- <= 0)
            CPU_CLR(i, cpus);
}

bool work_anew(const Work *w)
{
    MlcModule *m;
    const struct MlcrtFn *fn;
    cpu_set_t all, some;
    bool known = !sched_getaffinity(0, sizeof all, &all);
    some = all;
    keep_first(&some, w->threads);
    if (known)
        sched_setaffinity(0, sizeof some, &some);
    bool ok = !mlc_compile_file(w->compiler, w->path, &m);
    if (ok) {
        ok = !mlc_function(m, w->c->fn, &fn);
        mlc_module_free(m);
    }
    if (!ok)
        fprintf(stderr, "%s: %s\n", w->c->name, mlc_diagnostics(w->compiler));
    if (known)
        sched_setaffinity(0, sizeof all, &all);
    return ok;
}
