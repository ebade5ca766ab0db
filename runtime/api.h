/* api.h - what a symbol needs to be seen outside the library, and how C++ reads our headers. */
#ifndef MLCRT_API_H
#define MLCRT_API_H

#ifndef MLCRT_API
#if defined(__GNUC__)
#define MLCRT_API __attribute__((visibility("default")))
#else
#define MLCRT_API
#endif
#endif

#ifdef __cplusplus
#define MLCRT_BEGIN extern "C" {
#define MLCRT_END }
#else
#define MLCRT_BEGIN
#define MLCRT_END
#endif

#endif
