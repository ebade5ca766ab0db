/* Models and structs: made, loaded, saved, copied, used by calls, shared by threads, freed. */
#include <pthread.h>

#include "runtime_fn.h"
#include "runtime_test.h"

static MlcrtContext *ctx;
static MlcrtSession *ses;
static TestAlloc counter;
static const int64_t cache_numbers[] = { 2, 3 }, lin_numbers[] = { 2, 3, 4 }; /* L, S; D, N, L */
static const MlcrtKey key = { { 10, 0 } };

static void setup(void)
{
    counter = (TestAlloc){ 0 };
    MlcrtAlloc a = test_hook(&counter);
    MlcrtOptions o = { .size = sizeof o, .alloc = &a, .threads = 2 };
    ck_assert_int_eq(mlcrt_context_new(&o, &ctx), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(ctx, &ses), MLCRT_OK);
    test_dir_make();
    transposes = 0;
}

static void teardown(void)
{
    ck_assert_int_eq(mlcrt_context_free(ctx), MLCRT_OK);
    ck_assert_uint_eq(counter.live, 0);
    test_dir_drop();
}

static void says(MlcrtStatus status, MlcrtStatus wanted, const char *part)
{
    ck_assert_msg(status == wanted, "status %s: %s", rt_status_name(status), mlcrt_error(ses)->sentence);
    ck_assert_msg(strstr(mlcrt_error(ses)->sentence, part), "'%s' is not in '%s'", part, mlcrt_error(ses)->sentence);
}

static MlcrtHandle *new_cache(void)
{
    MlcrtHandle *h;
    says(mlcrt_handle_new(ses, &test_module, &cache_type, cache_numbers, NULL, &h), MLCRT_OK, "");
    return h;
}

static MlcrtHandle *new_lin(void)
{
    MlcrtHandle *h;
    says(mlcrt_handle_new(ses, &test_module, &lin_type, lin_numbers, &key, &h), MLCRT_OK, "");
    return h;
}

static int64_t length(MlcrtHandle *h)
{
    int64_t v = -1;
    ck_assert_int_eq(mlcrt_handle_field(h, 1, &v), MLCRT_OK);
    return v;
}

START_TEST(a_struct_is_changed_by_calls_and_seen_through_views)
{
    MlcrtHandle *h = new_cache();
    float x[2] = { 5, 7 };
    int64_t shape[1] = { 2 };
    MlcrtTensor t = f32_tensor(x, 1, shape), view;
    for (int i = 0; i < 3; i++) {
        says(mlcrt_invoke(ses, &append_fn, (void *[]){ h, &t }), MLCRT_OK, "");
        x[0]++;
    }
    ck_assert_int_eq(length(h), 3);
    says(mlcrt_invoke(ses, &append_fn, (void *[]){ h, &t }), MLCRT_EINDEX, "index 3 is outside the 3 places of axis 1 of 'key'");
    ck_assert_int_eq(mlcrt_error(ses)->line, 10);
    ck_assert_int_eq(length(h), 3); /* scalars change on success only */
    ck_assert_int_eq(mlcrt_handle_view(h, 0, &view), MLCRT_OK);
    ck_assert_int_eq(view.rank, 2);
    ck_assert_int_eq(view.shape[1], 3);
    ck_assert_uint_eq((uintptr_t)view.data % 64, 0);
    ck_assert(((float *)view.data)[1] == 6 && ((float *)view.data)[5] == 7);
    ck_assert_int_eq(mlcrt_handle_set_field(h, 1, &(int64_t){ 1 }), MLCRT_OK);
    says(mlcrt_invoke(ses, &append_fn, (void *[]){ h, &t }), MLCRT_OK, "");
    ck_assert_int_eq(length(h), 2);
    ck_assert_int_eq(mlcrt_handle_number(h, 1), 3);
    ck_assert_int_eq(mlcrt_handle_number(h, 2), -1);
    /* a view of the struct overlaps the struct */
    view.rank = 1;
    view.shape = shape;
    says(mlcrt_invoke(ses, &append_fn, (void *[]){ h, &view }), MLCRT_EOVERLAP, "argument 'c': it is written, and its memory overlaps 'x'");
    ck_assert_int_eq(mlcrt_handle_view(h, 2, &view), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_handle_view(h, -1, &view), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_handle_field(h, 0, &view), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_handle_free(h), MLCRT_OK);
}
END_TEST

START_TEST(freed_foreign_and_wrong_handles_are_refused)
{
    float x[2] = { 5, 7 };
    int64_t shape[1] = { 2 };
    MlcrtTensor t = f32_tensor(x, 1, shape);
    MlcrtHandle *h = new_cache(), *lin = new_lin(), *foreign;
    MlcrtContext *c2;
    MlcrtSession *s2;
    says(mlcrt_invoke(ses, &append_fn, (void *[]){ NULL, &t }), MLCRT_EARG, "argument 'c': it is NULL");
    says(mlcrt_invoke(ses, &append_fn, (void *[]){ lin, &t }), MLCRT_EARG, "argument 'c': it is a 'Lin', not a 'Cache'");
    says(mlcrt_invoke(ses, &append_fn, (void *[]){ ses, &t }), MLCRT_EARG, "it is no handle of a 'Cache', or was freed");
    ck_assert_int_eq(mlcrt_context_new(NULL, &c2), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(c2, &s2), MLCRT_OK);
    ck_assert_int_eq(mlcrt_handle_new(s2, &test_module, &cache_type, cache_numbers, NULL, &foreign), MLCRT_OK);
    says(mlcrt_invoke(ses, &append_fn, (void *[]){ foreign, &t }), MLCRT_EARG, "the handle is of another context than the session");
    says(mlcrt_handle_copy(ses, foreign, &lin), MLCRT_EARG, "another context");
    ck_assert_int_eq(mlcrt_context_free(c2), MLCRT_OK);
    ck_assert_int_eq(mlcrt_handle_free(h), MLCRT_OK);
    says(mlcrt_invoke(ses, &append_fn, (void *[]){ h, &t }), MLCRT_EARG, "or was freed");
    ck_assert_int_eq(mlcrt_handle_free(h), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_handle_number(h, 0), -1);
    ck_assert_int_eq(mlcrt_handle_view(h, 0, &t), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_handle_set_field(h, 1, &(int64_t){ 0 }), MLCRT_EARG);
    ck_assert_int_eq(mlcrt_handle_free(NULL), MLCRT_OK);
    ck_assert_int_eq(mlcrt_handle_free((MlcrtHandle *)ses), MLCRT_EARG);
}
END_TEST

START_TEST(a_freed_slot_is_reused_last)
{
    MlcrtHandle *first = new_cache();
    ck_assert_int_eq(mlcrt_handle_free(first), MLCRT_OK);
    for (int i = 0; i < 300; i++) {
        MlcrtHandle *h = new_cache();
        ck_assert_ptr_ne(h, first);
        ck_assert_int_eq(mlcrt_handle_free(h), MLCRT_OK);
    }
    size_t live = counter.live;
    for (int i = 0; i < 2000; i++)
        ck_assert_int_eq(mlcrt_handle_free(new_cache()), MLCRT_OK);
    ck_assert_uint_le(counter.live, live + 5);
}
END_TEST

START_TEST(numbers_are_checked)
{
    MlcrtHandle *h = (MlcrtHandle *)ses;
    says(mlcrt_handle_new(ses, &test_module, &cache_type, (int64_t[]){ 2, 0 }, NULL, &h), MLCRT_ECHECK, "1 <= S does not hold: S is 0");
    ck_assert_ptr_null(h);
    says(mlcrt_handle_new(ses, &test_module, &cache_type, (int64_t[]){ -1, 2 }, NULL, &h), MLCRT_EARG, "number 'L' of 'Cache' is -1");
    says(mlcrt_handle_new(ses, &test_module, &cache_type, NULL, NULL, &h), MLCRT_EARG, "the numbers of 'Cache' are NULL");
    says(mlcrt_handle_new(ses, &test_module, &cache_type, (int64_t[]){ INT64_C(1) << 40, INT64_C(1) << 40 }, NULL, &h), MLCRT_ELIMIT, "2^56");
    says(mlcrt_handle_new(ses, &test_module, &lin_type, lin_numbers, NULL, &h), MLCRT_EARG, "a key is needed");
    says(mlcrt_handle_new(ses, &test_module, NULL, cache_numbers, NULL, &h), MLCRT_EARG, "NULL");
    says(mlcrt_handle_new(ses, NULL, &cache_type, cache_numbers, NULL, &h), MLCRT_EARG, "NULL");
    says(mlcrt_handle_new(ses, &test_module, &cache_type, cache_numbers, NULL, NULL), MLCRT_EARG, "NULL");
    MlcrtStruct no_init = cache_type;
    no_init.init = NULL;
    says(mlcrt_handle_new(ses, &test_module, &no_init, cache_numbers, NULL, &h), MLCRT_EARG, "fields without a default");
}
END_TEST

/* y = w x with w[n, d] = 10 + 2n + d, x = (1, 2) */
static void use_lin(MlcrtSession *s, MlcrtHandle *net, float first)
{
    float x[2] = { 1, 2 }, y[3];
    int64_t xs[1] = { 2 }, ys[1] = { 3 };
    MlcrtTensor tx = f32_tensor(x, 1, xs), ty = f32_tensor(y, 1, ys);
    ck_assert_int_eq(mlcrt_invoke(s, &apply_fn, (void *[]){ net, &tx, &ty }), MLCRT_OK);
    for (int n = 0; n < 3; n++)
        ck_assert(y[n] == (first + 2 * (float)n) + 2 * (first + 2 * (float)n + 1));
}

START_TEST(a_model_is_prepared_once_and_calls_allocate_nothing)
{
    MlcrtHandle *net = new_lin();
    ck_assert_int_eq(transposes, 1); /* when it was made */
    use_lin(ses, net, 10);
    size_t calls = counter.calls;
    for (int i = 0; i < 50; i++)
        use_lin(ses, net, 10);
    ck_assert_uint_eq(counter.calls, calls);
    ck_assert_int_eq(transposes, 1);
    /* another module with an equal type: prepared on first use */
    MlcrtPrep preps[] = { { &transpose_fn, 0, 0, 4712, 0, 0, 0, 0 } };
    MlcrtFn other = apply_fn;
    other.preps = preps;
    float x[2] = { 1, 2 }, y[3];
    int64_t xs[1] = { 2 }, ys[1] = { 3 };
    MlcrtTensor tx = f32_tensor(x, 1, xs), ty = f32_tensor(y, 1, ys);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(mlcrt_invoke(ses, &other, (void *[]){ net, &tx, &ty }), MLCRT_OK);
    ck_assert_int_eq(transposes, 2);
    ck_assert(y[0] == 32);
    preps[0].leaf = 7;
    says(mlcrt_invoke(ses, &other, (void *[]){ net, &tx, &ty }), MLCRT_EINTERNAL, "damaged");
    MlcrtTensor view;
    ck_assert_int_eq(mlcrt_handle_view(net, 0, &view), MLCRT_EARG); /* nobody may change a model */
}
END_TEST

/* apply_fn with its weight in panels that can be undone (3 rows: one panel of 3 is the transposed weight), and a module of it. */
typedef struct Lean { MlcrtPrep prep; MlcrtFn apply; const MlcrtFn *fns[1]; MlcrtModule module; } Lean;

static void lean_init(Lean *l)
{
    static const unsigned char unread[] = { 1, 0, 0 };
    *l = (Lean){ .prep = { &transpose_fn, 0, 0, 4714, 0, 3 }, .apply = apply_fn, .module = test_module };
    l->apply.preps = &l->prep;
    l->apply.unread = unread;
    l->apply.module = &l->module;
    l->fns[0] = &l->apply;
    l->module.fns = l->fns;
    l->module.nfns = 1;
}

static void same_weight(MlcrtHandle *net, const char *path)
{
    int64_t shape[2];
    MlcrtTensor t = { .rank = 2, .shape = shape };
    ck_assert_int_eq(mlcrt_handle_get(ses, net, path, &t), MLCRT_OK);
    for (int i = 0; i < 6; i++)
        ck_assert(((float *)t.data)[i] == (float)(10 + i));
    ck_assert_int_eq(mlcrt_tensor_free(ctx, &t), MLCRT_OK);
}

START_TEST(a_weight_that_all_want_packed_is_kept_once)
{
    Lean l;
    lean_init(&l);
    MlcrtHandle *net, *copy;
    ck_assert_int_eq(mlcrt_handle_free(new_lin()), MLCRT_OK); /* what a first handle needs beside */
    size_t before = counter.live_bytes;
    net = new_lin();
    size_t twice = counter.live_bytes - before;
    ck_assert_int_eq(mlcrt_handle_free(net), MLCRT_OK);
    before = counter.live_bytes;
    ck_assert_int_eq(mlcrt_handle_new(ses, &l.module, &lin_type, lin_numbers, &key, &net), MLCRT_OK);
    ck_assert_uint_eq(counter.live_bytes - before, twice - 24); /* bytes of `w` */
    size_t live = counter.live;
    same_weight(net, "w");
    ck_assert_uint_eq(counter.live, live);
    ck_assert_int_eq(mlcrt_handle_copy(ses, net, &copy), MLCRT_OK);
    ck_assert_int_eq(mlcrt_handle_free(net), MLCRT_OK);
    same_weight(copy, "w"); /* a copy is whole */
    ck_assert_int_eq(mlcrt_handle_free(copy), MLCRT_OK);
    /* a function of another module that wants it packed otherwise, and one that reads it */
    ck_assert_int_eq(mlcrt_handle_new(ses, &l.module, &lin_type, lin_numbers, &key, &net), MLCRT_OK);
    use_lin(ses, net, 10);
    same_weight(net, "w");
    size_t calls = counter.calls;
    use_lin(ses, net, 10);
    ck_assert_uint_eq(counter.calls, calls);
}
END_TEST

typedef struct Shared { MlcrtContext *context; MlcrtHandle *net; const MlcrtFn *fn; int failures; } Shared;

static void *use_shared(void *argument)
{
    Shared *v = argument;
    MlcrtSession *s;
    if (mlcrt_session_new(v->context, &s)) {
        v->failures++;
        return NULL;
    }
    for (int i = 0; i < 300; i++) {
        float x[2] = { 1, 2 }, y[3];
        int64_t xs[1] = { 2 }, ys[1] = { 3 };
        MlcrtTensor tx = f32_tensor(x, 1, xs), ty = f32_tensor(y, 1, ys);
        if (mlcrt_invoke(s, v->fn, (void *[]){ v->net, &tx, &ty }) || y[2] != 14 + 2 * 15)
            v->failures++;
        MlcrtHandle *own;
        if (i % 20 == 0 && (mlcrt_handle_new(s, &test_module, &cache_type, cache_numbers, NULL, &own) || mlcrt_handle_free(own)))
            v->failures++;
    }
    v->failures += mlcrt_session_free(s) != MLCRT_OK;
    return NULL;
}

START_TEST(threads_share_a_model)
{
    enum { THREADS = 4 };
    pthread_t t[THREADS];
    MlcrtPrep preps[] = { { &transpose_fn, 0, 0, 4713, 0, 0, 0, 0 } };
    MlcrtFn f = apply_fn;
    f.preps = preps; /* all meet a model that is not prepared for it yet */
    Shared v[THREADS];
    MlcrtContext *c; /* of its own: the counting allocator is for one thread */
    MlcrtSession *s;
    MlcrtHandle *net;
    ck_assert_int_eq(mlcrt_context_new(NULL, &c), MLCRT_OK);
    ck_assert_int_eq(mlcrt_session_new(c, &s), MLCRT_OK);
    ck_assert_int_eq(mlcrt_handle_new(s, &test_module, &lin_type, lin_numbers, &key, &net), MLCRT_OK);
    for (int i = 0; i < THREADS; i++) {
        v[i] = (Shared){ c, net, &f, 0 };
        ck_assert_int_eq(pthread_create(&t[i], NULL, use_shared, &v[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(t[i], NULL);
        ck_assert_int_eq(v[i].failures, 0);
    }
    ck_assert_int_eq(mlcrt_handle_free(net), MLCRT_OK);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
}
END_TEST

static _Atomic int inside, go_on;

static void waiting_body(MlcrtCall *c)
{
    (void)c;
    inside = 1;
    while (!go_on)
        ;
}

static MlcrtFn waiting_fn;

static void *call_waiting(void *h)
{
    float x[2] = { 0 };
    int64_t shape[1] = { 2 };
    MlcrtTensor t = f32_tensor(x, 1, shape);
    ck_assert_int_eq(mlcrt_invoke(ses, &waiting_fn, (void *[]){ h, &t }), MLCRT_OK);
    return NULL;
}

START_TEST(a_struct_in_use_is_busy)
{
    pthread_t t;
    MlcrtSession *s2;
    MlcrtHandle *h = new_cache(), *copy;
    float x[2] = { 0 };
    int64_t shape[1] = { 2 };
    MlcrtTensor tx = f32_tensor(x, 1, shape);
    ck_assert_int_eq(mlcrt_session_new(ctx, &s2), MLCRT_OK);
    waiting_fn = append_fn;
    waiting_fn.body = waiting_body;
    inside = go_on = 0;
    ck_assert_int_eq(pthread_create(&t, NULL, call_waiting, h), 0);
    while (!inside)
        ;
    ck_assert_int_eq(mlcrt_invoke(s2, &append_fn, (void *[]){ h, &tx }), MLCRT_EBUSY);
    ck_assert_str_eq(mlcrt_error(s2)->sentence, "argument 'c': another call is using it");
    ck_assert_int_eq(mlcrt_handle_free(h), MLCRT_EBUSY);
    ck_assert_int_eq(mlcrt_handle_set_field(h, 1, &(int64_t){ 0 }), MLCRT_EBUSY);
    ck_assert_int_eq(mlcrt_handle_copy(s2, h, &copy), MLCRT_EBUSY);
    go_on = 1;
    pthread_join(t, NULL);
    ck_assert_int_eq(mlcrt_invoke(s2, &append_fn, (void *[]){ h, &tx }), MLCRT_OK);
    ck_assert_int_eq(mlcrt_handle_free(h), MLCRT_OK);
}
END_TEST

START_TEST(copies_are_independent)
{
    MlcrtHandle *h = new_cache(), *copy, *net = new_lin(), *net2;
    MlcrtTensor a, b;
    ck_assert_int_eq(mlcrt_handle_set_field(h, 1, &(int64_t){ 2 }), MLCRT_OK);
    ck_assert_int_eq(mlcrt_handle_view(h, 0, &a), MLCRT_OK);
    ((float *)a.data)[4] = 44;
    says(mlcrt_handle_copy(ses, h, &copy), MLCRT_OK, "");
    ((float *)a.data)[4] = 45;
    ck_assert_int_eq(mlcrt_handle_free(h), MLCRT_OK);
    ck_assert_int_eq(mlcrt_handle_view(copy, 0, &b), MLCRT_OK);
    ck_assert(((float *)b.data)[4] == 44);
    ck_assert_int_eq(b.shape[0], 2);
    ck_assert_int_eq(length(copy), 2);
    says(mlcrt_handle_copy(ses, net, &net2), MLCRT_OK, "");
    ck_assert_int_eq(mlcrt_handle_free(net), MLCRT_OK);
    use_lin(ses, net2, 10);
}
END_TEST

START_TEST(models_are_made_from_tensors)
{
    float w[6] = { 10, 11, 12, 13, 14, 15 }, b[8] = { 0 };
    int64_t ws[2] = { 3, 2 }, bs[2] = { 4, 2 };
    MlcrtTensor leaves[] = { f32_tensor(w, 2, ws), f32_tensor(b, 2, bs) };
    MlcrtHandle *h;
    says(mlcrt_handle_from_tensors(ses, &test_module, &lin_type, lin_numbers, leaves, &h), MLCRT_OK, "");
    w[0] = 99; /* it was copied */
    use_lin(ses, h, 10);
    bs[0] = 3;
    says(mlcrt_handle_from_tensors(ses, &test_module, &lin_type, lin_numbers, leaves, &h), MLCRT_ESHAPE, "argument 'layers.*.b': axis 0 is 3, not 4");
    ck_assert_ptr_null(h);
    leaves[0].code = MLCRT_INT;
    says(mlcrt_handle_from_tensors(ses, &test_module, &lin_type, lin_numbers, leaves, &h), MLCRT_EDTYPE, "argument 'w'");
    says(mlcrt_handle_from_tensors(ses, &test_module, &lin_type, lin_numbers, NULL, &h), MLCRT_EARG, "NULL");
}
END_TEST

START_TEST(leaves_are_copied_out)
{
    MlcrtHandle *net = new_lin();
    int64_t shape[2] = { 0 };
    MlcrtTensor t = { .rank = 1, .shape = shape };
    says(mlcrt_handle_get(ses, net, "layers.3.b", &t), MLCRT_OK, "");
    ck_assert_int_eq(shape[0], 2);
    ck_assert(((float *)t.data)[0] == 6 && ((float *)t.data)[1] == 7);
    mlcrt_tensor_free(ctx, &t);
    float own[2];
    t = (MlcrtTensor){ .data = own, .device = MLCRT_CPU, .rank = 1, .code = MLCRT_FLOAT, .bits = 32, .lanes = 1, .shape = shape };
    says(mlcrt_handle_get(ses, net, "layers.0.b", &t), MLCRT_OK, "");
    ck_assert(own[1] == 1);
    shape[0] = 3;
    says(mlcrt_handle_get(ses, net, "layers.0.b", &t), MLCRT_ESHAPE, "axis 0 of the tensor is 3, not 2");
    MlcrtTensor all = { .rank = 2, .shape = shape };
    says(mlcrt_handle_get(ses, net, "layers.*.b", &all), MLCRT_OK, "");
    ck_assert_int_eq(shape[0], 4);
    ck_assert(((float *)all.data)[7] == 7);
    mlcrt_tensor_free(ctx, &all);
    static const char *const wrong[] = { "layers.4.b", "layers.-1.b", "layers..b", "layers.1.bb", "layers.1", "", "nix", "layers.99999999999999999999.b" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        t.data = NULL;
        says(mlcrt_handle_get(ses, net, wrong[i], &t), MLCRT_EARG, "has no tensor");
    }
    says(mlcrt_handle_get(ses, net, "w", &t), MLCRT_ERANK, "rank is 1, not 2");
    says(mlcrt_handle_get(ses, net, NULL, &t), MLCRT_EARG, "NULL");
}
END_TEST

START_TEST(models_are_saved_and_loaded_with_their_numbers)
{
    MlcrtHandle *net = new_lin(), *again;
    const char *path = test_path("lin.safetensors");
    says(mlcrt_handle_save(ses, net, path), MLCRT_OK, "");
    says(mlcrt_handle_load(ses, &test_module, &lin_type, path, NULL, NULL, &again), MLCRT_OK, "");
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(mlcrt_handle_number(again, i), lin_numbers[i]);
    ck_assert_int_eq(transposes, 2);
    use_lin(ses, again, 10);
    says(mlcrt_handle_load(ses, &test_module, &lin_type, path, NULL, (int64_t[]){ -1, 3, 4 }, &again), MLCRT_OK, "");
    says(mlcrt_handle_load(ses, &test_module, &lin_type, path, NULL, (int64_t[]){ -1, 4, 4 }, &again), MLCRT_ESHAPE, "w");
    ck_assert_ptr_null(again);
    says(mlcrt_handle_load(ses, &test_module, &lin_type, path, NULL, (int64_t[]){ -2, 4, 4 }, &again), MLCRT_EARG, "number 'D' of 'Lin' is -2");
    says(mlcrt_handle_load(ses, &test_module, &lin_type, test_path("nix"), NULL, NULL, &again), MLCRT_EIO, "nix");
    says(mlcrt_handle_load(ses, &test_module, &lin_type, NULL, NULL, NULL, &again), MLCRT_EARG, "NULL");
    MlcrtRename renames[] = { { "layers.*.b", "heads.*.c" }, { NULL, NULL } };
    says(mlcrt_handle_load(ses, &test_module, &lin_type, path, renames, (int64_t[]){ -1, -1, 4 }, &again), MLCRT_EFORMAT, "heads");
    for (int i = 0; i < 4; i++) { /* all of them, however many */
        char line[40];
        snprintf(line, sizeof line, "surplus 'layers.%d.b'", i);
        ck_assert_ptr_nonnull(strstr(mlcrt_error(ses)->details, line));
        snprintf(line, sizeof line, "missing 'layers.%d.b'", i);
        ck_assert_ptr_nonnull(strstr(mlcrt_error(ses)->details, line));
    }
    says(mlcrt_handle_save(ses, net, path), MLCRT_OK, "");
    ck_assert_ptr_null(mlcrt_error(ses)->details);
    says(mlcrt_handle_load(ses, &test_module, &lin_type, path, renames, NULL, &again), MLCRT_EFORMAT, "number 'L' of 'Lin' cannot be told: the file has no tensor 'layers.0.b'");
    says(mlcrt_handle_save(ses, net, "/nix/da"), MLCRT_EIO, "/nix/da");
}
END_TEST

/* ---- a file of llama2.c ---- */

enum { V, L, D, H, G, F };
#define MUL(...) (const int64_t[]){ __VA_ARGS__, MLCRT_D_MUL, MLCRT_D_END }
#define HEAD MLCRT_D_DIM, D, MLCRT_D_DIM, H, MLCRT_D_EXACTDIV
#define HK MUL(MLCRT_D_DIM, H, HEAD)
#define GK MUL(MLCRT_D_DIM, G, HEAD)

static const MlcrtLeaf llama_leaves[] = {
    { "embed", T_F32, 2, 0, 1, DIMS(DIM(V), DIM(D)) },
    { "layers.*.norm1.weight", T_F32, 2, 1, 1, DIMS(DIM(L), DIM(D)) },
    { "layers.*.attention.wq.weight", T_F32, 3, 1, 1, DIMS(DIM(L), HK, DIM(D)) },
    { "layers.*.attention.wk.weight", T_F32, 3, 1, 1, DIMS(DIM(L), GK, DIM(D)) },
    { "layers.*.attention.wv.weight", T_F32, 3, 1, 1, DIMS(DIM(L), GK, DIM(D)) },
    { "layers.*.attention.wo.weight", T_F32, 3, 1, 1, DIMS(DIM(L), DIM(D), HK) },
    { "layers.*.norm2.weight", T_F32, 2, 1, 1, DIMS(DIM(L), DIM(D)) },
    { "layers.*.gate.weight", T_F32, 3, 1, 1, DIMS(DIM(L), DIM(F), DIM(D)) },
    { "layers.*.up.weight", T_F32, 3, 1, 1, DIMS(DIM(L), DIM(F), DIM(D)) },
    { "layers.*.down.weight", T_F32, 3, 1, 1, DIMS(DIM(L), DIM(D), DIM(F)) },
    { "norm.weight", T_F32, 1, 0, 1, DIMS(DIM(D)) },
};
static const MlcrtStruct llama_type = { "Llama", NULL, 1, 6, 11, 5, (const char *const[]){ "V", "L", "D", "H", "G", "F" }, llama_leaves, NULL, 90 };

START_TEST(numbers_of_a_llama2c_file_come_from_shapes_header_and_caller)
{
    static const int64_t wanted[] = { 512, 5, 64, 8, 4, 172 };
    const char *data = test_data("stories260K/stories260K.bin");
    char path[4096];
    MlcrtHandle *h;
    if (!data)
        return;
    snprintf(path, sizeof path, "%s", data);
    MlcrtRename renames[] = { { "n_heads", "H" }, { "n_kv_heads", "G" }, { NULL, NULL } };
    says(mlcrt_handle_load(ses, &test_module, &llama_type, path, NULL, NULL, &h), MLCRT_EARG, "number 'H' of 'Llama' cannot be told from the file");
    for (int round = 0; round < 2; round++) { /* the header tells H, or the caller does: then the shapes tell G */
        int64_t given[] = { -1, -1, -1, 8, -1, -1 };
        says(mlcrt_handle_load(ses, &test_module, &llama_type, path, round ? NULL : renames, round ? given : NULL, &h), MLCRT_OK, "");
        for (int i = 0; i < 6; i++)
            ck_assert_int_eq(mlcrt_handle_number(h, i), wanted[i]);
        float w[64];
        int64_t shape[1] = { 64 };
        MlcrtTensor t = f32_tensor(w, 1, shape), view;
        MlcrtFile *file;
        says(mlcrt_handle_get(ses, h, "layers.3.norm2.weight", &t), MLCRT_OK, "");
        ck_assert_int_eq(mlcrt_file_open(ctx, path, &file), MLCRT_OK);
        ck_assert_int_eq(mlcrt_file_find(file, "layers.3.norm2.weight", &view), MLCRT_OK);
        ck_assert_mem_eq(w, view.data, sizeof w);
        ck_assert_int_eq(mlcrt_file_close(file), MLCRT_OK);
        ck_assert_int_eq(mlcrt_handle_free(h), MLCRT_OK);
    }
    int64_t wrong[] = { -1, -1, -1, 7, -1, -1 };
    ck_assert_int_ne(mlcrt_handle_load(ses, &test_module, &llama_type, path, NULL, wrong, &h), MLCRT_OK);
    ck_assert_ptr_null(h);
}
END_TEST

/* ---- allocation ---- */

static MlcrtStatus steps(MlcrtContext *c, MlcrtSession *s)
{
    MlcrtHandle *net = NULL, *copy = NULL, *loaded = NULL;
    float x[2] = { 1, 2 };
    int64_t xs[1] = { 2 }, ys[1] = { 0 };
    MlcrtTensor tx = f32_tensor(x, 1, xs), ty = { .rank = 1, .shape = ys };
    MlcrtStatus status = mlcrt_handle_new(s, &test_module, &lin_type, lin_numbers, &key, &net);
    if (!status)
        status = mlcrt_handle_copy(s, net, &copy);
    if (!status)
        status = mlcrt_invoke(s, &apply_fn, (void *[]){ copy, &tx, &ty });
    mlcrt_tensor_free(c, &ty);
    if (!status)
        status = mlcrt_handle_save(s, net, test_path("each.safetensors"));
    if (!status)
        status = mlcrt_handle_load(s, &test_module, &lin_type, test_path("each.safetensors"), NULL, NULL, &loaded);
    return status;
}

static MlcrtStatus life_of_handles(const MlcrtAlloc *a, void *data)
{
    (void)data;
    MlcrtContext *c;
    MlcrtSession *s;
    MlcrtOptions o = { .size = sizeof o, .alloc = a, .threads = 1 };
    MlcrtStatus status = mlcrt_context_new(&o, &c);
    if (status)
        return status;
    status = mlcrt_session_new(c, &s);
    if (!status)
        status = steps(c, s);
    ck_assert_int_eq(mlcrt_context_free(c), MLCRT_OK);
    return status;
}

START_TEST(every_failed_allocation_is_a_status)
{
    test_each_failure(life_of_handles, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("handles");
    TCase *t = tcase_create("handles");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_struct_is_changed_by_calls_and_seen_through_views);
    tcase_add_test(t, freed_foreign_and_wrong_handles_are_refused);
    tcase_add_test(t, a_freed_slot_is_reused_last);
    tcase_add_test(t, numbers_are_checked);
    tcase_add_test(t, a_model_is_prepared_once_and_calls_allocate_nothing);
    tcase_add_test(t, a_weight_that_all_want_packed_is_kept_once);
    tcase_add_test(t, threads_share_a_model);
    tcase_add_test(t, a_struct_in_use_is_busy);
    tcase_add_test(t, copies_are_independent);
    tcase_add_test(t, models_are_made_from_tensors);
    tcase_add_test(t, leaves_are_copied_out);
    tcase_add_test(t, models_are_saved_and_loaded_with_their_numbers);
    tcase_add_test(t, numbers_of_a_llama2c_file_come_from_shapes_header_and_caller);
    tcase_add_test(t, every_failed_allocation_is_a_status);
    suite_add_tcase(s, t);
    return test_main(s);
}
