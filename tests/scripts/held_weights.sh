#!/bin/bash
# A handle of a C program holds each weight once: packed, where one function of the module packs it and the others look it up or sum along what is
# packed (a derivative), whatever their order; and as it was given, bit for bit. Handles of equal weights, copies among them, hold them together.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/libmlcrt.a"
cd "$work" || exit 1

cat >tied.ml <<'EOF'
model Tied(V, D, L) {
    param embed: f32[V, D] = 0
    param weight: f32[L, D, D] = 0
}
fn hidden(net: Tied(V, D, L), t: i32[B]) -> f32[B, D] {
    var y[b, d] = net.embed[t[b], d]
    for l in 0..L {
        let z[b, o] = sum[i](y[b, i] * net.weight[l, o, i])
        y = z
    }
    y
}
fn along(w: f32[V, D], g: f32[B, V]) -> f32[B, D] { out[b, d] = sum[v](g[b, v] * w[v, d]) }
export fn back(net: Tied(V, D, L), g: f32[B, V]) -> f32[B, D] {
    var y = along(net.embed, g)
    for l in 0..L { y = along(net.weight[l], y) }
    y
}
export fn back_of(embed: f32[V, D], weight: f32[L, D, D], g: f32[B, V]) -> f32[B, D] {
    var y = along(embed, g)
    for l in 0..L { y = along(weight[l], y) }
    y
}
export fn embed(net: Tied(V, D, L), t: i32[B]) -> f32[B, D] { out[b, d] = net.embed[t[b], d] }
export fn inner(net: Tied(V, D, L), t: i32[B]) -> f32[B, D] = hidden(net, t)
export fn prefill(net: Tied(V, D, L), t: i32[B]) -> f32[B, V] {
    let h = hidden(net, t)
    out[b, v] = sum[d](h[b, d] * net.embed[v, d])
}
export fn decode(net: Tied(V, D, L), t: i32[1]) -> f32[V] {
    let h = hidden(net, t)
    out[v] = sum[d](h[0, d] * net.embed[v, d])
}
EOF
cat >main.c <<'EOF'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tied.h"

enum { V = 2048, D = 512, L = 4, B = 3, THREADS = 3, BYTES = (V * D + L * D * D) * 4 };
static float embed[V][D], weight[L][D][D];
static MlcrtContext *c;
static tied_Tied *net;

static int failed(MlcrtSession *s, const char *what)
{
    printf("%s: %s\n", what, mlcrt_error(s)->sentence);
    exit(1);
}

static MlcrtTensor floats(void *data, int rank, int64_t *shape)
{
    return (MlcrtTensor){ data, MLCRT_CPU, 0, rank, MLCRT_FLOAT, 32, 1, shape, NULL, 0 };
}

/* Of the model, and of the tensors as they lie. */
static void use_back(MlcrtSession *s, float *g)
{
    static int64_t es[] = { V, D }, ws[] = { L, D, D };
    int64_t gs[] = { B, V }, ys[] = { B, D };
    float *y = malloc(2 * sizeof(float) * B * D);
    if (!y)
        exit(2);
    MlcrtTensor te = floats(embed, 2, es), tw = floats(weight, 3, ws), tg = floats(g, 2, gs), t1 = floats(y, 2, ys), t2 = floats(y + B * D, 2, ys);
    if (tied_back(s, net, &tg, &t1) || tied_back_of(s, &te, &tw, &tg, &t2))
        failed(s, "back");
    if (memcmp(y, y + B * D, sizeof(float) * B * D))
        exit((printf("back differs\n"), 1));
    free(y);
}

/* All functions; rows of the embedding are those that were given, decoding gives the bits of the prefill. */
static void *use(void *unused)
{
    static const int32_t token[B] = { 7, 2047, 1030 };
    float *e = malloc(sizeof(float) * B * D), *p = malloc(sizeof(float) * B * V), *d = malloc(sizeof(float) * V);
    int64_t ts[] = { B }, es[] = { B, D }, ps[] = { B, V }, ds[] = { V };
    MlcrtSession *s;
    if (!e || !p || !d || mlcrt_session_new(c, &s))
        exit(2);
    for (int turn = 0; turn < 3; turn++) {
        MlcrtTensor t = { (void *)token, MLCRT_CPU, 0, 1, MLCRT_INT, 32, 1, ts, NULL, 0 }, te = { e, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, es, NULL, 0 };
        MlcrtTensor tp = { p, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, ps, NULL, 0 }, td = { d, MLCRT_CPU, 0, 1, MLCRT_FLOAT, 32, 1, ds, NULL, 0 };
        if (tied_embed(s, net, &t, &te))
            failed(s, "embed");
        for (int b = 0; b < B; b++)
            if (memcmp(e + b * D, embed[token[b]], sizeof embed[0]))
                exit((printf("row %d differs\n", b), 1));
        if (tied_inner(s, net, &t, &te) || tied_prefill(s, net, &t, &tp))
            failed(s, "prefill");
        use_back(s, p);
        for (int b = 0; b < B; b++) {
            int64_t one[] = { 1 };
            MlcrtTensor t1 = { (void *)&token[b], MLCRT_CPU, 0, 1, MLCRT_INT, 32, 1, one, NULL, 0 };
            if (tied_decode(s, net, &t1, &td))
                failed(s, "decode");
            if (memcmp(d, p + b * V, sizeof(float) * V))
                exit((printf("decoding %d differs\n", b), 1));
        }
    }
    mlcrt_session_free(s);
    free(e), free(p), free(d);
    return unused;
}

/* Others of the same tensors, while threads use them: 1.0 for all; then the first one goes. */
static MlcrtStatus make_others(MlcrtSession *s, const int64_t *numbers, const MlcrtTensor *leaves)
{
    tied_Tied *other, *copy;
    MlcrtStatus status = tied_Tied_from_tensors(s, numbers, leaves, &other);
    if (!status)
        status = mlcrt_handle_copy(s, (MlcrtHandle *)other, (MlcrtHandle **)&copy);
    if (!status)
        status = mlcrt_handle_free((MlcrtHandle *)net);
    net = copy;
    return status;
}

static double held(void)
{
    uint64_t now;
    mlcrt_context_memory(c, &now, NULL);
    return (double)now / BYTES;
}

int main(void)
{
    int64_t numbers[] = { V, D, L }, es[] = { V, D }, ws[] = { L, D, D };
    MlcrtTensor leaves[] = { { embed, MLCRT_CPU, 0, 2, MLCRT_FLOAT, 32, 1, es, NULL, 0 }, { weight, MLCRT_CPU, 0, 3, MLCRT_FLOAT, 32, 1, ws, NULL, 0 } };
    pthread_t thread[THREADS];
    MlcrtSession *s;
    uint64_t most;
    for (int i = 0; i < V * D; i++)
        embed[i / D][i % D] = (float)(i * 37 % 1001 - 500) / 4096;
    for (int i = 0; i < L * D * D; i++)
        weight[i / (D * D)][i / D % D][i % D] = (float)(i * 53 % 997 - 498) / 4096;
    if (mlcrt_context_new(NULL, &c) || mlcrt_session_new(c, &s) || tied_Tied_from_tensors(s, numbers, leaves, &net))
        return 2;
    printf("made %.1f", held());
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, use, NULL))
            return 2;
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    printf(" used %.1f", held());
    mlcrt_context_memory(c, NULL, &most);
    printf(" most %s", (double)most / BYTES < 1.7 ? "one leaf more" : "too much");
    if (make_others(s, numbers, leaves))
        failed(s, "others");
    printf(" three %.1f", held());
    use(NULL);
    leaves[0].data = (embed[1][1] = 0.5f, embed);
    if (tied_Tied_from_tensors(s, numbers, leaves, &net))
        failed(s, "another");
    use(NULL);
    printf(" another %.1f\n", held());
    return mlcrt_session_free(s) || mlcrt_context_free(c);
}
EOF
"$MLC_BUILD/mlc" -c tied.ml >messages 2>&1 || { complain "does not compile: $(head -n 5 messages)"; verdict; }
# shellcheck disable=SC2086
$CC $MLC_CFLAGS -I"$MLC_SOURCE/runtime" main.c tied.o "$MLC_BUILD/libmlcrt.a" -lm -lpthread -o main >messages 2>&1 ||
    { complain "the C program: $(head -n 5 messages)"; verdict; }
./main >out 2>&1 || complain "exit status $?"
[ "$(cat out)" = "made 1.0 used 1.0 most one leaf more three 1.0 another 1.5" ] || complain "$(head -n 5 out)"
verdict
