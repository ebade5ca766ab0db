/* tile_flat_int.h - shared by the files for weights in panels that parts of a reduction walk in one piece: tile_flat.c (unpacked for a while), tile_flat_rows.c
 * (read as they lie). */
#ifndef MLC_TILE_FLAT_INT_H
#define MLC_TILE_FLAT_INT_H

#include "passes/stage/stage_int.h"

enum { FLAT_BLOCK = 256 };

/* A load of the flat form; packed: that of the panels, axis: which of the copy's is cut, first: the first one that is walked, step: places of a part. */
typedef struct Walk { const IrNode *packed, *copy; int axis, first; Dim step; } Walk;
bool tile_flat_walks(PassCx *cx, const IrNode *load, Walk *w);

typedef struct FlatLoads { PassCx *cx; VEC(IrNode *) loads; } FlatLoads;
FlatLoads tile_flat_loads(PassCx *cx, const IrNode *map); /* those of a map of parts, of copies that have no memory */
bool tile_flat_in_rows(Tile *t, IrNode *map);             /* of rows that are whole blocks nothing is unpacked */

#endif
