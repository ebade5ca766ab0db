/* mlcrt_status.h - the status that every function of the runtime returns. C99 and C++. */
#ifndef MLCRT_STATUS_H
#define MLCRT_STATUS_H

#include <stdint.h>

/** 0 is success; every other value is a row of status.def. */
typedef int32_t MlcrtStatus;

enum {
#define STATUS(name, value, text) MLCRT_##name = value,
#include "status.def"
#undef STATUS
    MLCRT_STATUS_END /* one past the last */
};

#endif
