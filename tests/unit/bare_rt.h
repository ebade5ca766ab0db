/* bare_rt.h - of a runtime of a few lines, for tests that call bodies of functions without one: loops that follow one another. */
#ifndef BARE_RT_H
#define BARE_RT_H

#include "runtime/abi.h"

static inline void bare_phases(const MlcrtCall *c, const MlcrtPhase *p, int64_t count, int64_t work)
{
    (void)work;
    for (int64_t k = 0; k < count && !*c->stop; k++) {
        ((MlcrtCall *)(uintptr_t)c)->locals[0] = (int64_t)(intptr_t)p[k].env;
        ((MlcrtCall *)(uintptr_t)c)->locals[1] = 0;
        p[k].kernel(c, 0, p[k].n);
    }
}

#endif
