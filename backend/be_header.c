/* be_header.c - the C header of a compiled module: C99 and C++, one documented function for each export, opaque types.
 *
 * Functions of models and structs are inline calls of the runtime's generic ones, so an object holds no code for them.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/be_names.h"

typedef struct Header { Arena *arena; Buf *out; const MlcrtModule *m; const char *prefix; } Header;

static const char *const c_types[DT_count] = {
#define DTYPE(name, code, bits, ctype) [DT_##name] = ctype,
#include "ir/dtypes.def"
#undef DTYPE
};

/* Text of a program inside a comment. */
static void put_comment(Buf *b, const char *text, const char *indent)
{
    for (const char *p = text; *p; p++)
        if (*p == '\n')
            buf_printf(b, "\n%s", indent);
        else if (*p == '/' && p > text && p[-1] == '*')
            buf_puts(b, " /");
        else if (*p == '/' && p[1] == '*')
            buf_puts(b, "/ ");
        else if ((unsigned char)*p >= ' ')
            buf_putc(b, *p);
}

/* ---- functions ---------------------------------------------------------------------------------------------------- */

/* A name that is none of those. */
static const char *unlike(Arena *a, const char *name, const char *const *taken, int n)
{
    const char *s = be_identifier(a, name);
    for (int i = 0; i < n; i++)
        if (!strcmp(s, taken[i])) {
            s = arena_printf(a, "%s_", s);
            i = -1;
        }
    return s;
}

/* Results have the names that all functions give them; a parameter of such a name gives way. */
static const char **param_names(Header *h, const MlcrtFn *fn)
{
    const char **names = arena_alloc(h->arena, (size_t)(fn->nparams + 1) * sizeof *names);
    const char **taken = arena_alloc(h->arena, (size_t)(fn->nparams + 1) * sizeof *taken);
    int n = 0;
    for (int i = 0; i < fn->nparams; i++)
        if (fn->params[i].flags & MLCRT_RESULT)
            names[i] = taken[n++] = be_identifier(h->arena, fn->params[i].name);
    for (int i = 0; i < fn->nparams; i++)
        if (!(fn->params[i].flags & MLCRT_RESULT)) {
            names[i] = unlike(h->arena, fn->params[i].name, taken, n);
            taken[n++] = names[i];
        }
    return names;
}

static void put_param(Header *h, const MlcrtParam *p, const char *name)
{
    bool written = p->flags & (MLCRT_VAR | MLCRT_RESULT);
    if (p->kind == MLCRT_PARAM_TENSOR)
        buf_printf(h->out, "%sMlcrtTensor *%s", written ? "" : "const ", name);
    else if (p->kind == MLCRT_PARAM_HANDLE) /* a new one that the call makes, or one that it is given */
        buf_printf(h->out, "%s%s %s%s", written ? "" : "const ", be_type_name(h->arena, h->prefix, h->m->structs[p->strct]),
                   p->flags & MLCRT_RESULT ? "**" : "*", name);
    else
        buf_printf(h->out, "%s%s%s%s", c_types[p->dtype], p->dtype == DT_str ? "" : " ", be_by_pointer(p) ? "*" : "", name);
}

static void put_fallback(Header *h, const MlcrtParam *p)
{
    double d;
    float f;
    memcpy(&d, p->fallback, 8);
    memcpy(&f, p->fallback, 4);
    buf_puts(h->out, "; default ");
    if (p->dtype == DT_f64)
        buf_printf(h->out, "%.17g", d);
    else if (p->dtype == DT_f32)
        buf_printf(h->out, "%.9g", (double)f);
    else if (p->dtype == DT_bool)
        buf_puts(h->out, p->fallback[0] ? "true" : "false");
    else
        buf_printf(h->out, "%lld", (long long)p->fallback[0]);
}

static void put_param_line(Header *h, const MlcrtParam *p, const char *name, int width)
{
    buf_printf(h->out, " *  %-*s  ", width, name);
    put_comment(h->out, p->type ? p->type : "", " *  ");
    if (p->flags & MLCRT_VAR)
        buf_puts(h->out, p->kind == MLCRT_PARAM_SCALAR ? "; written" : "; changed in place");
    if ((p->flags & MLCRT_RESULT) && p->kind == MLCRT_PARAM_TENSOR)
        buf_puts(h->out, "; its type and rank are set, `shape` has room; data NULL: memory is allocated (mlcrt_tensor_free), else the shape is checked");
    if ((p->flags & MLCRT_RESULT) && p->kind == MLCRT_PARAM_HANDLE)
        buf_printf(h->out, "; a new handle, written on success only; the caller frees it with %s_free", be_type_name(h->arena, h->prefix, h->m->structs[p->strct]));
    if (p->flags & MLCRT_DEFAULT)
        put_fallback(h, p);
    buf_putc(h->out, '\n');
}

static const char *status_name(int code)
{
    static const char *const names[] = {
#define STATUS(name, value, text) [value] = #name,
#include "runtime/status.def"
#undef STATUS
    };
    return code >= 0 && code < (int)(sizeof names / sizeof names[0]) && names[code] ? names[code] : "ECHECK";
}

static bool same_check(const MlcrtCheck *a, const MlcrtCheck *b)
{
    return a->code == b->code && a->line == b->line && !strcmp(a->text ? a->text : "", b->text ? b->text : "");
}

/* The text of a check is a format: what is known only when it fails is `...` here. */
static void put_check(Header *h, const char *text)
{
    Buf words = buf_new(h->arena);
    for (const char *hole; (hole = strstr(text, "%lld")); text = hole + 4)
        buf_printf(&words, "%.*s...", (int)(hole - text), text);
    buf_puts(&words, text);
    put_comment(h->out, buf_text(&words), " *  ");
}

static void put_errors(Header *h, const MlcrtFn *fn, int width)
{
    buf_printf(h->out, " *\n *  %-*s  at entry, everything untouched: EARG, EDTYPE, ERANK, ESTRIDE, EALIGN, EOVERLAP, EMEMORY, ESHAPE\n", width, "Errors");
    for (int i = 0; i < fn->nplan; i++) {
        const MlcrtPlanRow *r = &fn->plan[i];
        if (r->op < MLCRT_P_EQ || !r->text)
            continue;
        bool size = r->op == MLCRT_P_LE && r->b && r->b[0] == MLCRT_D_CONST && r->b[1] == INT64_MAX; /* that a fits is asked by computing it */
        buf_printf(h->out, " *  %-*s  %s unless ", width, "", size ? "ERANGE" : "ECHECK");
        put_comment(h->out, r->text, " *  ");
        buf_putc(h->out, '\n');
    }
    for (int i = 0; i < fn->nchecks; i++) {
        const MlcrtCheck *c = &fn->checks[i];
        bool said = false;
        for (int k = 0; k < i && !said; k++)
            said = same_check(c, &fn->checks[k]);
        if (said)
            continue;
        buf_printf(h->out, " *  %-*s  later: %s, line %d: ", width, "", status_name(c->code), c->line);
        put_check(h, c->text ? c->text : "");
        buf_putc(h->out, '\n');
    }
}

static void put_function(Header *h, const MlcrtFn *fn)
{
    const char **names = param_names(h, fn);
    int width = 7;
    for (int i = 0; i < fn->nparams; i++) {
        int n = (int)strlen(fn->params[i].name) + 1;
        width = n > width ? (n < 20 ? n : 20) : width;
    }
    buf_puts(h->out, "\n/** ");
    put_comment(h->out, fn->doc && *fn->doc ? fn->doc : fn->name, " *  ");
    buf_puts(h->out, "\n *\n *      ");
    put_comment(h->out, fn->signature ? fn->signature : fn->name, " *      ");
    buf_puts(h->out, "\n *\n");
    for (int i = 0; i < fn->nparams; i++)
        put_param_line(h, &fn->params[i], names[i], width);
    put_errors(h, fn, width);
    buf_printf(h->out, " */\nMLCRT_API MlcrtStatus %s(MlcrtSession *session", be_fn_name(h->arena, h->prefix, fn));
    for (int i = 0; i < fn->nparams; i++) {
        buf_puts(h->out, ", ");
        put_param(h, &fn->params[i], names[i]);
    }
    buf_puts(h->out, ");\n");
}

/* ---- models and structs ---------------------------------------------------------------------------------------------- */

static bool draws(const MlcrtStruct *s)
{
    for (int i = 0; s->init && i < s->init->nleaves; i++)
        if (s->init->leaves[i].dtype == DT_key)
            return true;
    return false;
}

static void put_list(Buf *b, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        buf_printf(b, "%s%s", i ? ", " : "", names[i]);
}

/* What follows the arguments: the call with a handle of its own, handed over under the type's name. */
static void put_handing_over(Header *h, const char *type, const char *call)
{
    buf_printf(h->out, "{\n    MlcrtHandle *handle = 0;\n    MlcrtStatus status = %s;\n    *out = (%s *)handle;\n    return status;\n}\n", call, type);
}

/* Of the header numbers, beside what such a function has anyway. */
static const char **number_names(Header *h, const MlcrtStruct *s)
{
    static const char *const own[] = { "key", "out", "numbers", "handle", "status" };
    enum { OWN = sizeof own / sizeof own[0] };
    const char **names = arena_alloc(h->arena, (size_t)(OWN + s->nnumbers) * sizeof *names);
    memcpy(names, own, sizeof own);
    for (int i = 0; i < s->nnumbers; i++)
        names[OWN + i] = unlike(h->arena, s->numbers[i], names, OWN + i);
    return names + OWN;
}

static void put_new(Header *h, const MlcrtStruct *s, const char *type)
{
    const char **named = number_names(h, s);
    Arena *a = h->arena;
    const char *symbol = be_struct_symbol(a, h->prefix, s);
    bool key = draws(s);
    buf_printf(h->out, "\n/** A new %s: fields get their defaults%s.%s", s->name, key ? ", parameters are drawn with the key, { { seed, 0 } }" : "",
               s->is_model && s->nnumbers ? " numbers: " : "");
    put_list(h->out, s->numbers, s->is_model ? s->nnumbers : 0);
    buf_printf(h->out, "%s */\n", s->is_model && s->nnumbers ? "." : "");
    buf_printf(h->out, "static inline MlcrtStatus %s_new(MlcrtSession *session", type);
    if (s->is_model)
        buf_puts(h->out, ", const int64_t *numbers, const struct MlcrtKey *key");
    for (int i = 0; i < s->nnumbers && !s->is_model; i++)
        buf_printf(h->out, ", int64_t %s", named[i]);
    if (key && !s->is_model)
        buf_puts(h->out, ", const struct MlcrtKey *key");
    buf_printf(h->out, ", %s **out)\n", type);
    Buf call = buf_new(a);
    if (!s->is_model) {
        buf_printf(&call, "mlcrt_handle_new(session, &%s_module, &%s, numbers, %s, &handle)", h->prefix, symbol, key ? "key" : "0");
        Buf numbers = buf_new(a);
        for (int i = 0; i < s->nnumbers; i++)
            buf_printf(&numbers, "%s%s", i ? ", " : "", named[i]);
        buf_printf(h->out, "{\n    const int64_t numbers[] = { %s };\n    MlcrtHandle *handle = 0;\n    MlcrtStatus status = %s;\n"
                   "    *out = (%s *)handle;\n    return status;\n}\n", s->nnumbers ? buf_text(&numbers) : "0", buf_text(&call), type);
        return;
    }
    buf_printf(&call, "mlcrt_handle_new(session, &%s_module, &%s, numbers, key, &handle)", h->prefix, symbol);
    put_handing_over(h, type, buf_text(&call));
}

static void put_load_save(Header *h, const MlcrtStruct *s, const char *type)
{
    Arena *a = h->arena;
    const char *symbol = be_struct_symbol(a, h->prefix, s);
    buf_printf(h->out, "\n/** Loads one from a safetensors, GGUF or llama2.c file; see mlcrt_handle_load.%s", s->nnumbers ? " numbers: " : "");
    put_list(h->out, s->numbers, s->nnumbers);
    buf_printf(h->out, "%s */\nstatic inline MlcrtStatus %s_load(MlcrtSession *session, const char *path, const MlcrtRename *renames,\n"
               "    const int64_t *numbers, %s **out)\n", s->nnumbers ? "; -1 is solved from the file." : "", type, type);
    put_handing_over(h, type, arena_printf(a, "mlcrt_handle_load(session, &%s_module, &%s, path, renames, numbers, &handle)", h->prefix, symbol));
    buf_printf(h->out, "\n/** From one tensor for each leaf, in order; they are copied. */\n"
               "static inline MlcrtStatus %s_from_tensors(MlcrtSession *session, const int64_t *numbers, const MlcrtTensor *leaves,\n"
               "    %s **out)\n", type, type);
    put_handing_over(h, type, arena_printf(a, "mlcrt_handle_from_tensors(session, &%s_module, &%s, numbers, leaves, &handle)", h->prefix, symbol));
    buf_printf(h->out, "\n/** Saves it as a safetensors file, whole or not at all. */\n"
               "static inline MlcrtStatus %s_save(MlcrtSession *session, const %s *handle, const char *path)\n"
               "{\n    return mlcrt_handle_save(session, (MlcrtHandle *)(uintptr_t)handle, path);\n}\n", type, type);
    buf_printf(h->out, "\n/** A second, independent one. */\nstatic inline MlcrtStatus %s_copy(MlcrtSession *session, const %s *from, %s **out)\n", type, type, type);
    put_handing_over(h, type, "mlcrt_handle_copy(session, (MlcrtHandle *)(uintptr_t)from, &handle)");
    buf_printf(h->out, "\n/** Releases it; NULL is ignored. */\nstatic inline MlcrtStatus %s_free(%s *handle)\n"
               "{\n    return mlcrt_handle_free((MlcrtHandle *)handle);\n}\n", type, type);
    buf_printf(h->out, "\n/** Copies a leaf out, or one element of a list: \"layers.3.norm.weight\". */\n"
               "static inline MlcrtStatus %s_get(MlcrtSession *session, const %s *handle, const char *path, MlcrtTensor *tensor)\n"
               "{\n    return mlcrt_handle_get(session, (MlcrtHandle *)(uintptr_t)handle, path, tensor);\n}\n", type, type);
}

/* "a.b" -> "a_b", "*" of lists left out; `taken` holds the names that the type has. */
static const char *accessor(Header *h, Map *taken, Names *names, const char *path)
{
    Buf b = buf_new(h->arena);
    for (const char *p = path; *p; p++)
        if (isalnum((unsigned char)*p) && (unsigned char)*p < 128)
            buf_putc(&b, *p);
        else if (*p != '*' && b.n && b.p[b.n - 1] != '_')
            buf_putc(&b, '_');
    const char *s = buf_text(&b);
    while (map_find(taken, name_of(names, s)) || map_find(taken, name_of(names, arena_printf(h->arena, "set_%s", s))))
        s = arena_printf(h->arena, "%s_", s);
    map_put(taken, name_of(names, s), h);
    map_put(taken, name_of(names, arena_printf(h->arena, "set_%s", s)), h);
    return s;
}

static void put_field(Header *h, const char *type, const char *name, const MlcrtLeaf *l, int i)
{
    const char *t = c_types[l->dtype];
    if (l->rank) {
        buf_printf(h->out, "\n/** A view of `%s`, valid until the struct is freed; see mlcrt_handle_view. */\n"
                   "static inline MlcrtStatus %s_%s(%s *handle, MlcrtTensor *view)\n"
                   "{\n    return mlcrt_handle_view((MlcrtHandle *)handle, %d, view);\n}\n", l->path, type, name, type, i);
        return;
    }
    bool key = l->dtype == DT_key;
    buf_printf(h->out, "\nstatic inline %s %s_%s(const %s *handle)\n{\n    %s value%s;\n"
               "    mlcrt_handle_field((MlcrtHandle *)(uintptr_t)handle, %d, &value);\n    return value;\n}\n",
               t, type, name, type, t, key ? " = { { 0, 0 } }" : " = 0", i);
    buf_printf(h->out, "\nstatic inline MlcrtStatus %s_set_%s(%s *handle, %s value)\n"
               "{\n    return mlcrt_handle_set_field((MlcrtHandle *)handle, %d, &value);\n}\n", type, name, type, t, i);
}

static void put_accessors(Header *h, const MlcrtStruct *s, const char *type)
{
    static const char *const own[] = { "new", "load", "save", "copy", "free", "get", "type", "from_tensors" };
    Names *names = names_new(h->arena);
    Map taken = map_new(h->arena);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        map_put(&taken, name_of(names, own[i]), h);
    buf_putc(h->out, '\n');
    for (int i = 0; i < s->nnumbers; i++)
        buf_printf(h->out, "static inline int64_t %s_%s(const %s *handle)\n{\n"
                   "    return mlcrt_handle_number((MlcrtHandle *)(uintptr_t)handle, %d);\n}\n", type, accessor(h, &taken, names, s->numbers[i]), type, i);
    for (int i = 0; i < s->nleaves && !s->is_model; i++)
        put_field(h, type, accessor(h, &taken, names, s->leaves[i].path), &s->leaves[i], i);
}

static void put_struct(Header *h, const MlcrtStruct *s)
{
    const char *type = be_type_name(h->arena, h->prefix, s);
    buf_printf(h->out, "\n/* ---- %s ---- */\n", s->name);
    if (s->doc && *s->doc) {
        buf_puts(h->out, "\n/** ");
        put_comment(h->out, s->doc, " *  ");
        buf_puts(h->out, " */");
    }
    buf_printf(h->out, "\nMLCRT_API extern const struct MlcrtStruct %s;\n", be_struct_symbol(h->arena, h->prefix, s));
    if (s->init)
        put_new(h, s, type);
    put_load_save(h, s, type);
    put_accessors(h, s, type);
}

static bool uses_keys(const MlcrtModule *m)
{
    for (int i = 0; i < m->nfns; i++)
        for (int k = 0; k < m->fns[i]->nparams; k++)
            if (m->fns[i]->params[k].kind == MLCRT_PARAM_SCALAR && m->fns[i]->params[k].dtype == DT_key)
                return true;
    for (int i = 0; i < m->nstructs; i++) {
        const MlcrtStruct *s = m->structs[i];
        if (s->init && draws(s))
            return true;
        for (int k = 0; k < s->nleaves; k++)
            if (s->leaves[k].dtype == DT_key && s->leaves[k].rank == 0)
                return true;
    }
    return false;
}

void be_header(const MlcrtModule *m, const char *prefix, Buf *out)
{
    Header h = { out->arena, out, m, be_identifier(out->arena, prefix) };
    const char *guard = arena_printf(out->arena, "MLC_GENERATED_%s_H", h.prefix);
    buf_printf(out, "/* %s.h - functions compiled from %s.ml. C99 and C++. Generated: do not edit.\n *\n"
               " * Link with libmlcrt. Every function returns a status, 0 for success; mlcrt_error(session) tells what went wrong.\n */\n"
               "#ifndef %s\n#define %s\n\n#include <stdbool.h>\n#include <stdint.h>\n\n#include \"mlcrt.h\"\n", h.prefix, h.prefix, guard, guard);
    if (uses_keys(m))
        buf_puts(out, "#include \"abi.h\" /* MlcrtKey */\n");
    buf_puts(out, "\nMLCRT_BEGIN\n\n");
    for (int i = 0; i < m->nstructs; i++) {
        const char *type = be_type_name(out->arena, h.prefix, m->structs[i]);
        buf_printf(out, "typedef struct %s %s;\n", type, type);
    }
    buf_printf(out, "\nMLCRT_API extern const struct MlcrtModule %s_module;\n", h.prefix);
    for (int i = 0; i < m->nfns; i++)
        put_function(&h, m->fns[i]);
    for (int i = 0; i < m->nstructs; i++)
        put_struct(&h, m->structs[i]);
    buf_printf(out, "\nMLCRT_END\n\n#endif\n");
}
