/* main.c - calls what returns.ml compiles to: results that are handles. Prints what is wrong; exit status 0 or 1. */
#include <stdio.h>
#include <string.h>

#include "returns.h"

static int bad;

#define CHECK(x) do { if (!(x)) { bad = 1; printf("line %d: %s does not hold\n", __LINE__, #x); } } while (0)
#define FINE(call) do { MlcrtStatus status = (call); if (status) { bad = 1; printf("line %d: %s: %d, %s\n", __LINE__, #call, (int)status, mlcrt_error(s)->sentence); } } while (0)

static MlcrtTensor floats(float *p, int32_t rank, int64_t *shape)
{
    MlcrtTensor t = { 0 };
    t.data = p;
    t.device = MLCRT_CPU;
    t.rank = rank;
    t.code = MLCRT_FLOAT;
    t.bits = 32;
    t.lanes = 1;
    t.shape = shape;
    return t;
}

/* A struct that one call gives is an argument of the next, and outlives what it was made from. */
static void structs(MlcrtSession *s)
{
    float x[] = { 1, 2, 3 }, y[] = { 3, 2, 7 }, far = 0;
    int64_t three = 3;
    MlcrtTensor a = floats(x, 1, &three), b = floats(y, 1, &three), view;
    returns_Stats *one = NULL, *two = NULL;
    FINE(returns_first(s, &a, &one));
    FINE(returns_more(s, one, &b, &two, &far));
    CHECK(far == 4);
    FINE(returns_Stats_free(one));
    CHECK(returns_Stats_count(two) == 2 && returns_Stats_N(two) == 3);
    FINE(returns_Stats_mean(two, &view));
    CHECK(view.shape[0] == 3 && ((float *)view.data)[0] == 2 && ((float *)view.data)[2] == 5);
    CHECK(returns_first(s, &a, NULL) == MLCRT_EARG);
    CHECK(returns_more(s, one, &b, &two, &far) == MLCRT_EARG); /* freed */
    FINE(returns_Stats_free(two));
}

/* The number H is in no shape: it comes from the type of the result. */
static void models(MlcrtSession *s)
{
    float w[] = { 1, 2, 3, 4 }, bias[] = { 1, 1 }, x[] = { 1, 1 }, y[2] = { 0 };
    int64_t two[] = { 2, 2 }, row[] = { 1, 2 }, numbers[] = { 2, 2, 5 };
    MlcrtTensor leaves[2], in = floats(x, 2, row), out = floats(y, 2, row);
    returns_Lin *net = NULL, *twice = NULL;
    leaves[0] = floats(w, 2, two);
    leaves[1] = floats(bias, 1, two);
    FINE(returns_Lin_from_tensors(s, numbers, leaves, &net));
    FINE(returns_scaled(s, net, 2, &twice));
    CHECK(returns_Lin_H(twice) == 5);
    FINE(returns_apply(s, twice, &in, &out));
    CHECK(y[0] == 18 && y[1] == 22);
    FINE(returns_Lin_free(net));
    FINE(returns_Lin_free(twice));
}

static void lists(MlcrtContext *c, MlcrtSession *s)
{
    float x[] = { 1, 2 }, y[] = { 3, 4 }, sum[2] = { 0 };
    int64_t n = 2, room = 2;
    MlcrtTensor a = floats(x, 1, &n), b = floats(y, 1, &n), r = floats(sum, 1, &room), part = { 0 };
    int64_t shape[1];
    returns_Stats_list *list = NULL;
    FINE(returns_both(s, &a, &b, &list));
    CHECK(returns_Stats_list_count(list) == 2 && returns_Stats_list_N(list) == 2);
    FINE(returns_total(s, list, &r));
    CHECK(sum[0] == 4 && sum[1] == 6);
    part.rank = 1;
    part.shape = shape;
    FINE(returns_Stats_list_get(s, list, "1.mean", &part));
    CHECK(((float *)part.data)[1] == 4);
    FINE(mlcrt_tensor_free(c, &part));
    FINE(returns_Stats_list_free(list));
}

/* After an error, late or early, the caller's places are as they were and nothing is kept. */
static void errors(MlcrtContext *c, MlcrtSession *s)
{
    float x[] = { 1, 2 };
    int64_t two = 2, zero = 0;
    uint64_t before = 0, after = 0;
    MlcrtTensor a = floats(x, 1, &two), none = floats(x, 1, &zero);
    returns_Stats *one = NULL, *other = NULL;
    FINE(returns_pair(s, &a, 1, &one, &other));
    CHECK(returns_Stats_N(one) == 2 && returns_Stats_N(other) == 3 && returns_Stats_count(other) == 1);
    FINE(returns_Stats_free(one));
    FINE(returns_Stats_free(other));
    CHECK(returns_late(s, &a, 1, &one) == MLCRT_OK && returns_Stats_count(one) == 1); /* what the session keeps is there */
    FINE(returns_Stats_free(one));
    one = other = NULL;
    for (int i = 0; i < 2000; i++) {
        if (i == 1000) /* by now freed handles are used again */
            mlcrt_context_memory(c, &before, NULL);
        CHECK(returns_pair(s, &a, 5, &one, &other) != MLCRT_OK);
        CHECK(returns_pair(s, &none, 0, &one, &other) == MLCRT_ECHECK);
        CHECK(returns_late(s, &a, 3, &one) == MLCRT_ECHECK);
        CHECK(returns_pair(s, &a, 0, &one, &one) == MLCRT_EOVERLAP);
        CHECK(!one && !other);
    }
    mlcrt_context_memory(c, &after, NULL);
    CHECK(before == after);
}

int main(void)
{
    MlcrtContext *c = NULL;
    MlcrtSession *s = NULL;
    if (mlcrt_context_new(NULL, &c) || mlcrt_session_new(c, &s))
        return 2;
    structs(s);
    models(s);
    lists(c, s);
    errors(c, s);
    return bad || mlcrt_context_free(c);
}
