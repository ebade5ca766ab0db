/* plot.c - the effect `plot`: curves as an SVG file, with axes and a title. Rows of a matrix are curves of their own. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "driver/script_int.h"

enum { WIDTH = 640, HEIGHT = 400, LEFT = 70, RIGHT = 20, TOP = 40, BOTTOM = 40 };

typedef struct Plot { Buf out; const InterpTensor *t; int64_t n, curves; double least, most; } Plot;

static double x_of(const Plot *p, int64_t i)
{
    double at = p->n > 1 ? (double)i / (double)(p->n - 1) : 0.5;
    return (double)LEFT + at * (double)(WIDTH - LEFT - RIGHT);
}

static double y_of(const Plot *p, double v)
{
    double at = (p->most - v) / (p->most - p->least);
    return (double)TOP + at * (double)(HEIGHT - TOP - BOTTOM);
}

/* What is not a number leaves a gap; a constant gets a range around it. */
static void find_range(Plot *p)
{
    p->least = DBL_MAX;
    p->most = -DBL_MAX;
    for (int64_t i = 0; i < p->n * p->curves; i++) {
        double v = value_float(p->t->dtype, p->t->data, i);
        if (!isfinite(v))
            continue;
        p->least = v < p->least ? v : p->least;
        p->most = v > p->most ? v : p->most;
    }
    if (p->least > p->most)
        p->least = p->most = 0;
    if (p->least == p->most) {
        p->least -= 0.5;
        p->most += 0.5;
    }
}

static void put_escaped(Buf *b, const char *s)
{
    for (; *s; s++)
        if (*s == '<')
            buf_puts(b, "&lt;");
        else if (*s == '&')
            buf_puts(b, "&amp;");
        else
            buf_putc(b, *s);
}

static void put_axes(Plot *p, const char *title)
{
    buf_printf(&p->out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n"
                        "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"%d\" y=\"24\" text-anchor=\"middle\" font-size=\"15\">",
               WIDTH, HEIGHT, WIDTH / 2);
    put_escaped(&p->out, title);
    buf_puts(&p->out, "</text>\n");
    for (int i = 0; i <= 4; i++) {
        double v = p->least + (p->most - p->least) * i / 4, y = y_of(p, v);
        buf_printf(&p->out, "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.4g</text>\n", LEFT, y,
                   WIDTH - RIGHT, LEFT - 6, y + 4, v);
        int64_t at = p->n > 1 ? (p->n - 1) * i / 4 : 0;
        buf_printf(&p->out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%lld</text>\n", x_of(p, at), HEIGHT - BOTTOM + 18, (long long)at);
    }
    buf_printf(&p->out, "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"black\"/>\n", LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
}

static void put_curve(Plot *p, int64_t curve)
{
    static const char *const colours[] = { "#1f5fbf", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#444444" };
    bool pen = false;
    buf_puts(&p->out, "<path d=\"");
    for (int64_t i = 0; i < p->n; i++) {
        double v = value_float(p->t->dtype, p->t->data, curve * p->n + i);
        if (isfinite(v))
            buf_printf(&p->out, "%c%.1f %.1f", pen ? 'L' : 'M', x_of(p, i), y_of(p, v));
        pen = isfinite(v);
    }
    buf_printf(&p->out, "\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>\n", colours[curve % 6]);
}

static const char *named_text(Effect *x, const char *name)
{
    int i = effect_named(x, name);
    const InterpTensor *t = i >= 0 && x->e->args[i].nleaves == 1 ? &x->args[x->first[i]] : NULL;
    return t && t->dtype == DT_str ? *(const char *const *)t->data : NULL;
}

int effect_plot(Effect *x)
{
    const InterpTensor *t = effect_arg(x, 0);
    const char *file = named_text(x, "file"), *title = named_text(x, "title");
    if (!t || t->rank < 1 || t->rank > 2 || t->dtype == DT_key || t->dtype == DT_str)
        return effect_fail(x, MLCRT_EARG, "'plot' wants a tensor of numbers with one or two axes");
    Plot p = { .out = buf_new(x->s->scratch), .t = t, .n = t->shape[t->rank - 1], .curves = t->rank == 2 ? t->shape[0] : 1 };
    find_range(&p);
    put_axes(&p, title ? title : "");
    for (int64_t i = 0; i < p.curves; i++)
        put_curve(&p, i);
    buf_puts(&p.out, "</svg>\n");
    file = file ? file : "plot.svg";
    const char *error = file_write(x->s->scratch, file, p.out.p, p.out.n);
    return error ? effect_fail(x, MLCRT_EIO, "cannot write '%s': %s", file, error) : MLCRT_OK;
}
