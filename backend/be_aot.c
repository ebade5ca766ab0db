#include "backend/be_int.h"
void be_aot(Be *be) { (void)be; }
