/* main.c - tells a story with the library that `mlc stories.ml` makes. No compiler is linked, only libmlcrt.
 *
 *     main MODEL TOKENIZER PROMPT [TOKENS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stories.h"

enum { ROOM = 512 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int fail(const MlcrtSession *s, MlcrtContext *c, const char *what)
{
    char text[512];
    const MlcrtError *e = s ? mlcrt_error(s) : NULL;
    if (!e || !e->status)
        mlcrt_context_error(c, text, sizeof text);
    fprintf(stderr, "%s: %s\n", what, e && e->status ? e->sentence : text);
    return 1;
}

static void say(const MlcrtTokenizer *words, int32_t last, int32_t token)
{
    const char *text;
    size_t n;
    if (!mlcrt_tokenizer_decode(words, last, token, &text, &n))
        fwrite(text, 1, n, stdout);
    fflush(stdout);
}

static int tell(MlcrtSession *s, const stories_Llama *net, stories_Cache *cache, const MlcrtTokenizer *words, const int32_t *prompt,
                size_t count, int most)
{
    int64_t shape[2] = { 1, (int64_t)count }, rows[2] = { 1, stories_Llama_V(net) }, one[1] = { 1 };
    int32_t token = prompt[count - 1], last = token;
    MlcrtTensor tokens = { .device = MLCRT_CPU, .rank = 2, .code = MLCRT_INT, .bits = 32, .lanes = 1, .shape = shape };
    MlcrtTensor logits = { .device = MLCRT_CPU, .rank = 2, .code = MLCRT_FLOAT, .bits = 32, .lanes = 1, .shape = rows };
    MlcrtTensor next = { .data = &token, .device = MLCRT_CPU, .rank = 1, .code = MLCRT_INT, .bits = 32, .lanes = 1, .shape = one };
    double start = 0;
    int n = 0;
    MlcrtStatus status = MLCRT_OK;
    tokens.data = (void *)(uintptr_t)prompt;
    logits.data = malloc((size_t)rows[1] * sizeof(float));
    for (; logits.data && n <= most; n++) {
        status = stories_step(s, net, &tokens, cache, &logits);
        if (!status)
            status = stories_choose(s, &logits, &next);
        if (n == 0)
            start = seconds();
        if (status || token == 1 || n == most)
            break;
        say(words, last, token);
        last = token;
        shape[1] = 1;
        tokens.data = &last;
    }
    free(logits.data);
    printf("\n");
    fflush(stdout); /* before what goes to stderr, wherever both go */
    if (!status)
        fprintf(stderr, "%.0f tokens/s\n", n / (seconds() - start));
    return status;
}

int main(int argc, char **argv)
{
    MlcrtContext *c = NULL;
    MlcrtSession *s = NULL;
    MlcrtTokenizer *words = NULL;
    stories_Llama *net = NULL;
    stories_Cache *cache = NULL;
    int64_t numbers[6] = { -1, -1, -1, 8, 4, -1 }; /* V L D H G F: shapes tell all but the heads */
    int32_t prompt[ROOM];
    size_t count = 0;
    MlcrtOptions o = { .size = sizeof o, .threads = 1 };
    if (argc < 4) {
        fprintf(stderr, "usage: %s MODEL TOKENIZER PROMPT [TOKENS]\n", argv[0]);
        return 2;
    }
    if (mlcrt_context_new(&o, &c) || mlcrt_session_new(c, &s))
        return fail(s, c, "start");
    if (mlcrt_tokenizer_load(c, argv[2], &words) || mlcrt_tokenizer_encode(words, argv[3], strlen(argv[3]), 1, prompt, ROOM, &count))
        return fail(NULL, c, argv[2]);
    if (stories_Llama_load(s, argv[1], NULL, numbers, &net))
        return fail(s, c, argv[1]);
    if (stories_Cache_new(s, stories_Llama_L(net), 1, stories_Llama_G(net), ROOM, stories_Llama_D(net) / stories_Llama_H(net), &cache))
        return fail(s, c, "cache");
    printf("%s", argv[3]);
    if (tell(s, net, cache, words, prompt, count, argc > 4 ? atoi(argv[4]) : 400))
        return fail(s, c, "step");
    mlcrt_context_free(c);
    return 0;
}
