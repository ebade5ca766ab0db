/* status.c - names and sentences of the statuses, and the one way to report a failure. */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

static const struct {
    const char *name, *text;
} rows[] = {
#define STATUS(name, value, text) [value] = { #name, text },
#include "status.def"
#undef STATUS
};

static int is_row(MlcrtStatus status)
{
    return status >= 0 && status < MLCRT_STATUS_END && rows[status].name;
}

const char *rt_status_name(MlcrtStatus status)
{
    return is_row(status) ? rows[status].name : "?";
}

const char *rt_status_text(MlcrtStatus status)
{
    return is_row(status) ? rows[status].text : "unknown status";
}

/* Replaces the end of a text that was cut, at the start of a character, by "...". */
static void mark_cut(char *text, size_t room)
{
    size_t at = room - 4;
    while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    memcpy(text + at, "...", 4);
}

MlcrtStatus rt_fail(RtError *err, MlcrtStatus status, const char *format, ...)
{
    if (!err)
        return status;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (n < 0)
        memcpy(err->text, "?", 2);
    else if ((size_t)n >= sizeof err->text)
        mark_cut(err->text, sizeof err->text);
    err->status = status;
    return status;
}

MlcrtStatus rt_fail_memory(RtError *err, size_t size)
{
    return rt_fail(err, MLCRT_EMEMORY, "out of memory: %zu bytes were asked for", size);
}

RtShown rt_shown(const char *text, size_t length)
{
    enum { ESCAPE = 4, DOTS = 4 };
    RtShown s;
    size_t at = 0, out = 0;
    while (at < length) {
        size_t n = rt_utf8_length(text + at, length - at);
        bool plain = n > 1 || (n == 1 && (unsigned char)text[at] >= 0x20 && text[at] != 0x7F);
        if (out + ESCAPE + DOTS > sizeof s.text) {
            memcpy(s.text + out, "...", 3);
            out += 3;
            break;
        }
        if (plain) {
            memcpy(s.text + out, text + at, n);
            out += n;
            at += n;
        } else {
            out += (size_t)snprintf(s.text + out, ESCAPE + 1, "\\x%02X", (unsigned)(unsigned char)text[at++]);
        }
    }
    s.text[out] = 0;
    return s;
}
