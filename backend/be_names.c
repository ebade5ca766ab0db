/* be_names.c - how things of a module are called in C. */
#include "backend/be_names.h"

#include <ctype.h>
#include <string.h>

static const char *const reserved[] = {
    "auto", "bool", "break", "case", "catch", "char", "class", "const", "continue", "default", "delete", "do", "double", "else", "enum",
    "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int", "long", "namespace", "new",
    "operator", "private", "protected", "public", "register", "restrict", "return", "short", "signed", "sizeof", "static", "struct",
    "switch", "template", "this", "throw", "true", "try", "typedef", "typename", "union", "unsigned", "using", "virtual", "void",
    "volatile", "wchar_t", "while", "asm", "and", "or", "not", "xor", "nullptr", "constexpr", "mutable", "typeid", "typeof", "NULL",
    "alignas", "alignof", "and_eq", "bitand", "bitor", "char16_t", "char32_t", "compl", "concept", "const_cast", "decltype",
    "dynamic_cast", "noexcept", "not_eq", "or_eq", "reinterpret_cast", "requires", "static_assert", "static_cast", "thread_local",
    "xor_eq", "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t", "linux", "unix", "errno",
    "session", /* of every generated function */
};

const char *be_identifier(Arena *a, const char *name)
{
    char *s = arena_text(a, name, strlen(name));
    for (char *p = s; *p; p++)
        if (!isalnum((unsigned char)*p) || (unsigned char)*p >= 128)
            *p = '_';
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (strcmp(s, reserved[i]) == 0)
            return arena_printf(a, "%s_", s);
    return isdigit((unsigned char)*s) || !*s ? arena_printf(a, "_%s", s) : s;
}

static const char *joined(Arena *a, const char *prefix, const char *name)
{
    const char *all = arena_printf(a, "%s_%s", prefix, name);
    char *s = arena_text(a, all, strlen(all));
    for (char *p = s; *p; p++)
        if (!isalnum((unsigned char)*p) || (unsigned char)*p >= 128)
            *p = '_';
    return isdigit((unsigned char)*s) ? arena_printf(a, "_%s", s) : s;
}

const char *be_fn_name(Arena *a, const char *prefix, const MlcrtFn *fn) { return joined(a, prefix, fn->name); }
const char *be_type_name(Arena *a, const char *prefix, const MlcrtStruct *s) { return joined(a, prefix, s->name); }

const char *be_struct_symbol(Arena *a, const char *prefix, const MlcrtStruct *s)
{
    return arena_printf(a, "%s_type", be_type_name(a, prefix, s));
}

bool be_by_pointer(const MlcrtParam *p) { return p->kind == MLCRT_PARAM_SCALAR && (p->flags & (MLCRT_VAR | MLCRT_RESULT)); }
