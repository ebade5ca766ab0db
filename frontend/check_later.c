#include "frontend/check_int.h"
void range_help(Fx *f, const Tree *index, const Val *v, int n, Binder *b){(void)f;(void)index;(void)v;(void)n;(void)b;}
void struct_where(Fx *f, const Tree *t){(void)f;(void)t;}
void structs_init(Cx *cx){(void)cx;}
void script_check(Cx *cx, Unit *u, const Tree *file){(void)cx;(void)u;(void)file;}
const char *effect_find(Name n){(void)n;return NULL;}
bool effects_allowed(Fx *f, Span s, const char *what){(void)f;(void)s;(void)what;return true;}
Val *effect_call(Fx *f, Name n, const Tree *args, Span s){(void)n;(void)args;not_yet(f,E0501,s,"effects");return val_error();}
Val *effect_as(Fx *f, const Tree *call, const Tree *type){(void)type;not_yet(f,E0501,call->span,"load");return val_error();}
Val *draw(Fx *f, const Tree *t, int n, CoreIndex *const *idx, IrDtype want, Span s){(void)t;(void)n;(void)idx;(void)want;not_yet(f,E0501,s,"draws");return val_error();}
Val *draw_param(Fx *f, const Tree *e, IrType t, Core *key, Span s){(void)e;(void)t;(void)key;not_yet(f,E0501,s,"draws");return val_error();}
void rec_statement(Fx *f, const Tree *t){not_yet(f,E0501,t->span,"rec");}
void check_op_decl(Fx *f, Decl *d){(void)f;(void)d;}
