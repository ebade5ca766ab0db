/* builtin_int.h - builtin functions that check their own call: one for each CALL row of builtins.def. */
#ifndef MLC_FRONTEND_BUILTIN_INT_H
#define MLC_FRONTEND_BUILTIN_INT_H

#include "frontend/check_int.h"

/* n positional arguments, none an error; trees: the arguments as written, named ones too. */
typedef Val *BuiltinCall(Fx *f, int n, Val **args, const Tree *trees, Span s);

BuiltinCall builtin_clip, builtin_zeros, builtin_ones, builtin_full, builtin_zeros_like, builtin_reshape, builtin_permute,
    builtin_concat, builtin_topk, builtin_sort, builtin_len, builtin_fold, builtin_key, builtin_check, builtin_adapters, builtin_dot,
    builtin_all_finite, builtin_paths, builtin_later;

#endif
