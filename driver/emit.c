/* emit.c - what becomes of one function, as text: for --emit and :emit. */
#include <string.h>

#include "driver/codegen_int.h"

static bool emit_code(Unit *u, IrFn *tile, bool llvm, Buf *out)
{
    Buf errors = buf_new(u->arena);
    IrModule m = { .arena = u->arena, .names = u->names, .dims = u->dims, .sources = u->sources };
    BeOptions o = { .cpu = u->o.cpu, .opt = u->o.optimise, .emit_llvm = llvm, .emit_asm = !llvm };
    BeResult r = { 0 };
    vec_push(u->arena, &m.fns, tile);
    const BeApi *be = codegen_library(u->codegen, &errors);
    if (!be || !be->compile(&m, &o, &r, &errors)) {
        diag_error(u->diags, E0603, (Span){ 0 }, "no code for '%s': %s", tile->name, buf_text(&errors));
        return false;
    }
    buf_puts(out, llvm ? r.llvm : r.assembly);
    return true;
}

bool unit_emit(Unit *u, CoreFn *fn, const char *what, Buf *out)
{
    bool llvm = !strcmp(what, "llvm"), code = llvm || !strcmp(what, "asm"), tile = code || !strcmp(what, "tile");
    if (!strcmp(what, "core")) {
        core_print(fn, out);
        return true;
    }
    IrFn *ir = tile ? unit_tile_for(u, fn, unit_export_forms(u, fn)) : unit_lower(u, fn);
    if (!ir)
        return false;
    if (code)
        return emit_code(u, ir, llvm, out);
    if (!strcmp(what, "dot"))
        ir_dot(ir, out);
    else
        ir_print_fn(ir, out);
    return true;
}
