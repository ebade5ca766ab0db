"""A peer of build/bench: reads a case and the place of its data on standard input, then runs and times calls (protocol: ../child.c).

What a library computes stands in the case (../cases.def), in words of that library; this file only makes the inputs, a, b, c, d, and
says how such words become a call. Models of several peers have a file of their own here (vit.py, flex.py, llama.py).
"""
import importlib
import os
import re
import sys
import time

sys.dont_write_bytecode = True
try:
    import numpy as np
except ImportError:
    print("none numpy is not installed", flush=True)
    sys.exit()


def specs(text):
    """(is a constant, type of the elements, shape) of each type in `f32[2, 3] const f32[4]`."""
    kinds = {"f32": np.float32, "i32": np.int32, "i8": np.int8, "u8": np.uint8}
    found = re.findall(r"(const )?(?:var )?(f32|i32|i8|u8)(?:[+/^]*|<\d+)\[([\d, ]*)\]", text)
    return [(bool(c), kinds[t], tuple(int(n) for n in s.split(","))) for c, t, s in found]


def split(words):
    """`name := value; ...; what to compute`: the first parts, and the last."""
    *before, last = re.split(r";\s*", words)
    return [re.split(r"\s*:=\s*", part, maxsplit=1) for part in before], last


def prepare(before, names):
    for name, value in before:
        exec(f"{name} = {value}", names)


def anew(before, words, inputs, names):
    """`compile WORDS`: the function to be compiled in each call, and its arguments: the inputs, and what was prepared. Else None."""
    if not words.startswith("compile "):
        return None, None
    given = [*inputs, *(name for name, _ in before)]
    return eval(f"lambda {', '.join(given)}: {words[8:]}", names), [names[n] for n in given]


class Torch:
    def __init__(self, words, inputs, constant, out, threads, double=False):
        import torch
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        import flex
        import gpt
        import vit
        names = {"torch": torch, "F": torch.nn.functional, "np": np, "vit": vit, "flex": flex, "gpt": gpt}
        for name, x in zip("abcd", inputs):
            t = torch.from_numpy(x)
            names[name] = t.double() if double and t.is_floating_point() else t
        if out is not None:
            names["out"] = torch.from_numpy(out)
        before, last = split(words)
        prepare(before, names)
        self.version = "PyTorch " + torch.__version__
        f, given = anew(before, last, "abcd"[:len(inputs)], names)
        if f:
            import torch._inductor.config
            torch._inductor.config.force_disable_caches = True
            self.call = lambda: (torch._dynamo.reset(), torch.compile(f)(*given))[1]
            return
        self.call = eval("lambda: " + last, names)

    def array(self, r):
        return r.numpy()


def float64(words, inputs, constant, out, threads):
    return Torch(words, inputs, constant, out, os.cpu_count(), double=True)


class Jax:
    array = staticmethod(np.asarray)

    def __init__(self, words, inputs, constant, out, threads):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])  # it takes all processors that it may use
        import jax
        import jax.numpy as jnp
        import gpt
        names = {"jax": jax, "jnp": jnp, "np": np, "gpt": gpt}
        before, last = split(words)
        prepare(before, names)
        given = "abcd"[:len(inputs)]
        t = [jnp.asarray(x) for x in inputs]
        self.version = "jax " + jax.__version__
        f, values = anew(before, last, given, {**names, **dict(zip(given, t))})
        if f:
            self.call = lambda: (jax.clear_caches(), jax.jit(f)(*values).block_until_ready())[1]
            return
        compiled = jax.jit(eval(f"lambda {', '.join(given)}: {last}", names))
        self.call = lambda: compiled(*t).block_until_ready()


def onnx_model(words, inputs, constant, out):
    """The bytes of a graph. Words are the nodes in ONNX's own text form, or `= ` and an expression that makes a model."""
    import onnx
    from onnx import numpy_helper
    import vit
    names = {"np": np, "vit": vit, **dict(zip("abcd", inputs))}
    if words.startswith("= "):
        return eval(words[2:], names).SerializeToString()
    before, last = split(words)
    prepare(before, names)
    kind = lambda x: "float" if x.dtype == np.float32 else str(x.dtype)
    typed = lambda name, x: f"{kind(x)}[{', '.join(map(str, x.shape))}] {name}"
    last = re.sub(r"\$(\((?:[^()]|\([^()]*\))*\))", lambda m: str(eval(m[1], names)), last)
    given = [(n, x) for n, x, c in zip("abcd", inputs, constant) if not c]
    text = f'<ir_version: 9, opset_import: ["": 20]> case ({", ".join(typed(*g) for g in given)}) => ({typed("y", out)}) {{ {last} }}'
    model = onnx.parser.parse_model(text)
    fixed = [(n, x) for n, x, c in zip("abcd", inputs, constant) if c] + [(n, names[n]) for n, _ in before]
    model.graph.initializer.extend(numpy_helper.from_array(np.array(x), n) for n, x in fixed)
    return model.SerializeToString()


def feeds_of(inputs, constant):
    return {n: x for n, x, c in zip("abcd", inputs, constant) if not c}


class Onnxruntime:
    def __init__(self, words, inputs, constant, out, threads):
        import onnxruntime as ort
        model, feeds = onnx_model(words, inputs, constant, out), feeds_of(inputs, constant)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.version = "onnxruntime " + ort.__version__
        self.call = lambda: session.run(None, feeds)[0]

    def array(self, r):
        return r


class Openvino:
    def __init__(self, words, inputs, constant, out, threads):
        import openvino as ov
        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        compiled = ov.Core().compile_model(ov.Core().read_model(onnx_model(words, inputs, constant, out)), "CPU", settings)
        request = compiled.create_infer_request()
        for name, x in feeds_of(inputs, constant).items():
            request.set_tensor(name, ov.Tensor(x, shared_memory=True))
        self.version = "OpenVINO " + ov.__version__[:20]
        self.call = request.infer
        self.request = request

    def array(self, r):
        return self.request.get_output_tensor(0).data


def ggml(*case):
    import ggml_product
    return ggml_product.Product(*case)


def llama(*case):
    import llama
    return llama.Llama(*case)


def main():
    peers = {"torch": Torch, "float64": float64, "jax": Jax, "onnxruntime": Onnxruntime, "openvino": Openvino, "ggml": ggml, "llama": llama}
    _, threads, path = sys.stdin.readline().split()
    inputs, result, words = (sys.stdin.readline().strip() for _ in range(3))
    given = specs(inputs)
    data = np.memmap(path, np.float32, "r+")
    x, at = [], 0
    for _, kind, shape in given:
        n = int(np.prod(shape))
        x.append(data[at:at + n].view(kind)[:n].reshape(shape))  # bytes come first in a place four times as large
        at += n
    out = data[at:].view(specs(result)[0][1]).reshape(specs(result)[0][2]) if result else None
    package = {"float64": "torch", "ggml": "llama_cpp", "llama": "llama_cpp"}.get(sys.argv[1], sys.argv[1])
    why = "it cannot compute this case"
    try:
        importlib.import_module(package)
        start = time.perf_counter()
        made = peers[sys.argv[1]](words, x, [c for c, _, _ in given], out, int(threads))
    except ImportError as missing:
        made, why = None, missing
    if not made:
        print("none", why, flush=True)
        return
    first = made.call()  # compiles, where that is done
    seconds = time.perf_counter() - start
    if out is not None:
        value = np.asarray(made.array(first))
        if value.ctypes.data != out.ctypes.data:
            out[...] = value.reshape(out.shape)
    print("ready", seconds, made.version, flush=True)
    for line in sys.stdin:
        calls = int(line.split()[1])
        start = time.perf_counter()
        for _ in range(calls):
            made.call()
        print((time.perf_counter() - start) / calls, flush=True)


main()
