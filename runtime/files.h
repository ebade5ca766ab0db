/* files.h - the files half of the runtime, for the other half, the interpreter and the driver.
 *
 *     bytes     file.h (read, map)   save.h (all or nothing)   json.h (strict reader)
 *     weights   weights.h (open, names and renamings, matching, copying out)   safetensors.h (save)
 *     text      bpe.h (tokenizer of llama2.c)
 *     base      alloc.h mem.h status.h dtype.h utf8.h
 *
 * Loading a model, in order: rt_weights_open; rt_names_init with the caller's renamings; numbers from rt_weights_number,
 * rt_names_length (lists) and the shapes that rt_names_find gives; rt_match with all leaves; rt_match_copy of each; drop, close.
 */
#ifndef RT_FILES_H
#define RT_FILES_H

#include "bpe.h"
#include "dtype.h"
#include "file.h"
#include "json.h"
#include "mem.h"
#include "safetensors.h"
#include "save.h"
#include "status.h"
#include "unicode.h"
#include "utf8.h"
#include "weights.h"

#endif
