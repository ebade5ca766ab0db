/* tokenizer_parts.c - what stands around the model in a tokenizer.json: how a text is normalized and cut, which tokens go around
 * it, and how tokens become text again.
 *
 *     {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "_"}, {"type": "Replace", "pattern": {"String": " "}, ...}]}
 *
 * Each object is one part with a type; a Sequence has more of them. A part that is not done here is an error that names it.
 */
#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "bpe_text.h"
#include "tokenizer_int.h"

#define MARK "\xE2\x96\x81" /* U+2581, which stands for a space */

enum { PATTERN = 512 };

/* The fields of a part, whatever its type. */
typedef struct Part {
    char type[TOK_NAME], text[TOK_NAME], scheme[TOK_NAME], behavior[TOK_NAME], pattern[PATTERN];
    bool regex, prefix_space, use_regex, split, invert;
    int64_t start, stop;
} Part;

static bool read_part(Tok *t, TokPart what);

static bool refuse(Tok *t, const char *type, const char *why)
{
    rt_json_fail(&t->json, MLCRT_EFORMAT, "");
    rt_fail(t->err, MLCRT_EFORMAT, "byte %zu: '%s' is not supported%s", t->json.offset, rt_shown(type, strlen(type)).text, why);
    return false;
}

static bool take_string(Tok *t, char *out, size_t room)
{
    return rt_tok_expect(t, RT_JSON_STRING, "this must be a text") && rt_tok_text(t, out, room);
}

static bool take_int(Tok *t, int64_t *v)
{
    bool ok = rt_tok_expect(t, RT_JSON_INT, "this must be an integer");
    *v = t->json.integer;
    return ok;
}

/* {"String": " "} or {"Regex": "..."} */
static bool take_pattern(Tok *t, Part *p)
{
    if (!rt_tok_expect(t, RT_JSON_OBJECT, "a pattern must be an object") || !rt_tok_expect(t, RT_JSON_KEY, "a pattern needs a kind"))
        return false;
    p->regex = rt_json_is(&t->json, "Regex");
    if (!p->regex && !rt_json_is(&t->json, "String"))
        return rt_json_fail(&t->json, MLCRT_EFORMAT, "a pattern of another kind"), false;
    return take_string(t, p->pattern, sizeof p->pattern) && rt_tok_expect(t, RT_JSON_OBJECT_END, "a pattern has one kind");
}

/* {"SpecialToken": {"id": "<s>", ...}} or {"Sequence": {"id": "A", ...}} of a template. */
static bool take_template_piece(Tok *t, bool *seen)
{
    RtJson *j = &t->json;
    RtBpeRules *r = &t->rules;
    char id[TOK_NAME] = "";
    if (!rt_tok_expect(t, RT_JSON_KEY, "a piece of a template needs a kind"))
        return false;
    bool special = rt_json_is(j, "SpecialToken");
    if (!rt_tok_expect(t, RT_JSON_OBJECT, "a piece of a template must be an object"))
        return false;
    while (rt_json_next(j) == RT_JSON_KEY)
        if (!(rt_json_is(j, "id") ? take_string(t, id, sizeof id) : rt_json_skip(j)))
            return false;
    if (j->kind != RT_JSON_OBJECT_END || !rt_tok_expect(t, RT_JSON_OBJECT_END, "a piece of a template has one kind"))
        return false;
    if (!special) {
        *seen = true;
        return true;
    }
    int *n = *seen ? &r->nafter : &r->nbefore;
    if (*n == RT_BPE_AROUND)
        return refuse(t, "TemplateProcessing", " with more than 8 tokens on a side");
    memcpy(*seen ? t->after[*n] : t->before[*n], id, sizeof id);
    ++*n;
    return true;
}

static bool take_template(Tok *t)
{
    bool seen = false;
    if (!rt_tok_expect(t, RT_JSON_ARRAY, "a template must be an array"))
        return false;
    while (rt_json_next(&t->json) == RT_JSON_OBJECT)
        if (!take_template_piece(t, &seen))
            return false;
    return t->json.kind == RT_JSON_ARRAY_END;
}

static bool take_parts(Tok *t, TokPart what)
{
    if (!rt_tok_expect(t, RT_JSON_ARRAY, "the parts of a sequence must be an array"))
        return false;
    while (rt_json_next(&t->json) == RT_JSON_OBJECT)
        if (!read_part(t, what))
            return false;
    return t->json.kind == RT_JSON_ARRAY_END;
}

static bool take_field(Tok *t, TokPart what, Part *p)
{
    static const char *const lists[] = { "normalizers", "pretokenizers", "processors", "decoders" };
    const struct { const char *name; char *to; size_t room; } texts[] = {
        { "type", p->type, sizeof p->type },       { "prepend", p->text, sizeof p->text },
        { "content", p->text, sizeof p->text },    { "replacement", p->text, sizeof p->text },
        { "prepend_scheme", p->scheme, sizeof p->scheme }, { "behavior", p->behavior, sizeof p->behavior } };
    const struct { const char *name; bool *to; } flags[] = {
        { "add_prefix_space", &p->prefix_space }, { "use_regex", &p->use_regex }, { "split", &p->split }, { "invert", &p->invert } };
    RtJson *j = &t->json;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (rt_json_is(j, texts[i].name))
            return take_string(t, texts[i].to, texts[i].room);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (rt_json_is(j, flags[i].name))
            return rt_tok_flag(t, flags[i].to);
    if (rt_json_is(j, "start") || rt_json_is(j, "stop"))
        return take_int(t, rt_json_is(j, "start") ? &p->start : &p->stop);
    if (rt_json_is(j, lists[what]))
        return take_parts(t, what);
    if (rt_json_is(j, "pattern"))
        return take_pattern(t, p);
    if (rt_json_is(j, "single"))
        return take_template(t);
    return rt_json_skip(j); /* of a template what is for pairs of texts; trim_offsets */
}

/* ---- what a part does ---------------------------------------------------------------------------------------------- */

static bool add_rule(Tok *t, RtRule *rules, int *n, const char *from, const char *to, const char *type)
{
    if (*n == RT_BPE_RULES || strlen(from) >= RT_BPE_RULE_TEXT || strlen(to) >= RT_BPE_RULE_TEXT)
        return refuse(t, type, " with more than 8 rules or texts of more than 15 bytes");
    strcpy(rules[*n].from, from);
    strcpy(rules[*n].to, to);
    ++*n;
    return true;
}

static bool replaces_text(Tok *t, const Part *p)
{
    return (!p->regex && *p->pattern) || refuse(t, "Replace", " with a regular expression or an empty text");
}

static bool do_normalizer(Tok *t, const Part *p)
{
    RtBpeRules *r = &t->rules;
    if (!strcmp(p->type, "Prepend"))
        return add_rule(t, r->normal, &r->nnormal, "", p->text, p->type);
    if (!strcmp(p->type, "Replace"))
        return replaces_text(t, p) && add_rule(t, r->normal, &r->nnormal, p->pattern, p->text, p->type);
    return refuse(t, p->type, " as a normalizer");
}

static bool set_cut(Tok *t, RtCut cut, const char *type)
{
    if (t->rules.cut != RT_CUT_NONE)
        return refuse(t, type, " after another way to cut");
    t->rules.cut = cut;
    return true;
}

static bool do_pre_tokenizer(Tok *t, const Part *p)
{
    RtBpeRules *r = &t->rules;
    if (!strcmp(p->type, "ByteLevel")) {
        r->byte_level = true;
        r->space_first |= p->prefix_space;
        return !p->use_regex || set_cut(t, RT_CUT_GPT2, p->type);
    }
    if (!strcmp(p->type, "Metaspace")) {
        if (strcmp(p->text, MARK) != 0)
            return refuse(t, p->type, " with another replacement than U+2581");
        r->space_first = *p->scheme ? strcmp(p->scheme, "never") != 0 : p->prefix_space;
        r->space_once = strcmp(p->scheme, "first") == 0;
        r->space_marks = true;
        return !p->split || set_cut(t, RT_CUT_MARK, p->type);
    }
    if (!strcmp(p->type, "Split") && p->regex && !p->invert && !strcmp(p->behavior, "Isolated")) {
        RtCut cut = rt_cut_find(p->pattern, strlen(p->pattern));
        return cut == RT_CUT_NONE ? refuse(t, p->type, " with this regular expression") : set_cut(t, cut, p->type);
    }
    return refuse(t, p->type, " as a pre-tokenizer");
}

static bool do_post_processor(Tok *t, const Part *p)
{
    return !strcmp(p->type, "TemplateProcessing") || !strcmp(p->type, "ByteLevel") || refuse(t, p->type, " as a post-processor");
}

static bool do_decoder(Tok *t, const Part *p)
{
    RtBpeRules *r = &t->rules;
    t->has_decoder = true;
    if (!strcmp(p->type, "Replace"))
        return replaces_text(t, p) && add_rule(t, r->decoder, &r->ndecoder, p->pattern, p->text, p->type);
    if (!strcmp(p->type, "ByteFallback"))
        return t->decodes_bytes = true;
    if (!strcmp(p->type, "Metaspace")) {
        r->strip = *p->scheme ? strcmp(p->scheme, "never") != 0 : p->prefix_space;
        return add_rule(t, r->decoder, &r->ndecoder, MARK, " ", p->type);
    }
    if (!strcmp(p->type, "Strip")) {
        r->strip = p->start == 1;
        return (!strcmp(p->text, " ") && p->start <= 1 && p->stop == 0) || refuse(t, p->type, " but of one space at the start");
    }
    return !strcmp(p->type, "Fuse") || !strcmp(p->type, "ByteLevel") || refuse(t, p->type, " as a decoder");
}

/* An object whose `{` was read. */
static bool read_part(Tok *t, TokPart what)
{
    Part p = { .prefix_space = true, .use_regex = true, .split = true };
    while (rt_json_next(&t->json) == RT_JSON_KEY)
        if (!take_field(t, what, &p))
            return false;
    if (t->json.kind != RT_JSON_OBJECT_END)
        return false;
    if (!strcmp(p.type, "Sequence"))
        return true;
    switch (what) {
    case TOK_NORMALIZER: return do_normalizer(t, &p);
    case TOK_PRE_TOKENIZER: return do_pre_tokenizer(t, &p);
    case TOK_POST_PROCESSOR: return do_post_processor(t, &p);
    default: return do_decoder(t, &p);
    }
}

bool rt_tok_part(Tok *t, TokPart what)
{
    RtJsonKind k = rt_json_next(&t->json);
    if (k == RT_JSON_NULL)
        return true;
    if (k != RT_JSON_OBJECT)
        return k != RT_JSON_ERROR && (rt_json_fail(&t->json, MLCRT_EFORMAT, "this must be an object"), false);
    return read_part(t, what);
}

/* ---- when all tokens are known ----------------------------------------------------------------------------------------- */

static MlcrtStatus find_named(Tok *t, const char *name, int32_t *id)
{
    *id = rt_bpe_lookup(t->bpe, name, strlen(name));
    return *id >= 0 ? MLCRT_OK : rt_fail(t->err, MLCRT_EFORMAT, "there is no token '%s'", rt_shown(name, strlen(name)).text);
}

static MlcrtStatus find_all(Tok *t)
{
    RtBpeRules *r = t->bpe->rules;
    MlcrtStatus status = *t->unknown ? find_named(t, t->unknown, &r->unknown) : MLCRT_OK;
    for (int i = 0; i < r->nbefore && !status; i++)
        status = find_named(t, t->before[i], &r->before[i]);
    for (int i = 0; i < r->nafter && !status; i++)
        status = find_named(t, t->after[i], &r->after[i]);
    for (int i = 0; i < RT_BPE_BYTES; i++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", i);
        r->byte_token[i] = rt_bpe_lookup(t->bpe, name, 6);
    }
    return status;
}

/* The longest first; of equal ones the lowest id. */
static int compare_special(const void *user, uint32_t a, uint32_t b)
{
    const RtSpecial *x = (const RtSpecial *)user + a, *y = (const RtSpecial *)user + b;
    return x->length != y->length ? (x->length > y->length ? -1 : 1) : (x->id > y->id) - (x->id < y->id);
}

/* What each special token is looked for as, the longest first. */
static MlcrtStatus find_special(Tok *t)
{
    RtBpeRules *r = t->bpe->rules;
    size_t used = 0, bytes = r->special_room * sizeof *r->special;
    MlcrtStatus status = MLCRT_OK;
    uint32_t *order = rt_alloc(t->alloc, r->special_room, sizeof *order);
    RtSpecial *sorted = rt_alloc(t->alloc, r->special_room, sizeof *sorted);
    if (!order || !sorted)
        status = rt_fail_memory(t->err, bytes);
    for (size_t i = 0; i < r->nspecial && !status; i++) {
        order[i] = (uint32_t)i;
        status = rt_bpe_special_text(t->bpe, &r->special[i], &used, t->err);
        if (!status && r->special[i].length)
            r->special_first[r->special[i].normalized][(unsigned char)r->special_text[r->special[i].start]] = true;
    }
    if (!status && r->nspecial) {
        rt_sort(order, r->nspecial, compare_special, r->special);
        for (size_t i = 0; i < r->nspecial; i++)
            sorted[i] = r->special[order[i]];
        memcpy(r->special, sorted, r->nspecial * sizeof *sorted);
    }
    rt_free(t->alloc, order, r->special_room, sizeof *order);
    rt_free(t->alloc, sorted, r->special_room, sizeof *sorted);
    return status;
}

/* What one token shows is written behind the others: at most RT_BPE_RULE_TEXT times its length for each rule that can grow it. */
static MlcrtStatus show(Tok *t, size_t id, size_t *used)
{
    RtBpe *p = t->bpe;
    RtBpeRules *r = p->rules;
    const RtToken *k = &p->tokens[id];
    const char *s = p->text + k->start;
    int byte = t->decodes_bytes ? rt_bpe_raw_byte(s, k->length) : -1;
    char one = (char)byte;
    size_t n = k->length, start = *used;
    if (t->known[id] & TOK_HIDDEN)
        n = 0;
    else if (byte >= 0)
        s = &one, n = 1;
    char *to = rt_grow(t->alloc, r->shown_text, &r->shown_room, start + n * RT_BPE_RULE_TEXT + 1, 1);
    if (!to)
        return rt_fail_memory(t->err, start + n * RT_BPE_RULE_TEXT + 1);
    r->shown_text = to;
    for (size_t i = 0; i < n;) {
        const RtRule *rule = NULL;
        for (int k2 = 0; k2 < r->ndecoder && !rule && byte < 0; k2++)
            if (n - i >= strlen(r->decoder[k2].from) && memcmp(s + i, r->decoder[k2].from, strlen(r->decoder[k2].from)) == 0)
                rule = &r->decoder[k2];
        size_t more = rule ? strlen(rule->to) : 1;
        memcpy(to + *used, rule ? rule->to : s + i, more);
        *used += more;
        i += rule ? strlen(rule->from) : 1;
    }
    if (*used >= UINT32_MAX / 2)
        return rt_fail(t->err, MLCRT_ELIMIT, "the tokens show 2^31 bytes or more");
    r->shown[id] = (RtToken){ (uint32_t)start, (uint32_t)(*used - start), 0 };
    return MLCRT_OK;
}

MlcrtStatus rt_tok_finish(Tok *t)
{
    RtBpe *p = t->bpe;
    RtBpeRules *r = p->rules;
    size_t used = 0;
    MlcrtStatus status = find_all(t);
    status = status ? status : find_special(t);
    if (status)
        return status;
    r->shown = rt_alloc(t->alloc, p->count, sizeof *r->shown);
    if (!r->shown)
        return rt_fail_memory(t->err, p->count * sizeof *r->shown);
    r->nshown = p->count;
    for (size_t i = 0; i < p->count && !status; i++)
        status = show(t, i, &used);
    return status;
}
