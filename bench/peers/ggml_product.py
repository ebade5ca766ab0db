"""Products of ggml, the library under llama.cpp, whose Python package brings it: the weight as f32 or in blocks, the other operand f32."""
import ctypes as c
import glob
import os
from importlib.metadata import version

import numpy as np

TYPES = {"f32": 0, "q4_0": 2, "q8_0": 8}  # numbers of ggml's enum


class Params(c.Structure):
    _fields_ = [("size", c.c_size_t), ("memory", c.c_void_p), ("no_alloc", c.c_bool)]


def libraries():
    import llama_cpp
    folder = os.path.join(os.path.dirname(llama_cpp.__file__), "lib")
    base, cpu = (c.CDLL(glob.glob(os.path.join(folder, f"libggml-{n}.so"))[0], mode=c.RTLD_GLOBAL) for n in ("base", "cpu"))
    pointer, number = c.c_void_p, c.c_int64
    base.ggml_init.restype, base.ggml_init.argtypes = pointer, [Params]
    base.ggml_new_tensor_2d.restype, base.ggml_new_tensor_2d.argtypes = pointer, [pointer, c.c_int, number, number]
    base.ggml_mul_mat.restype, base.ggml_mul_mat.argtypes = pointer, [pointer] * 3
    base.ggml_get_data.restype, base.ggml_get_data.argtypes = pointer, [pointer]
    base.ggml_new_graph.restype, base.ggml_new_graph.argtypes = pointer, [pointer]
    base.ggml_build_forward_expand.argtypes = [pointer] * 2
    base.ggml_quantize_chunk.restype = c.c_size_t
    base.ggml_quantize_chunk.argtypes = [c.c_int, pointer, pointer, number, number, number, pointer]
    cpu.ggml_graph_compute_with_ctx.argtypes = [pointer, pointer, c.c_int]
    return base, cpu


class Product:
    """Words: `product(TYPE, weight, x)`, which is x times the transposed weight."""

    def __init__(self, words, inputs, constant, out, threads):
        self.threads, self.version = threads, "ggml of llama-cpp-python " + version("llama-cpp-python")
        self.base, self.cpu = libraries()
        self.cpu.ggml_cpu_init()
        self.call = eval(words, {"product": self.product, **dict(zip("abcd", inputs))})

    def product(self, kind, weight, x):
        base, cpu = self.base, self.cpu
        (rows, depth), n = weight.shape, x.shape[0]
        work = base.ggml_init(Params(rows * depth * 4 + 64 * x.nbytes + 4 * rows * n + (64 << 20), None, False))
        w = base.ggml_new_tensor_2d(work, TYPES[kind], depth, rows)
        if kind == "f32":
            c.memmove(base.ggml_get_data(w), weight.ctypes.data, weight.nbytes)
        else:
            base.ggml_quantize_chunk(TYPES[kind], weight.ctypes.data, base.ggml_get_data(w), 0, rows, depth, None)
        y = base.ggml_new_tensor_2d(work, TYPES["f32"], depth, n)
        c.memmove(base.ggml_get_data(y), x.ctypes.data, x.nbytes)
        graph = base.ggml_new_graph(work)
        r = base.ggml_mul_mat(work, w, y)
        base.ggml_build_forward_expand(graph, r)
        plan, pool = self.plan(graph)
        result = np.ctypeslib.as_array(c.cast(base.ggml_get_data(r), c.POINTER(c.c_float)), (n, rows))

        def call():
            cpu.ggml_graph_compute(graph, plan)
            return result

        self.kept = pool
        return call

    def plan(self, graph):
        """The plan of a computation: ggml_cplan begins with the bytes of scratch memory that it needs and the place of that memory."""
        class Plan(c.Structure):
            _fields_ = [("size", c.c_size_t), ("data", c.c_void_p), ("threads", c.c_int), ("rest", c.c_char * 64)]
        self.cpu.ggml_graph_plan.restype, self.cpu.ggml_graph_plan.argtypes = Plan, [c.c_void_p, c.c_int, c.c_void_p]
        self.cpu.ggml_graph_compute.argtypes = [c.c_void_p, c.c_void_p]
        plan = self.cpu.ggml_graph_plan(graph, self.threads, None)
        memory = c.create_string_buffer(plan.size + 64)
        plan.data = c.addressof(memory)
        return c.byref(plan), (plan, memory)

    def array(self, r):
        return r
