/* box.c - the contents of a handle: numbers, shapes and memory of a model or struct.
 *
 *     block: RtBox | leaves | numbers | shapes | names and paths          data of a struct: leaf 0 | leaf 1 | ...
 *
 * Each leaf of a model has memory of its own, which is let go when a packed form is there. Everything is copied out of the module's
 * tables: a handle outlives the object that made it.
 */
#include <string.h>

#include "core_int.h"

typedef struct Bump { char *at; } Bump;

static void *take(Bump *b, size_t bytes)
{
    void *p = b->at;
    b->at += (bytes + 7) & ~(size_t)7;
    return p;
}

static char *take_text(Bump *b, const char *text)
{
    size_t n = strlen(text) + 1;
    return memcpy(take(b, n), text, n);
}

static size_t text_room(const char *text)
{
    return (strlen(text) + 8) & ~(size_t)7;
}

static size_t block_bytes(const MlcrtStruct *t)
{
    size_t n = sizeof(RtBox) + (size_t)t->nleaves * sizeof(RtBoxLeaf) + 2 * (size_t)t->nnumbers * 8 + text_room(t->name) + 16;
    for (int32_t i = 0; i < t->nleaves; i++)
        n += (size_t)t->leaves[i].rank * 8 + text_room(t->leaves[i].path);
    for (int32_t i = 0; i < t->nnumbers; i++)
        n += text_room(t->numbers[i]);
    return n;
}

static MlcrtStatus fail_leaf(RtSession *s, const RtBox *b, const RtBoxLeaf *l, MlcrtStatus status, const char *what)
{
    return rt_session_fail(s, status, rt_nowhere, "'%s' of '%s' %s", *l->path ? l->path : "a leaf", b->name, what);
}

/* The shape and the bytes of one leaf. */
static MlcrtStatus measure(RtSession *s, RtBox *b, RtBoxLeaf *l, const MlcrtLeaf *from, uint64_t *all)
{
    uint64_t bytes = l->rank ? rt_types[l->dtype].bytes : 16;
    bool empty = false;
    for (int32_t i = 0; i < l->rank; i++) {
        MlcrtStatus status = rt_dim_eval(from->dims[i], b->numbers, b->nnumbers, &l->shape[i]);
        if (status)
            return fail_leaf(s, b, l, status, "has no size for these numbers");
        if (l->shape[i] < 0)
            return fail_leaf(s, b, l, MLCRT_ESHAPE, "would have a negative size");
        empty |= l->shape[i] == 0;
    }
    for (int32_t i = 0; i < l->rank; i++)
        if (!rt_mul(bytes, l->shape[i] ? (uint64_t)l->shape[i] : 1, &bytes) || bytes > RT_SIZE_MOST)
            return fail_leaf(s, b, l, MLCRT_ELIMIT, "would have more than 2^56 bytes");
    l->bytes = l->stored = empty ? 0 : bytes;
    if (!rt_add(*all, (l->bytes + RT_ALIGN - 1) & ~(uint64_t)(RT_ALIGN - 1), all))
        return fail_leaf(s, b, l, MLCRT_ELIMIT, "would have 2^62 bytes or more");
    return MLCRT_OK;
}

static void describe(RtBox *b, Bump *at, const MlcrtStruct *t, const int64_t *numbers)
{
    b->nnumbers = t->nnumbers;
    b->nleaves = t->nleaves;
    b->hash = t->type_hash;
    b->is_model = t->is_model != 0;
    b->leaves = take(at, (size_t)t->nleaves * sizeof *b->leaves);
    b->numbers = take(at, (size_t)t->nnumbers * sizeof *b->numbers);
    b->number_names = take(at, (size_t)t->nnumbers * sizeof *b->number_names);
    b->name = take_text(at, t->name);
    for (int32_t i = 0; i < t->nnumbers; i++) {
        b->numbers[i] = numbers[i];
        b->number_names[i] = take_text(at, t->numbers[i]);
    }
    for (int32_t i = 0; i < t->nleaves; i++) {
        const MlcrtLeaf *l = &t->leaves[i];
        int64_t *shape = take(at, (size_t)l->rank * sizeof *shape);
        b->leaves[i] = (RtBoxLeaf){ take_text(at, l->path), l->dtype, l->rank, l->nstack, l->role, shape, NULL, 0, 0, MLCRT_FORM_PLAIN, false, NULL };
    }
}

MlcrtStatus rt_box_new(RtSession *s, const MlcrtStruct *t, const int64_t *numbers, RtBox **box)
{
    MlcrtContext *c = s->context;
    size_t bytes = block_bytes(t);
    RtBox *b = rt_alloc(&c->counted, bytes, 1);
    if (!b)
        return rt_session_fail_memory(s, bytes);
    memset(b, 0, bytes);
    b->context = c;
    b->size = bytes;
    Bump at = { (char *)(b + 1) };
    describe(b, &at, t, numbers);
    uint64_t all = 0;
    for (int32_t i = 0; i < t->nleaves; i++) {
        MlcrtStatus status = measure(s, b, &b->leaves[i], &t->leaves[i], &all);
        if (status) {
            rt_box_drop(c, b);
            return status;
        }
    }
    b->data_size = all ? (size_t)all : RT_ALIGN;
    *box = b;
    return MLCRT_OK;
}

MlcrtStatus rt_box_leaf_memory(RtSession *s, RtBox *b, int32_t leaf)
{
    RtBoxLeaf *l = &b->leaves[leaf];
    l->data = rt_alloc(&b->context->counted, l->stored, 1);
    if (!l->data)
        return rt_session_fail_memory(s, l->stored);
    memset(l->data, 0, l->stored);
    return MLCRT_OK;
}

static RtMemory memory_of_leaf(const RtBoxLeaf *l)
{
    return (RtMemory){ l->shared, l->data, l->stored, l->given };
}

static void set_memory(RtBoxLeaf *l, const RtMemory *m)
{
    l->shared = m->shared;
    l->data = m->data;
    l->given = m->given;
}

RtMemory rt_leaf_take(RtBox *b, int32_t leaf)
{
    RtMemory m = memory_of_leaf(&b->leaves[leaf]);
    set_memory(&b->leaves[leaf], &(RtMemory){ 0 });
    return m;
}

void rt_leaf_let_go(RtBox *b, int32_t leaf)
{
    RtMemory m = rt_leaf_take(b, leaf);
    rt_memory_drop(b->context, &m);
}

void rt_leaf_share(RtBox *b, int32_t leaf)
{
    RtMemory m = memory_of_leaf(&b->leaves[leaf]);
    rt_memory_share(b->context, &m);
    set_memory(&b->leaves[leaf], &m);
}

MlcrtStatus rt_leaf_own(RtSession *s, RtBox *b, int32_t leaf)
{
    RtMemory m = memory_of_leaf(&b->leaves[leaf]);
    if (!rt_memory_own(b->context, &m))
        return rt_session_fail_memory(s, m.bytes);
    set_memory(&b->leaves[leaf], &m);
    return MLCRT_OK;
}

static MlcrtStatus memory_of_struct(RtSession *s, RtBox *b)
{
    b->data = rt_alloc(&b->context->counted, b->data_size, 1);
    if (!b->data)
        return rt_session_fail_memory(s, b->data_size);
    memset(b->data, 0, b->data_size);
    uint64_t at = 0; /* the sum fitted when the box was made */
    for (int32_t i = 0; i < b->nleaves; i++) {
        b->leaves[i].data = b->data + at;
        at += (b->leaves[i].bytes + RT_ALIGN - 1) & ~(uint64_t)(RT_ALIGN - 1);
    }
    return MLCRT_OK;
}

MlcrtStatus rt_box_memory(RtSession *s, RtBox *b)
{
    if (!b->is_model)
        return memory_of_struct(s, b);
    MlcrtStatus status = MLCRT_OK;
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        status = rt_box_leaf_memory(s, b, i);
    return status;
}

void rt_box_drop(MlcrtContext *c, void *box)
{
    RtBox *b = box;
    rt_prep_drop(b);
    for (int32_t i = 0; i < b->nleaves && b->is_model; i++)
        rt_leaf_let_go(b, i);
    rt_free(&c->counted, b->data, b->data_size, 1);
    rt_free(&c->counted, b, b->size, 1);
}

MlcrtStatus rt_box_publish(RtSession *s, RtBox *b, MlcrtHandle **handle)
{
    RtSlot *slot = rt_slot_new(s->context, b->is_model ? RT_MODEL : RT_STRUCT, b, rt_box_drop);
    if (!slot) {
        rt_box_drop(s->context, b);
        return rt_session_fail_memory(s, sizeof *slot);
    }
    slot->type = b->hash;
    *handle = (MlcrtHandle *)slot;
    return MLCRT_OK;
}

/* ---- numbers ---------------------------------------------------------------------------------------------- */

/* The open number of a program, if it mentions exactly one; else -1. */
static int64_t only_open(const int64_t *p, const int64_t *numbers, int32_t n)
{
    int64_t open = -1;
    for (; *p != MLCRT_D_END; p++) {
        if (*p == MLCRT_D_DIM && p[1] >= 0 && p[1] < n && numbers[p[1]] < 0) {
            if (open >= 0 && open != p[1])
                return -1;
            open = p[1];
        }
        p += *p == MLCRT_D_DIM || *p == MLCRT_D_CONST;
    }
    return open;
}

static bool value_with(const int64_t *p, int64_t *numbers, int32_t n, int64_t open, int64_t x, int64_t *v)
{
    numbers[open] = x;
    bool ok = rt_dim_eval(p, numbers, n, v) == MLCRT_OK;
    numbers[open] = -1;
    return ok;
}

/* Only what is linear in the open number tells it, so two values give the line; the solution is tried. */
bool rt_number_solve(const int64_t *p, int64_t *numbers, int32_t n, int64_t v)
{
    int64_t open = only_open(p, numbers, n), at0, at1, slope, rest, got;
    if (open < 0 || v < 0 || !value_with(p, numbers, n, open, 0, &at0) || !value_with(p, numbers, n, open, 1, &at1))
        return false;
    if (__builtin_sub_overflow(at1, at0, &slope) || __builtin_sub_overflow(v, at0, &rest) || slope == 0
        || (rest == INT64_MIN && slope == -1) || rest % slope != 0 || rest / slope < 0)
        return false;
    if (!value_with(p, numbers, n, open, rest / slope, &got) || got != v)
        return false;
    numbers[open] = rest / slope;
    return true;
}

MlcrtStatus rt_box_oblige(RtSession *s, const MlcrtStruct *t, const int64_t *numbers)
{
    for (int32_t i = 0; i < t->nnumbers; i++)
        if (numbers[i] < 0)
            return rt_session_fail(s, MLCRT_EARG, rt_nowhere, "number '%s' of '%s' is %lld", t->numbers[i], t->name,
                                   (long long)numbers[i]);
        else if (numbers[i] > (int64_t)RT_SIZE_MOST)
            return rt_session_fail(s, MLCRT_ELIMIT, rt_nowhere, "number '%s' of '%s' passes 2^56", t->numbers[i], t->name);
    if (!t->init)
        return MLCRT_OK;
    MlcrtStatus status = rt_frame_reserve(s, &s->frame, t->init);
    if (status)
        return status;
    if (t->nnumbers)
        memcpy(s->frame.call.dims, numbers, (size_t)t->nnumbers * sizeof *numbers);
    return rt_plan_run(s, &s->frame);
}

MlcrtTensor rt_box_element(const RtBoxLeaf *l, const char *data, int64_t element)
{
    uint64_t bytes = l->rank ? rt_types[l->dtype].bytes : 16;
    for (int32_t i = l->nstack; i < l->rank; i++)
        bytes *= (uint64_t)l->shape[i];
    return (MlcrtTensor){ .data = (void *)(uintptr_t)(data + (uint64_t)element * bytes), .device = MLCRT_CPU, .rank = l->rank - l->nstack,
                          .code = rt_types[l->dtype].code, .bits = rt_types[l->dtype].bits, .lanes = 1,
                          .shape = l->shape + l->nstack };
}

/* Inputs are bound later, not stored. */
bool rt_box_is_stored(const RtBoxLeaf *l)
{
    return l->role != RT_ROLE_INPUT;
}
