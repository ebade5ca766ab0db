/* rec_int.h - what the files about recurrences share: check_rec.c and check_rec_ranges.c. */
#ifndef MLC_FRONTEND_REC_INT_H
#define MLC_FRONTEND_REC_INT_H

#include "frontend/check_int.h"

enum { EQS_MOST = 16, READS_MOST = 256 };

/* pack: of '..', NULL if there is none; open: how many axes it stands for is not known yet, and it is one binder at `pack_at`.
 * After that its axes are binders like others, but for the scope, where only '..' names them. */
typedef struct Eq {
    const Tree *t, *bad;
    int n;
    Binder b[RANK_MOST];
    CoreVar *var;
    Val *body;
    bool typed;
    int guess;
    Group *pack;
    int pack_at;
    bool open;
} Eq;
typedef struct Read { int by, of; const Core *load; } Read;

typedef struct RecCx {
    Fx *f;
    int n;
    Eq *eq;
    Scope *scope;
    Ent **ents;
    int nreads;
    Read reads[READS_MOST];
    Span span;
} RecCx;

/* The scope of an equation: its indices. Returns the scope to go back to. */
Scope *rec_enter(RecCx *r, Eq *q);
/* Ranges of all indices, each equation helping the others; members get a type then. False: reported. */
bool rec_find_ranges(RecCx *r);
/* Gives member i its element type, once its sizes are known. */
void rec_set_type(RecCx *r, int i, IrDtype t);

#endif
