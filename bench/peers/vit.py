"""ViT-Tiny in the names of timm for PyTorch and as an ONNX graph, from one safetensors file of the folder MLC_BENCH_MODELS."""
import json
import os

import numpy as np

DEPTH, HEADS, SIZE, WIDE, CLASSES, EPS = 12, 3, 224, 192, 1000, 1e-6


def weights():
    with open(os.path.join(os.environ["MLC_BENCH_MODELS"], "vit-tiny/model.safetensors"), "rb") as f:
        head = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        data = f.read()
    return {n: np.frombuffer(data[t["data_offsets"][0]:t["data_offsets"][1]], np.float32).reshape(t["shape"])
            for n, t in head.items() if n != "__metadata__"}


def net(dtype):
    import torch
    f = torch.nn.functional
    w = {n: torch.from_numpy(x.copy()).to(dtype) for n, x in weights().items()}

    def norm(x, n):
        return f.layer_norm(x, (WIDE,), w[n + ".weight"], w[n + ".bias"], EPS)

    def dense(x, n):
        return f.linear(x, w[n + ".weight"], w[n + ".bias"])

    def block(x, n):
        b, t, _ = x.shape
        q, k, v = dense(norm(x, n + ".norm1"), n + ".attn.qkv").reshape(b, t, 3, HEADS, WIDE // HEADS).permute(2, 0, 3, 1, 4)
        y = f.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, WIDE)
        x = x + dense(y, n + ".attn.proj")
        return x + dense(f.gelu(dense(norm(x, n + ".norm2"), n + ".mlp.fc1")), n + ".mlp.fc2")

    def call(image):
        x = f.conv2d(image, w["patch_embed.proj.weight"], w["patch_embed.proj.bias"], stride=16).flatten(2).transpose(1, 2)
        x = torch.cat([w["cls_token"].expand(len(x), -1, -1), x], 1) + w["pos_embed"]
        for i in range(DEPTH):
            x = block(x, f"blocks.{i}")
        return dense(norm(x[:, 0], "norm"), "head")

    return call


class Graph:
    """Nodes and constants of a graph that grows; values are names."""

    def __init__(self):
        self.nodes, self.constants, self.n = [], [], 0

    def add(self, op, *inputs, outputs=1, **settings):
        from onnx import helper
        names = [f"v{self.n + i}" for i in range(outputs)]
        self.n += outputs
        self.nodes.append(helper.make_node(op, list(inputs), names, **settings))
        return names[0] if outputs == 1 else names

    def constant(self, x):
        from onnx import numpy_helper
        self.n += 1
        self.constants.append(numpy_helper.from_array(np.array(x, order="C"), f"c{self.n}"))
        return f"c{self.n}"


def graph(batch):
    from onnx import TensorProto, helper
    g, w = Graph(), weights()
    tokens = (SIZE // 16) ** 2 + 1

    def shape(x, *sizes):
        return g.add("Reshape", x, g.constant(np.array(sizes, np.int64)))

    def norm(x, n):
        return g.add("LayerNormalization", x, g.constant(w[n + ".weight"]), g.constant(w[n + ".bias"]), axis=-1, epsilon=EPS)

    def dense(x, n):
        return g.add("Add", g.add("MatMul", x, g.constant(w[n + ".weight"].T)), g.constant(w[n + ".bias"]))

    def block(x, n):
        qkv = g.add("Transpose", shape(dense(norm(x, n + ".norm1"), n + ".attn.qkv"), batch, tokens, 3, HEADS, WIDE // HEADS), perm=[2, 0, 3, 1, 4])
        q, k, v = (g.add("Gather", qkv, g.constant(np.array(i, np.int64)), axis=0) for i in range(3))
        s = g.add("Mul", g.add("MatMul", q, g.add("Transpose", k, perm=[0, 1, 3, 2])), g.constant(np.float32((WIDE // HEADS) ** -0.5)))
        y = shape(g.add("Transpose", g.add("MatMul", g.add("Softmax", s, axis=-1), v), perm=[0, 2, 1, 3]), batch, tokens, WIDE)
        x = g.add("Add", x, dense(y, n + ".attn.proj"))
        return g.add("Add", x, dense(g.add("Gelu", dense(norm(x, n + ".norm2"), n + ".mlp.fc1")), n + ".mlp.fc2"))

    e = g.add("Conv", "a", g.constant(w["patch_embed.proj.weight"]), g.constant(w["patch_embed.proj.bias"]), strides=[16, 16])
    e = g.add("Transpose", shape(e, batch, WIDE, tokens - 1), perm=[0, 2, 1])
    x = g.add("Concat", g.constant(np.repeat(w["cls_token"], batch, 0)), e, axis=1)
    x = g.add("Add", x, g.constant(w["pos_embed"]))
    for i in range(DEPTH):
        x = block(x, f"blocks.{i}")
    y = dense(norm(g.add("Gather", x, g.constant(np.array(0, np.int64)), axis=1), "norm"), "head")
    made = helper.make_graph(g.nodes, "vit", [helper.make_tensor_value_info("a", TensorProto.FLOAT, [batch, 3, SIZE, SIZE])],
                             [helper.make_tensor_value_info(y, TensorProto.FLOAT, [batch, CLASSES])], g.constants)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
