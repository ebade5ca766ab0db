/* tiles.c - products of tiles for driver_once. */
#include "emulate_tiles.c"
