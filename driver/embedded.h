/* embedded.h - text files that the compiler carries with it: the library in the language, and the pages of --explain. */
#ifndef MLC_EMBEDDED_H
#define MLC_EMBEDDED_H

#include <stddef.h>

typedef struct MlcEmbedded { const char *path, *text; size_t length; } MlcEmbedded; /* path inside the folder; text ends with a NUL */

extern const MlcEmbedded mlc_stdlib[]; /* stdlib, sorted by path; after the last one path is NULL */
extern const int mlc_stdlib_count;
extern const MlcEmbedded mlc_explain[]; /* docs/explain: "E0302.md" */
extern const int mlc_explain_count;

#endif
