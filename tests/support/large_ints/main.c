/* main.c - calls what ints.ml compiles to: an int that passes 2^63 is the status ERANGE, and the next call works. Prints what is wrong; exit status 0 or 1. */
#include <stdio.h>

#include "ints.h"

static int bad;

#define CHECK(x) do { if (!(x)) { bad = 1; printf("line %d: %s does not hold\n", __LINE__, #x); } } while (0)
#define GIVES(call, status) do { MlcrtStatus is = (call); if (is != (status)) { bad = 1; printf("line %d: %s: %d, %s\n", __LINE__, #call, (int)is, is ? mlcrt_error(s)->sentence : ""); } } while (0)

static MlcrtTensor floats(float *p, int64_t *shape)
{
    MlcrtTensor t = { 0 };
    t.data = p;
    t.device = MLCRT_CPU;
    t.rank = 1;
    t.code = MLCRT_FLOAT;
    t.bits = 32;
    t.lanes = 1;
    t.shape = shape;
    return t;
}

int main(void)
{
    MlcrtContext *c = NULL;
    MlcrtSession *s = NULL;
    int64_t n = 0, three = 3, most = INT64_MAX;
    float x[] = { 1, 2, 3 }, y = 0;
    MlcrtTensor t = floats(x, &three);
    if (mlcrt_context_new(NULL, &c) || mlcrt_session_new(c, &s)) {
        printf("no session\n");
        return 1;
    }
    GIVES(ints_square(s, 5000000000, &n), MLCRT_ERANGE);
    GIVES(ints_square(s, -3, &n), MLCRT_OK);
    CHECK(n == 9);
    GIVES(ints_cube(s, 3000000000, 1, &n), MLCRT_ERANGE);
    GIVES(ints_cube(s, 3000000000, 0, &n), MLCRT_OK);
    GIVES(ints_next(s, most, &n), MLCRT_ERANGE);
    GIVES(ints_tens(s, 19, &n), MLCRT_ERANGE);
    GIVES(ints_tens(s, 18, &n), MLCRT_OK);
    CHECK(n == 1000000000000000000);
    GIVES(ints_kept(s, &t, 4294967296, &y), MLCRT_ERANGE);
    GIVES(ints_kept(s, &t, 1, &y), MLCRT_OK);
    CHECK(y == 2);
    GIVES(ints_squares(s, 4294967296, &y), MLCRT_ERANGE);
    three = most; /* an empty axis beside it or not: no process has so much */
    GIVES(ints_kept(s, &t, 1, &y), MLCRT_ELIMIT);
    mlcrt_session_free(s);
    mlcrt_context_free(c);
    return bad;
}
