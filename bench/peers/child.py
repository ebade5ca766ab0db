"""A peer of build/bench: reads a case and the place of its data on standard input, then runs and times calls (protocol: ../child.c)."""
import sys
import time

try:
    import numpy as np
except ImportError:
    print("none", flush=True)
    sys.exit()


def shapes(kind, fn, d):
    """Shapes of the inputs, shape of the result (None: the first input is updated)."""
    if kind == "matmul":
        return [(d[0], d[1]), (d[1], d[2])], (d[0], d[2])
    if kind == "linear":
        return [(d[0], d[1]), (d[2], d[1])], (d[0], d[2])
    if kind == "map":
        return [(d[0],)], (d[0],)
    if kind == "adamw":
        return [(d[0],)] * 4, None
    if kind == "score":
        return [tuple(d)] * 3 + [(d[2] if fn == "documents" else d[1],)], tuple(d)
    if kind == "decode":
        return [(1, d[0], 1, d[3])] + [(1, d[1], d[2], d[3])] * 2, (1, d[0], 1, d[3])
    return [tuple(d)] * 3, tuple(d)


def torch_peer(kind, fn, x, out, threads):
    import torch
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    t = [torch.from_numpy(a) for a in x]
    f = torch.nn.functional
    if kind == "adamw":
        p, g, m, v = (a.clone() for a in t)
        p.grad = g
        o = torch.optim.AdamW([p], lr=1e-3, weight_decay=1e-2, fused=True)
        return torch.__version__, o.step, None
    result = torch.from_numpy(out)
    maps = {"exponential": torch.exp, "tangent": torch.tanh, "gaussian": f.gelu, "twice": lambda a: a + a}
    call = {
        "matmul": lambda: torch.mm(t[0], t[1], out=result),
        "linear": lambda: f.linear(t[0], t[1]),
        "attention": lambda: f.scaled_dot_product_attention(*t),
        "causal": lambda: f.scaled_dot_product_attention(*t, is_causal=True),
        "decode": lambda: f.scaled_dot_product_attention(*t, enable_gqa=True),
        "map": (lambda: maps[fn](t[0])) if fn in maps else None,
    }[kind]
    return "PyTorch " + torch.__version__, call, lambda r: r.numpy()


def jax_peer(kind, fn, x, out, threads):
    import jax
    import jax.numpy as jnp
    t = [jnp.asarray(a) for a in x]
    maps = {"exponential": jnp.exp, "tangent": jnp.tanh, "gaussian": lambda a: jax.nn.gelu(a, approximate=False), "twice": lambda a: a + a}

    def attention(q, k, v, causal):
        s = jnp.einsum("bhid,bhjd->bhij", q, k) / np.sqrt(q.shape[-1])
        s = jnp.where(jnp.tril(jnp.ones(s.shape[-2:], bool)), s, -jnp.inf) if causal else s
        return jnp.einsum("bhij,bhjd->bhid", jax.nn.softmax(s), v)

    body = {
        "matmul": lambda a, b: a @ b,
        "linear": lambda a, b: a @ b.T,
        "attention": lambda q, k, v: attention(q, k, v, False),
        "causal": lambda q, k, v: attention(q, k, v, True),
        "map": maps.get(fn),
    }.get(kind)
    if body is None or threads != 1:  # jax takes all processors
        return None
    compiled = jax.jit(body)
    return "jax " + jax.__version__, lambda: compiled(*t).block_until_ready(), np.asarray


def onnxruntime_peer(kind, fn, x, out, threads):
    import onnx
    import onnxruntime as ort
    from onnx import TensorProto, helper, numpy_helper
    names = ["a", "b", "c", "d"][: len(x)]
    feeds, constants, nodes = dict(zip(names, x)), [], []
    if kind == "matmul":
        nodes = [helper.make_node("MatMul", ["a", "b"], ["y"])]
    elif kind == "linear":
        constants = [numpy_helper.from_array(x[1].copy(), "b")]
        del feeds["b"]
        nodes = [helper.make_node("Gemm", ["a", "b"], ["y"], transB=1)]
    elif kind in ("attention", "causal"):
        n, depth = x[0].shape[2:]
        constants = [numpy_helper.from_array(np.float32(1 / np.sqrt(depth)), "scale")]
        nodes = [helper.make_node("Transpose", ["b"], ["bt"], perm=[0, 1, 3, 2]), helper.make_node("MatMul", ["a", "bt"], ["s0"]),
                 helper.make_node("Mul", ["s0", "scale"], ["s"])]
        if kind == "causal":
            constants.append(numpy_helper.from_array(np.triu(np.full((n, n), -np.inf, np.float32), 1), "mask"))
            nodes.append(helper.make_node("Add", ["s", "mask"], ["sm"]))
        nodes += [helper.make_node("Softmax", [nodes[-1].output[0]], ["p"], axis=-1), helper.make_node("MatMul", ["p", "c"], ["y"])]
    elif kind == "map" and fn in ("exponential", "tangent"):
        nodes = [helper.make_node({"exponential": "Exp", "tangent": "Tanh"}[fn], ["a"], ["y"])]
    else:
        return None
    floats = TensorProto.FLOAT
    graph = helper.make_graph(nodes, "case", [helper.make_tensor_value_info(n, floats, a.shape) for n, a in feeds.items()],
                              [helper.make_tensor_value_info("y", floats, out.shape)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return "onnxruntime " + ort.__version__, lambda: session.run(None, feeds)[0], lambda r: r


def main():
    peer = {"torch": torch_peer, "jax": jax_peer, "onnxruntime": onnxruntime_peer}[sys.argv[1]]
    _, kind, fn, *rest = sys.stdin.readline().split()
    d, threads, path = [int(v) for v in rest[:4]], int(rest[4]), rest[5]
    inputs, result = shapes(kind, fn, [v for v in d if v] if kind in ("attention", "causal") else d)
    data = np.memmap(path, np.float32, "r+")
    x, at = [], 0
    for s in inputs:
        n = int(np.prod(s))
        x.append(data[at:at + n].reshape(s))
        at += n
    out = data[at:].reshape(result) if result else None
    try:
        made = peer(kind, fn, x, out, threads)
    except ImportError:
        made = None
    if not made or not made[1]:
        print("none", flush=True)
        return
    version, call, array = made
    first = call()  # compiles, where that is done
    if array is not None:
        value = array(first)
        if value.ctypes.data != out.ctypes.data:
            out[...] = value
    print("ready", version, flush=True)
    for line in sys.stdin:
        calls = int(line.split()[1])
        start = time.perf_counter()
        for _ in range(calls):
            call()
        print((time.perf_counter() - start) / calls, flush=True)


main()
