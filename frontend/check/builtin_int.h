/* builtin_int.h - builtin functions that check their own call: one for each CALL row of builtins.def. */
#ifndef MLC_FRONTEND_BUILTIN_INT_H
#define MLC_FRONTEND_BUILTIN_INT_H

#include "frontend/check/check_int.h"

/* n positional arguments, none an error; trees: the arguments as written, named ones too. */
typedef Val *BuiltinCall(Fx *f, int n, Val **args, const Tree *trees, Span s);

BuiltinCall builtin_clip, builtin_zeros, builtin_ones, builtin_full, builtin_zeros_like, builtin_reshape, builtin_permute, builtin_expand,
    builtin_concat, builtin_topk, builtin_sort, builtin_len, builtin_fold, builtin_key, builtin_check, builtin_adapt, builtin_merge, builtin_bind, builtin_dot,
    builtin_all_finite, builtin_paths;

/* (values, indices) of a tensor's last axis, smallest first; of equal values the lowest index first. */
Val *builtin_sorted(Fx *f, Val *x, Span s);
/* A tensor, or an error that says what `what` needs. */
Val *builtin_tensor(Fx *f, Val *v, const char *what, Span s);
/* Sizes from arguments: known at entry and not negative. */
bool builtin_sizes(Fx *f, int n, Val **args, Dim *dims, Span s);
/* An axis that is written in the program, from the front; builtin_axis: of `axis:`, the last one by default. */
bool builtin_axis_number(Fx *f, Val *v, int rank, int *axis, Span s);
bool builtin_axis(Fx *f, const Tree *trees, int rank, int *axis);

#endif
