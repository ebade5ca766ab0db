/* stage_int.h - shared by the files of the pass stage: stage.c (panels), stage_form.c (weights that come in blocks). */
#ifndef MLC_STAGE_INT_H
#define MLC_STAGE_INT_H

#include "passes/tile_int.h"

enum { PANEL = 16 };

static inline bool stage_is_prepared(const IrNode *tensor)
{
    return tensor->op == OP_param && (tensor->place == PLACE_prep || tensor->place == PLACE_block);
}

/* The forms that the memory of a leaf may have: bit f for IrForm f. */
static inline unsigned stage_forms(const IrNode *leaf)
{
    return leaf->forms ? leaf->forms : 1u << FORM_plain;
}

/* A leaf that is used as a whole, not element by element, must be plain. */
void stage_settle_forms(IrFn *fn);

/* What memory holds of a leaf of type t: itself, or [.., blocks of the last axis, bytes of a block]. */
IrType stage_stored_type(PassCx *cx, IrType t, IrForm form);

/* Memory of prepared tensor or packed leaf `number`, at the top of the function. */
IrNode *stage_memory(IrFn *fn, IrPlace place, int number, IrType type, Span span);

/* Whether the leaf has this form, at the top of the function. */
IrNode *stage_has_form(IrFn *fn, IrNode *leaf, IrForm form);

/* The map that cuts `axis` of the blocks w into panels of type `type`: byte r of lane q at [.., r, q], but the scales stand first,
 * as f16 side by side. */
IrNode *stage_packing_blocks(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis);

/* The element at subs of a leaf in blocks: in its panels wp, or (NULL) in its own memory. */
IrNode *stage_block_element(PassCx *cx, IrBuilder *b, IrForm form, IrNode *leaf, IrNode *wp, int axis, IrNode *const *subs);

#endif
