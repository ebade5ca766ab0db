/* main.c - calls what adapted.ml compiles to with handles of adapted models from files. Prints what `run` gives; exit status 0 or 1. */
#include <stdio.h>

#include "adapted.h"

static int bad;

#define CHECK(x) do { if (!(x)) { bad = 1; printf("line %d: %s does not hold\n", __LINE__, #x); } } while (0)
#define FINE(call) do { MlcrtStatus status = (call); if (status) { bad = 1; printf("line %d: %s: %d, %s\n", __LINE__, #call, (int)status, mlcrt_error(s)->sentence); } } while (0)

static MlcrtTensor matrix(float *p, int64_t *shape)
{
    MlcrtTensor t = { 0 };
    t.data = p;
    t.device = MLCRT_CPU;
    t.rank = 2;
    t.code = MLCRT_FLOAT;
    t.bits = 32;
    t.lanes = 1;
    t.shape = shape;
    return t;
}

/* The old model's file, adapted, and the adapters' parameters from a file of their own: the same bits. */
static void plain_and_set(MlcrtSession *s, const int64_t *numbers, const MlcrtTensor *x, const float *one)
{
    float y[6] = { 0 };
    int64_t shape[] = { 2, 3 };
    MlcrtTensor t = matrix(y, shape);
    adapted_Mlp *plain = NULL;
    adapted_Mlp_Lora *begun = NULL, *full = NULL;
    adapted_Mlp_Lora_trainable *set = NULL;
    FINE(adapted_Mlp_load(s, "plain.safetensors", NULL, NULL, &plain));
    FINE(adapted_start(s, plain, &begun));
    FINE(adapted_Mlp_Lora_trainable_load(s, "set.safetensors", NULL, numbers, &set));
    FINE(adapted_restore(s, begun, set, &full));
    FINE(adapted_run(s, full, x, &t));
    for (int i = 0; i < 6; i++)
        CHECK(y[i] == one[i]);
    FINE(adapted_Mlp_free(plain));
    FINE(adapted_Mlp_Lora_free(begun));
    FINE(adapted_Mlp_Lora_free(full));
    FINE(adapted_Mlp_Lora_trainable_free(set));
}

int main(void)
{
    float x[] = { 1, 2, 3, -1, 0.5f, 0 }, one[6] = { 0 }, two[6] = { 0 };
    int64_t shape[] = { 2, 3 }, numbers[] = { -1, -1, -1, 4, -1, 4 }, open[] = { -1 };
    MlcrtTensor tx = matrix(x, shape), t1 = matrix(one, shape), t2 = matrix(two, shape);
    MlcrtContext *c = NULL;
    MlcrtSession *s = NULL;
    adapted_Mlp_Lora *net = NULL, *none = NULL;
    adapted_Tuned *whole = NULL;
    if (mlcrt_context_new(NULL, &c) || mlcrt_session_new(c, &s))
        return 2;
    FINE(adapted_Mlp_Lora_load(s, "tuned.safetensors", NULL, numbers, &net));
    FINE(adapted_run(s, net, &tx, &t1));
    FINE(adapted_Tuned_load(s, "whole.safetensors", NULL, open, &whole));
    FINE(adapted_twice(s, whole, &tx, &t2));
    for (int i = 0; i < 6; i++) {
        printf("%.6g%s", (double)one[i], i == 5 ? "\n" : " ");
        CHECK(2 * one[i] == two[i]);
    }
    CHECK(adapted_Mlp_Lora_up_rank(net) == 2 && adapted_Mlp_Lora_down_alpha(net) == 4);
    CHECK(adapted_Mlp_Lora_load(s, "plain.safetensors", NULL, numbers, &none) != MLCRT_OK); /* what the adapters store is missing */
    plain_and_set(s, numbers, &tx, one);
    FINE(adapted_Mlp_Lora_free(net));
    FINE(adapted_Tuned_free(whole));
    return bad || mlcrt_context_free(c);
}
