/* be_api.c - the one symbol that libmlc-llvm.so exports. */
#include "backend/backend.h"

#include <llvm/Config/llvm-config.h>

static const char *llvm_version(void)
{
    return LLVM_VERSION_STRING;
}

static const BeApi api = { BE_API_VERSION, be_compile, be_compile_aot, llvm_version };

const BeApi *mlcbe_api(void)
{
    return &api;
}
