#include "frontend/check_int.h"
void range_help(Fx *f, const Tree *index, const Val *v, int n, Binder *b){(void)f;(void)index;(void)v;(void)n;(void)b;}
void rec_statement(Fx *f, const Tree *t){not_yet(f,E0501,t->span,"rec");}
