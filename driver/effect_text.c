/* effect_text.c - effects of scripts on tokens: the byte-pair tokenizer of the runtime. */
#include <string.h>

#include "driver/script_int.h"

/* In the program a tokenizer is the text of its path; a file is read once. */
static MlcrtTokenizer *words_of(Effect *x, int i)
{
    const char *path = effect_text(x, i);
    for (int k = 0; path && k < x->s->tokenizers.n; k++)
        if (!strcmp(x->s->tokenizers.p[k].path, path))
            return x->s->tokenizers.p[k].bpe;
    if (path)
        effect_fail(x, MLCRT_EARG, "'%s' is no tokenizer that was read", path);
    return NULL;
}

int effect_tokenizer(Effect *x)
{
    Script *s = x->s;
    const char *path = effect_text(x, 0);
    if (!path)
        return MLCRT_EARG;
    ScriptWords w = { .path = name_of(s->texts, path) };
    int at = 0;
    while (at < s->tokenizers.n && s->tokenizers.p[at].path != w.path)
        at++;
    if (at == s->tokenizers.n) {
        vec_push(s->arena, &s->tokenizers, w);
        MlcrtStatus status = mlcrt_tokenizer_load(s->u->context, path, &s->tokenizers.p[at].bpe);
        if (status) {
            s->tokenizers.n--;
            return effect_fail_context(x, status, "");
        }
    }
    effect_result_text(x, path, strlen(path));
    return MLCRT_OK;
}

int effect_encode(Effect *x)
{
    MlcrtTokenizer *w = words_of(x, 0);
    const char *text = w ? effect_text(x, 1) : NULL;
    if (!text)
        return MLCRT_EARG;
    size_t n = strlen(text), count = 0;
    MlcrtStatus status = mlcrt_tokenizer_encode(w, text, n, 1, NULL, 0, &count);
    int32_t *ids = NEWN(x->s->scratch, int32_t, count + 1);
    if (!status)
        status = mlcrt_tokenizer_encode(w, text, n, 1, ids, count + 1, &count);
    if (status)
        return effect_fail_context(x, status, "");
    effect_result_tensor(x, DT_i32, (int64_t)count, ids);
    return MLCRT_OK;
}

int effect_decode(Effect *x)
{
    MlcrtTokenizer *w = words_of(x, 0);
    int64_t last, token;
    const char *text;
    size_t n;
    if (!w || !effect_int(x, 1, &last) || !effect_int(x, 2, &token))
        return MLCRT_EARG;
    MlcrtStatus status = token < INT32_MIN || token > INT32_MAX ? MLCRT_EINDEX
                         : mlcrt_tokenizer_decode(w, last < INT32_MIN || last > INT32_MAX ? -1 : (int32_t)last, (int32_t)token, &text, &n);
    if (status)
        return effect_fail(x, status, "%lld is no token", (long long)token);
    effect_result_text(x, text, n);
    return MLCRT_OK;
}

/* Characters of a text, one number each. */
int effect_code_points(Effect *x)
{
    const char *text = effect_text(x, 0);
    if (!text)
        return MLCRT_EARG;
    size_t n = strlen(text), count = 0;
    int32_t *c = NEWN(x->s->scratch, int32_t, n + 1);
    for (size_t at = 0; at < n; count++) {
        uint32_t code;
        at += rt_utf8_get(text + at, n - at, &code);
        c[count] = code == UINT32_MAX ? 0xFFFD : (int32_t)code;
    }
    effect_result_tensor(x, DT_i32, (int64_t)count, c);
    return MLCRT_OK;
}

int effect_text_of(Effect *x)
{
    const InterpTensor *t = effect_arg(x, 0);
    if (!t || t->dtype != DT_u8 || t->rank != 1)
        return effect_fail(x, MLCRT_EARG, "'text_of' wants u8[N]");
    size_t n = (size_t)t->shape[0];
    if (!rt_utf8_valid(t->data, n) || memchr(t->data, 0, n))
        return effect_fail(x, MLCRT_EFORMAT, "the bytes are not a text: they are not UTF-8, or have a byte 0");
    effect_result_text(x, t->data, n);
    return MLCRT_OK;
}

/* ---- texts --------------------------------------------------------------------------------------------------------------------- */

int effect__join(Effect *x)
{
    const char *a = effect_text(x, 0), *b = a ? effect_text(x, 1) : NULL;
    if (!b)
        return MLCRT_EARG;
    const char *both = arena_printf(x->s->scratch, "%s%s", a, b);
    effect_result_text(x, both, strlen(both));
    return MLCRT_OK;
}

int effect__same(Effect *x)
{
    const char *a = effect_text(x, 0), *b = a ? effect_text(x, 1) : NULL;
    if (!b)
        return MLCRT_EARG;
    uint8_t same = strcmp(a, b) == 0;
    effect_result_scalar(x, DT_bool, &same);
    return MLCRT_OK;
}
