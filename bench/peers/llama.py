"""llama.cpp through its Python package: the logits after a prompt, computed with an empty cache."""
import os
from importlib.metadata import version

import numpy as np


class Llama:
    """Words: `name := model(FILE); name(a)`, FILE in the folder MLC_BENCH_MODELS."""

    def __init__(self, words, inputs, constant, out, threads):
        import llama_cpp as lib
        self.lib, self.threads, self.version = lib, threads, "llama-cpp-python " + version("llama-cpp-python")
        self.silent = lib.llama_log_callback(lambda *_: None)  # kept: the library calls it later
        lib.llama_log_set(self.silent, None)
        before, _, last = words.partition("; ")
        name, _, made = before.partition(" := ")
        names = {"a": inputs[0], "model": self.model}
        names[name] = eval(made, names)
        self.call = eval("lambda: " + last, names)

    def model(self, file):
        lib = self.lib
        path = os.path.join(os.environ["MLC_BENCH_MODELS"], file)
        settings = lib.llama_context_default_params()
        settings.n_ctx = settings.n_batch = settings.n_ubatch = 512
        settings.n_threads = settings.n_threads_batch = self.threads
        settings.type_k = settings.type_v = 0  # f32, as in the program it is compared with
        self.loaded = lib.llama_model_load_from_file(path.encode(), lib.llama_model_default_params())
        context = lib.llama_init_from_model(self.loaded, settings)
        size = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(self.loaded))

        def prefill(tokens):
            flat = np.ascontiguousarray(tokens.reshape(-1))
            lib.llama_memory_clear(lib.llama_get_memory(context), False)
            batch = lib.llama_batch_get_one(flat.ctypes.data_as(lib.llama_cpp.ctypes.POINTER(lib.llama_token)), len(flat))
            if lib.llama_decode(context, batch):
                raise RuntimeError("llama_decode failed")
            return np.ctypeslib.as_array(lib.llama_get_logits_ith(context, -1), (size,))

        return prefill

    def array(self, r):
        return r
