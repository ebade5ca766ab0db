/* kept.h - what a script was compiled to, beside the objects on disk: a start that finds it runs no pass.
 *
 *     checked text + options + processor --hash--> DIR/xxxx.rows: rows of its functions, name of their object --> DIR/xxxx.o
 *
 * The key covers every source that was read, so it is asked for when the text is checked; what is found stands for the tile IR.
 */
#ifndef MLC_DRIVER_KEPT_H
#define MLC_DRIVER_KEPT_H

#include "driver/unit.h"

/* Statements of a script, with the forms that their weights have (unit_tile_for); those of one start are kept together. */
typedef struct KeptWork { CoreFn *const *fns; const unsigned char *const *forms; int n; } KeptWork;

/* true: their rows are in u's tables; *ok: with loaded code, else there is a diagnostic. false: they are to be compiled. */
bool kept_find(Unit *u, const KeptWork *w, bool *ok);
void kept_add(Unit *u, const KeptWork *w); /* after they were compiled: for the next start. What cannot be kept is left out */

/* ---- rows as bytes (kept_rows.c) -------------------------------------------------------------------------------------- */

/* The rows of u's tables: those of w's statements, then those of prepared tensors. false: there is something that has no bytes. */
bool kept_write(Unit *u, const KeptWork *w, Buf *out);
/* The same into the tables of a unit that has none; false: these are no rows of w, and no function was added. */
bool kept_read(Unit *u, const KeptWork *w, const unsigned char *p, size_t n);

#endif
