/* rec_int.h - what the files about recurrences share: check_rec.c, check_rec_ranges.c and check_rec_start.c. */
#ifndef MLC_FRONTEND_REC_INT_H
#define MLC_FRONTEND_REC_INT_H

#include "frontend/check/check_int.h"

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

/* The indices over which the group is scanned, with the direction (+1 or -1) of each, and the reads that these decide. */
typedef struct RecScan { int n; Name name[RANK_MOST]; int step[RANK_MOST]; bool decided[READS_MOST]; } RecScan;

/* Which member that is, and which of its axes has the index of that name; -1: none. */
int rec_member_of(const RecCx *r, const CoreVar *v);
int rec_axis_named(const Eq *q, Name n);
/* The scope of an equation: its indices. Returns the scope to go back to. */
Scope *rec_enter(RecCx *r, Eq *q);
/* Ranges of all indices, each equation helping the others; members get a type then. False: reported. */
bool rec_find_ranges(RecCx *r);
/* Gives member i its element type, once its sizes are known. */
void rec_set_type(RecCx *r, int i, IrDtype t);
/* Whether each read of an earlier place has a start at the first place of the scan. False: reported. */
bool rec_has_start(RecCx *r, const RecScan *s, Core *const *bodies);

#endif
