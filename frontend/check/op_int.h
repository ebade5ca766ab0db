/* op_int.h - what the files of operators share: which one it is, one use of it, writing a declared one out. */
#ifndef MLC_FRONTEND_OP_INT_H
#define MLC_FRONTEND_OP_INT_H

#include "frontend/check/check_int.h"

/* A use: its set of places, and its arguments at them. `given`: the arguments as written, for named ones. */
typedef struct Use { OpRef op; Group *g; int n; Val *args[RANK_MOST]; const Tree *given; Span span; } Use;

bool op_is_pointwise(const OpRef *op);
const char *op_name(const OpRef *op);
int op_npositional(const Tree *args);
int op_nplain(const Tree *params);                                          /* without named ones */
bool op_named_known(Fx *f, const OpRef *op, const Tree *args, int from);    /* reports names that it has not */
Group *op_group_copy(Fx *f, const Group *g);                                /* the same places by other indices */
Val *op_compact(Fx *f, const Use *u);                                       /* compact[i | p](e) */
Val *op_running(Fx *f, const Use *u, Core *guard);                          /* cumsum and the like */
Val *op_write_out(Fx *f, const Use *u);                                     /* a declared operator: its body with the arguments */

#endif
