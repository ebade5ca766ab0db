/* effect_image.c - pictures: PNG and JPEG through libpng and libjpeg, which are loaded when the first such picture is read, and PPM.
 *
 * Without one of the libraries its pictures give a status; nothing else needs them. Neither library prints or ends the process here:
 * libpng is used through its simplified interface, which returns, and libjpeg's way to end is replaced by a jump.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "driver/script_int.h"

#if __has_include(<png.h>)
#include <png.h>
#define HAS_PNG 1
#else
#define HAS_PNG 0
#endif
#if __has_include(<jpeglib.h>)
#include <jpeglib.h>
#define HAS_JPEG 1
#else
#define HAS_JPEG 0
#endif

enum { MOST_PIXELS = 1 << 28 };

/* Room for a picture, as the result of the effect; NULL for one that is empty or too large. */
static uint8_t *room_for(Effect *x, int64_t height, int64_t width)
{
    if (height < 1 || width < 1 || height > MOST_PIXELS / width) {
        effect_fail(x, MLCRT_ELIMIT, "the picture has no pixels, or more than 2^28");
        return NULL;
    }
    uint8_t *p = arena_alloc(x->s->scratch, (size_t)(height * width * 3));
    if (x->nresults)
        x->results[0] = (InterpTensor){ .dtype = DT_u8, .rank = 3, .shape = { height, width, 3 }, .data = p };
    return p;
}

/* ---- PPM ------------------------------------------------------------------------------------------------------------------- */

/* A number of the header, behind white space and comments; -1 if there is none. */
static int64_t ppm_number(const RtFile *f, size_t *at)
{
    int64_t v = 0;
    while (*at < f->size && (f->data[*at] == '#' || rt_is_space(f->data[*at])))
        if (f->data[*at] != '#')
            ++*at;
        else
            while (*at < f->size && f->data[*at] != '\n')
                ++*at;
    size_t start = *at;
    for (; *at < f->size && *at - start < 9 && f->data[*at] >= '0' && f->data[*at] <= '9'; ++*at)
        v = 10 * v + f->data[*at] - '0';
    return *at > start ? v : -1;
}

static int read_ppm(Effect *x, const RtFile *f)
{
    size_t at = 2;
    int64_t width = ppm_number(f, &at), height = ppm_number(f, &at), most = ppm_number(f, &at);
    if (width < 0 || height < 0 || most != 255 || at >= f->size)
        return effect_fail(x, MLCRT_EFORMAT, "'%s' is no PPM file of 8 bits", effect_text(x, 0));
    at++; /* one white space */
    uint8_t *p = room_for(x, height, width);
    if (!p)
        return MLCRT_ELIMIT;
    size_t bytes = (size_t)(height * width * 3);
    if (f->size - at < bytes)
        return effect_fail(x, MLCRT_EFORMAT, "'%s' ends before its pixels do", effect_text(x, 0));
    memcpy(p, f->data + at, bytes);
    return MLCRT_OK;
}

/* ---- libraries --------------------------------------------------------------------------------------------------------------- */

#if HAS_PNG || HAS_JPEG
static void *open_library(Effect *x, const char *name)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        effect_fail(x, MLCRT_EIO, "'%s' needs the library %s, which is not there", effect_text(x, 0), name);
    return library;
}

#define TAKE(library, name) ((__typeof__(&name))dlsym(library, #name))
#endif

#if HAS_PNG
static int decode_png(Effect *x, const RtFile *f, void *library)
{
    __typeof__(&png_image_begin_read_from_memory) begin = TAKE(library, png_image_begin_read_from_memory);
    __typeof__(&png_image_finish_read) finish = TAKE(library, png_image_finish_read);
    __typeof__(&png_image_free) drop = TAKE(library, png_image_free);
    png_image image = { .version = PNG_IMAGE_VERSION };
    if (!begin || !finish || !drop)
        return effect_fail(x, MLCRT_EIO, "libpng has another interface than is expected");
    if (!begin(&image, f->data, f->size))
        return effect_fail(x, MLCRT_EFORMAT, "'%s': %s", effect_text(x, 0), image.message);
    image.format = PNG_FORMAT_RGB;
    uint8_t *p = room_for(x, image.height, image.width);
    int status = p ? MLCRT_OK : MLCRT_ELIMIT;
    if (p && !finish(&image, &(png_color){ 255, 255, 255 }, p, 0, NULL)) /* what is transparent lies on white */
        status = effect_fail(x, MLCRT_EFORMAT, "'%s': %s", effect_text(x, 0), image.message);
    drop(&image);
    return status;
}

static int read_png(Effect *x, const RtFile *f)
{
    void *library = open_library(x, "libpng16.so.16");
    if (!library)
        return MLCRT_EIO;
    int status = decode_png(x, f, library);
    dlclose(library);
    return status;
}
#endif

#if HAS_JPEG
typedef struct Jpeg {
    struct jpeg_decompress_struct c;
    struct jpeg_error_mgr errors;
    jmp_buf out;
    char text[JMSG_LENGTH_MAX];
} Jpeg;

static void jpeg_ends(j_common_ptr c)
{
    Jpeg *j = (Jpeg *)c; /* `c` is its first member */
    c->err->format_message(c, j->text);
    longjmp(j->out, 1);
}

static void jpeg_says(j_common_ptr c)
{
    (void)c;
}

/* Names of the library that decoding needs. */
typedef struct JpegCalls {
    __typeof__(&jpeg_std_error) std_error;
    __typeof__(&jpeg_CreateDecompress) create;
    __typeof__(&jpeg_mem_src) source;
    __typeof__(&jpeg_read_header) header;
    __typeof__(&jpeg_start_decompress) start;
    __typeof__(&jpeg_read_scanlines) scanlines;
    __typeof__(&jpeg_destroy_decompress) destroy;
} JpegCalls;

/* Everything between creation and destruction; ends with a jump where the file is wrong. */
static int decode_rows(Effect *x, const RtFile *f, const JpegCalls *k, Jpeg *j)
{
    k->create(&j->c, JPEG_LIB_VERSION, sizeof j->c);
    k->source(&j->c, f->data, f->size);
    k->header(&j->c, TRUE);
    j->c.out_color_space = JCS_RGB;
    k->start(&j->c);
    uint8_t *p = room_for(x, j->c.output_height, j->c.output_width);
    if (!p)
        return MLCRT_ELIMIT;
    while (j->c.output_scanline < j->c.output_height) {
        JSAMPROW row = p + (size_t)j->c.output_scanline * j->c.output_width * 3;
        k->scanlines(&j->c, &row, 1);
    }
    return MLCRT_OK;
}

static int decode_jpeg(Effect *x, const RtFile *f, const JpegCalls *k)
{
    Jpeg *j = arena_alloc(x->s->scratch, sizeof *j);
    *j = (Jpeg){ .text = "" };
    j->c.err = k->std_error(&j->errors);
    j->errors.error_exit = jpeg_ends;
    j->errors.output_message = jpeg_says;
    volatile int status = MLCRT_EFORMAT;
    if (!setjmp(j->out))
        status = decode_rows(x, f, k, j);
    k->destroy(&j->c);
    return *j->text ? effect_fail(x, MLCRT_EFORMAT, "'%s': %s", effect_text(x, 0), j->text) : status;
}

static int read_jpeg(Effect *x, const RtFile *f)
{
    void *library = open_library(x, "libjpeg.so.62");
    if (!library)
        return MLCRT_EIO;
    JpegCalls k = { TAKE(library, jpeg_std_error),      TAKE(library, jpeg_CreateDecompress), TAKE(library, jpeg_mem_src),
                    TAKE(library, jpeg_read_header),    TAKE(library, jpeg_start_decompress), TAKE(library, jpeg_read_scanlines),
                    TAKE(library, jpeg_destroy_decompress) };
    bool all = k.std_error && k.create && k.source && k.header && k.start && k.scanlines && k.destroy;
    int status = all ? decode_jpeg(x, f, &k) : effect_fail(x, MLCRT_EIO, "libjpeg has another interface than is expected");
    dlclose(library);
    return status;
}
#endif

static bool begins(const RtFile *f, const char *magic)
{
    return f->size >= strlen(magic) && memcmp(f->data, magic, strlen(magic)) == 0;
}

int effect_read_image(Effect *x)
{
    RtError err = { 0 };
    const char *path = effect_text(x, 0);
    if (!path)
        return MLCRT_EARG;
    RtFile *f = &x->s->file;
    rt_file_close(f);
    *f = (RtFile){ 0 };
    MlcrtStatus status = rt_file_open(&x->s->u->context->counted, path, RT_FILE_READ, f, &err);
    if (status)
        return effect_fail(x, status, "%s", err.text);
    if (begins(f, "P6"))
        return read_ppm(x, f);
#if HAS_PNG
    if (begins(f, "\x89PNG"))
        return read_png(x, f);
#endif
#if HAS_JPEG
    if (begins(f, "\xFF\xD8\xFF"))
        return read_jpeg(x, f);
#endif
    return effect_fail(x, MLCRT_EFORMAT, "'%s' is no picture that can be read: PPM%s%s", path, HAS_PNG ? ", PNG" : "", HAS_JPEG ? ", JPEG" : "");
}
