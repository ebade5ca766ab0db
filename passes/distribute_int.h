/* distribute_int.h - what asks whether a loop can be distributed (distribute.c), and what builds the tensors (distribute_build.c). */
#ifndef MLC_DISTRIBUTE_INT_H
#define MLC_DISTRIBUTE_INT_H

#include "passes/pass_int.h"

typedef struct Turns {
    PassCx *cx;
    IrNode *loop, *x;      /* whose turns these are, and their index */
    IrBuilder at;          /* where the tensors go: before the loop, or in one of its loops that goes over all turns at once */
    Map all;               /* a value of the turn: the tensor that has it for each turn, x its first axis */
    Map same;              /* a value of the turn that is the same in all: an index of a loop inside */
} Turns;

bool distribute_goes_inside(const IrNode *n); /* a loop of the turn that carries tensors: it goes over all turns at once */
bool distribute_costs(const IrNode *n);       /* a number of the turn that is worth a tensor, or may fault */
int distribute_axis(const IrNode *update, const IrNode *x); /* at which it is the turn's place, where the other axes are the same for all turns; -1: there is none */
void distribute_build(Turns *t);

#endif
