/* suite.c - the cases of a folder, in one form for every suite; README.md of the parent folder has the formats. */
#include "runner.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- files --------------------------------------------------------------------------------------------------- */

char *file_text(Arena *a, const char *path, size_t *length)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    Buf b = buf_new(a);
    char block[1 << 16];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
        buf_add(&b, block, n);
    bool ok = !ferror(f);
    fclose(f);
    if (length)
        *length = b.n;
    return ok ? buf_text(&b) : NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void walk(Arena *a, const char *dir, const char *ending, int depth, Paths *out)
{
    DIR *d = opendir(dir);
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));) {
        size_t n = strlen(e->d_name), m = strlen(ending);
        struct stat s;
        if (e->d_name[0] == '.')
            continue;
        const char *path = arena_printf(a, "%s/%s", dir, e->d_name);
        if (stat(path, &s))
            continue;
        if (S_ISDIR(s.st_mode) && depth > 0)
            walk(a, path, ending, depth - 1, out);
        else if (S_ISREG(s.st_mode) && n > m && !strcmp(e->d_name + n - m, ending))
            vec_push(a, out, path);
    }
    closedir(d);
}

void folder_files(Arena *a, const char *dir, const char *ending, int depth, Paths *out)
{
    walk(a, dir, ending, depth, out);
    if (out->n)
        qsort(out->p, (size_t)out->n, sizeof *out->p, by_text);
}

/* ---- one manifest ---------------------------------------------------------------------------------------------- */

typedef struct Reading {
    Suite *s;
    const char *path, *folder, *stem;
    MlcrtFile *file;
    const char *error, *unreadable;
    const Value *head; /* not NULL: of a file that is refused for types of some of its tensors */
    const char *bytes;
    size_t length;
} Reading;

static void wrong(Reading *r, const char *what, const char *name)
{
    if (!r->error)
        r->error = arena_printf(r->s->arena, "%s '%s'", what, name);
}

static const Value *get(Reading *r, const Value *v, const char *key)
{
    const Value *x = value_get(v, key);
    if (!x)
        wrong(r, "a case lacks", key);
    return x ? x : value_null();
}

static const char *text_of(Reading *r, const Value *v, const char *key)
{
    const Value *x = get(r, v, key);
    return x->kind == V_text ? x->text : "";
}

/* Element `i` of a list of names; "" if it is none. */
static const char *name_at(const Value *list, int i)
{
    return list->items.p[i]->kind == V_text ? list->items.p[i]->text : "";
}

static const Value *tensor(Reading *r, const char *key)
{
    Value *v = NEW(r->s->arena, Value);
    v->kind = V_tensor;
    v->text = key;
    bool found = r->head         ? header_tensor(r->s->arena, r->head, r->bytes, r->length, key, &v->tensor)
                 : r->unreadable ? false
                                 : !mlcrt_file_find(r->file, key, &v->tensor);
    if (!found) {
        wrong(r, r->unreadable ? r->unreadable : "there is no tensor", key);
        return value_null();
    }
    return v;
}

/* {"tensor": key} anywhere inside becomes the tensor. */
static const Value *with_tensors(Reading *r, const Value *v)
{
    const Value *key = value_get(v, "tensor");
    if (key && key->kind == V_text && v->items.n == 1)
        return tensor(r, key->text);
    if (v->kind != V_list && v->kind != V_dict)
        return v;
    Value *w = NEW(r->s->arena, Value);
    w->kind = v->kind;
    w->keys.p = v->keys.p, w->keys.n = w->keys.cap = v->keys.n;
    for (int i = 0; i < v->items.n; i++)
        vec_push(r->s->arena, &w->items, with_tensors(r, v->items.p[i]));
    return w;
}

static Value *dict_of(Reading *r, const Value *v)
{
    Value *d = value_dict(r->s->arena);
    for (int i = 0; v && v->kind == V_dict && i < v->items.n; i++)
        value_put(r->s->arena, d, v->keys.p[i], v->items.p[i]);
    return d;
}

static void add_tensors(Reading *r, Value *d, const Value *keys)
{
    for (int i = 0; keys && keys->kind == V_dict && i < keys->items.n; i++)
        if (keys->items.p[i]->kind == V_text)
            value_put(r->s->arena, d, keys->keys.p[i], tensor(r, keys->items.p[i]->text));
}

/* [{"name": .., "key": ..}] */
static const Value *named_tensor(Reading *r, const Value *list, const char *name)
{
    for (int i = 0; i < list->items.n; i++) {
        const Value *n = value_get(list->items.p[i], "name"), *k = value_get(list->items.p[i], "key");
        if (n && k && n->kind == V_text && k->kind == V_text && !strcmp(n->text, name))
            return tensor(r, k->text);
    }
    return value_null();
}

/* Numbers of attributes are f32 in the operators' format: 0.1 stands for the f32 next to it. Not those of graphs, which are tensors. */
static const Value *singles(Arena *a, const Value *v)
{
    if (v->kind == V_real)
        return value_real(a, (double)(float)v->d);
    if (v->kind != V_list)
        return v;
    Value *w = value_list(a);
    for (int i = 0; i < v->items.n; i++)
        vec_push(a, &w->items, singles(a, v->items.p[i]));
    return w;
}

static const Value *attributes(Reading *r, const Value *node)
{
    Value *d = dict_of(r, get(r, node, "attributes"));
    for (int i = 0; i < d->items.n; i++)
        d->items.p[i] = singles(r->s->arena, d->items.p[i]);
    return d;
}

static void onnx_case(Reading *r, const Value *v, Case *c)
{
    Arena *a = r->s->arena;
    const Value *node = get(r, v, "node"), *inputs = get(r, node, "inputs"), *outputs = get(r, v, "outputs");
    Value *positional = value_list(a), *results = value_dict(a);
    c->op = text_of(r, node, "op");
    for (int i = 0; i < inputs->items.n; i++)
        vec_push(a, &positional->items, named_tensor(r, get(r, v, "inputs"), name_at(inputs, i)));
    for (int i = 0; i < outputs->items.n; i++) {
        const char *name = text_of(r, outputs->items.p[i], "name");
        value_put(a, results, name, named_tensor(r, outputs, name));
    }
    c->positional = positional;
    c->results = get(r, node, "outputs");
    c->named = attributes(r, node);
    c->outputs = results;
}

static void opinfo_case(Reading *r, const Value *v, Case *c)
{
    Arena *a = r->s->arena;
    const char *slash = strrchr(c->name, '/');
    const Value *out = get(r, v, "out");
    Value *results = value_dict(a);
    c->op = slash ? arena_text(a, c->name, (size_t)(slash - c->name)) : c->name;
    c->positional = with_tensors(r, get(r, v, "args"));
    c->named = with_tensors(r, get(r, v, "kwargs"));
    for (int i = 0; i < out->items.n; i++)
        value_put(a, results, arena_printf(a, "%d", i), tensor(r, name_at(out, i)));
    c->outputs = results;
}

static void golden_case(Reading *r, const Value *v, Case *c)
{
    Arena *a = r->s->arena;
    Value *named = dict_of(r, value_get(v, "attributes")), *results = value_dict(a);
    add_tensors(r, named, value_get(v, "inputs"));
    add_tensors(r, results, get(r, v, "outputs"));
    c->op = c->name = arena_printf(a, "%s/%s", strcmp(r->stem, "cases") ? r->stem : r->folder, c->name);
    c->positional = value_list(a);
    c->named = named;
    c->outputs = results;
}

/* Inputs are shared by all cases of the manifest; everything of a case that is a number, text or object is an attribute. */
static void rl_case(Reading *r, const Value *v, const Value *whole, Case *c)
{
    Arena *a = r->s->arena;
    Value *named = dict_of(r, v), *results = value_dict(a);
    const Value *inputs = get(r, whole, "inputs"), *args = value_get(v, "args"), *out = value_get(v, "outputs");
    size_t n = 0, prefix = strlen(c->name);
    for (int i = 0; args && i < args->items.n; i++)
        value_put(a, named, args->keys.p[i], args->items.p[i]);
    for (int i = 0; i < inputs->items.n; i++)
        value_put(a, named, inputs->keys.p[i], tensor(r, arena_printf(a, "in/%s", inputs->keys.p[i])));
    for (int i = 0; out && i < out->items.n; i++)
        value_put(a, results, name_at(out, i), tensor(r, arena_printf(a, "%s/%s", c->name, name_at(out, i))));
    mlcrt_file_count(r->file, &n);
    for (size_t i = 0; !out && i < n; i++) {
        const char *key;
        MlcrtTensor t;
        if (!mlcrt_file_get(r->file, i, &key, &t) && !strncmp(key, c->name, prefix) && key[prefix] == '/')
            value_put(a, results, key + prefix + 1, tensor(r, key));
    }
    c->op = c->name = arena_printf(a, "%s/%s", r->stem, c->name);
    c->positional = value_list(a);
    c->named = named;
    c->outputs = results;
}

static void read_cases(Reading *r, const Value *whole, const Value *list)
{
    for (int i = 0; i < list->items.n; i++) {
        const Value *v = list->items.p[i];
        Case c = { .name = text_of(r, v, "name") };
        const char *kind = r->s->kind;
        Value *names = value_list(r->s->arena);
        if (!strcmp(kind, "onnx"))
            onnx_case(r, v, &c);
        else if (!strcmp(kind, "opinfo"))
            opinfo_case(r, v, &c);
        else if (!strcmp(kind, "golden"))
            golden_case(r, v, &c);
        else
            rl_case(r, v, whole, &c);
        for (int k = 0; !c.results && k < c.outputs->keys.n; k++)
            vec_push(r->s->arena, &names->items, value_text(r->s->arena, c.outputs->keys.p[k]));
        c.results = c.results ? c.results : names;
        c.error = r->error;
        r->error = NULL;
        vec_push(r->s->arena, &r->s->cases, c);
    }
}

/* What cannot be read is a case that fails. */
static void push_unread(Suite *s, const char *path, const char *error)
{
    Case c = { .name = path, .op = "", .positional = value_list(s->arena), .named = value_dict(s->arena), .outputs = value_dict(s->arena), .error = error };
    c.results = c.positional;
    vec_push(s->arena, &s->cases, c);
}

static void read_manifest(Suite *s, const char *path)
{
    Arena *a = s->arena;
    size_t stem = strlen(path) - strlen(".json"), length = 0;
    const char *file = strrchr(path, '/') + 1, *data = arena_printf(a, "%.*s.safetensors", (int)stem, path), *error = NULL;
    const char *up = file - 1;
    while (up > path && up[-1] != '/')
        up--;
    Reading r = { .s = s, .path = path, .stem = arena_text(a, file, strlen(file) - strlen(".json")),
                  .folder = arena_text(a, up, (size_t)(file - 1 - up)) };
    const char *text = file_text(a, path, &length);
    const Value *whole = text ? json_read(a, text, length, &error) : NULL;
    const Value *list = whole && whole->kind == V_dict ? value_get(whole, "cases") : whole;
    if (!list || list->kind != V_list)
        push_unread(s, path, !text ? "the file" : !whole ? error : "the manifest has no list of cases");
    else {
        char why[600];
        MlcrtStatus status = mlcrt_file_open(s->context, data, &r.file);
        if (status) {
            mlcrt_context_error(s->context, why, sizeof why);
            r.unreadable = arena_printf(a, "%s; there is no tensor", why);
            r.bytes = status == MLCRT_EDTYPE ? file_text(a, data, &r.length) : NULL;
            r.head = header_read(a, r.bytes, r.length);
        }
        read_cases(&r, whole, list);
    }
}

bool suite_read(Suite *s, const char *dir)
{
    Paths manifests = { 0 };
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/') /* the folder's own name is wanted later */
        length--;
    dir = arena_text(s->arena, dir, length);
    folder_files(s->arena, dir, ".json", 2, &manifests);
    for (int i = 0; i < manifests.n; i++)
        read_manifest(s, manifests.p[i]);
    if (!manifests.n)
        s->error = arena_printf(s->arena, "'%s' holds no manifest", dir);
    return !s->error;
}
