/* stage_int.h - shared by the files of the pass stage: stage.c (panels), stage_form.c (weights that come in blocks). */
#ifndef MLC_STAGE_INT_H
#define MLC_STAGE_INT_H

#include "passes/tile/tile_int.h"

enum { PANEL = 16 };

static inline bool stage_is_prepared(const IrNode *tensor)
{
    return tensor->op == OP_param && (tensor->place == PLACE_prep || tensor->place == PLACE_block);
}

/* Prepared in tiles, or in words. */
static inline bool stage_is_tiles(const IrFn *fn, const IrNode *tensor)
{
    return tensor->op == OP_param && tensor->place == PLACE_prep && tensor->imm < fn->preps.n && fn->preps.p[tensor->imm].tiled;
}

/* wp[.., x // 16, .., x % 16]: the axis that is cut where x lies in panels, side by side; -1: it does not. */
int stage_panel_axis(const IrNode *load, const IrNode *x);

/* The same where a panel on which lanes begin is counted from another one: wp[.., e + x // 16, .., x % 16]. */
int stage_panel_axis_from(const IrNode *load, const IrNode *x);

/* stage_part.c: products with parts of weights get lanes that begin where panels do. */
void stage_parts(PassCx *cx, IrFn *fn);

/* stage_factors.c: what all lanes of a product with a weight share, and costs more than to be read, gets a tensor. */
void stage_factors(PassCx *cx, IrRegion *r);

/* The forms that the memory of a leaf may have: bit f for IrForm f. */
static inline unsigned stage_forms(const IrNode *leaf)
{
    return leaf->forms ? leaf->forms : 1u << FORM_plain;
}

/* stage_whole.c: the weight that is operand `slot` of the user is a copy of it; a load in a reduction or map of the function reads a copy of what
 * that asks for. */
void stage_copy_for(PassCx *cx, IrNode *user, int slot);
void stage_copy_read(PassCx *cx, IrNode *load);
bool stage_is_part(PassCx *cx, IrNode *load); /* of a weight: some subscripts are the same for all that the reader computes, the others run */

/* A leaf that may come in blocks and is used as a whole, not element by element, must be plain: 1 for each such parameter. */
const unsigned char *stage_settle_forms(PassCx *cx, IrFn *fn);

/* What memory holds of a leaf of type t: itself, or [.., blocks of the last axis, bytes of a block]. */
IrType stage_stored_type(PassCx *cx, IrType t, IrForm form);

/* Memory of prepared tensor or packed leaf `number`, at the top of the function. */
IrNode *stage_memory(IrFn *fn, IrPlace place, int number, IrType type, Span span);

/* Whether the leaf has this form, at the top of the function. */
IrNode *stage_has_form(IrFn *fn, IrNode *leaf, IrForm form);

/* The map that cuts `axis` of the blocks w into panels of type `type`: byte r of lane q at [.., r, q], but the scales stand first,
 * as f16 side by side. */
IrNode *stage_packing_blocks(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis, IrForm form);

/* stage_map.c: a map that packs, while it is written: `in` its elements' builder, `yes` of those inside of the tensor; others are 0. */
typedef struct StageMap { IrNode *map, *choice; IrRegion *r; IrBuilder in, yes; } StageMap;
StageMap stage_open_map(PassCx *cx, IrBuilder *b, IrType type, Span span);
IrNode *stage_is_inside(StageMap *m, const IrNode *w, int axis, IrNode *place);
void stage_open_inside(StageMap *m, IrNode *inside);
IrNode *stage_close_map(StageMap *m, IrNode *value); /* the map */

/* Memory of blocks in panels as f16: half as many as bytes, along block_axis. */
IrType stage_scale_type(PassCx *cx, IrType bytes, int block_axis);

/* stage_panels.c: the type of a tensor in panels along axis; the map that packs; the element of panels wp at subs of the tensor,
 * before (NULL: 0) places further along the axis, which are whole panels. */
IrType stage_panels_type(PassCx *cx, IrType t, int axis);
IrNode *stage_packing_panels(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis);
IrNode *stage_panels_element(PassCx *cx, IrBuilder *b, IrNode *wp, int axis, IrNode *const *subs, Dim before);

/* stage_nibbles.c: q4_0 in panels. The type, of one that is cut into panels of bytes; the map that packs; an element. */
IrType stage_nibbles_type(PassCx *cx, IrType panels);
IrNode *stage_packing_nibbles(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis);
IrNode *stage_nibble(PassCx *cx, IrBuilder *b, IrNode *leaf, IrNode *wp, int axis, IrNode *const *subs);

static inline IrNode *stage_binary(IrBuilder *b, IrOp op, IrNode *x, int64_t c)
{
    return ir_add2(b, op, ir_scalar(DT_i64), x, ir_int(b, c));
}

static inline IrNode *stage_choose(IrBuilder *b, IrNode *c, IrNode *x, IrNode *y)
{
    return ir_add3(b, OP_select, x->type, c, x, y);
}

/* The element at subs of a leaf in blocks: in its panels wp, or (NULL) in its own memory. */
IrNode *stage_block_element(PassCx *cx, IrBuilder *b, IrForm form, IrNode *leaf, IrNode *wp, int axis, IrNode *const *subs);

/* stage_tiles.c: a weight of bf16 in tiles of 16 lanes of `axis` by 32 places of `k_axis`, k in pairs: [.., lanes / 16, .., k / 32,
 * k % 32 / 2 * 32 + lane % 16 * 2 + k % 2], the axis of k behind the others; an even number of lanes / 16, and zeros beyond the ends. Of
 * bytes a tile has four places of k, and there is any number of them: [.., lanes / 16, .., k / 4, lane % 16 * 4 + k % 4].
 * Both axes are numbered as w's. */
IrType stage_tiles_type(PassCx *cx, IrType t, int axis, int k_axis);
IrNode *stage_packing_tiles(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis, int k_axis);
/* A byte of w[.., lane, .., k, ..] in a sum of products of bytes over k, which takes four places of k at once: the axes of lane and k. */
bool stage_word_axes(PassCx *cx, const IrNode *load, const IrNode *lane, int *axis, int *k_axis);
/* w[.., n % 16]; places that go round (x[(n + 1) % N]) are none. */
static inline bool stage_in_panels(const IrNode *load)
{
    const IrNode *last = load->op == OP_load && load->nin > 1 ? load->in[load->nin - 1] : NULL;
    return last && last->op == OP_mod && last->in[1]->op == OP_const && last->in[1]->imm == PANEL;
}
bool stage_is_words(const IrNode *load); /* of bytes that lie so: t[.., n % 16 * 4 + k % 4] */
IrNode *stage_byte_of_word(PassCx *cx, IrBuilder *b, IrNode *tiles, int axis, int k_axis, IrNode *const *subs); /* for who multiplies no words */
IrNode *stage_tiles_element(IrBuilder *b, IrNode *tiles, int axis, int k_axis, IrNode *const *subs);

#endif
