"""The program bench/programs/compile/gpt.ml for jax and PyTorch: the forward pass of GPT-2 with four layers, weights from a fixed seed."""
import numpy as np

LAYERS, HEADS, WIDE, PLACES, WORDS, EPS = 4, 4, 128, 64, 512, 1e-5


def weights(make):
    """Every parameter by its name, each as make(array)."""
    random = np.random.default_rng(1)
    shapes = {"wte": (WORDS, WIDE), "wpe": (PLACES, WIDE), "lm_head": (WIDE, WORDS), "ln_f": (2, WIDE)}
    for i in range(LAYERS):
        shapes |= {f"{i}.ln_1": (2, WIDE), f"{i}.ln_2": (2, WIDE), f"{i}.attn": (WIDE, 3 * WIDE), f"{i}.attn.b": (3 * WIDE,), f"{i}.proj": (WIDE, WIDE),
                   f"{i}.proj.b": (WIDE,), f"{i}.fc": (WIDE, 4 * WIDE), f"{i}.fc.b": (4 * WIDE,), f"{i}.out": (4 * WIDE, WIDE), f"{i}.out.b": (WIDE,)}
    return {n: make(random.standard_normal(s).astype(np.float32) * np.float32(0.02)) for n, s in shapes.items()}


def logits(x, w, softmax, gelu, causal):
    """x: sums of both embeddings [B, T, D]. softmax(s) along the last axis, causal(s) leaves out keys after the query."""
    def norm(x, p):
        c = x - x.mean(-1)[..., None]
        return c * ((c * c).mean(-1)[..., None] + EPS) ** -0.5 * p[0] + p[1]

    b, t, _ = x.shape
    for i in range(LAYERS):
        a = (norm(x, w[f"{i}.ln_1"]) @ w[f"{i}.attn"] + w[f"{i}.attn.b"]).reshape(b, t, 3, HEADS, WIDE // HEADS)
        q, k, v = (a[:, :, n].swapaxes(1, 2) for n in range(3))
        o = softmax(causal(q @ k.swapaxes(2, 3) / (WIDE // HEADS) ** 0.5)) @ v
        x = x + o.swapaxes(1, 2).reshape(b, t, WIDE) @ w[f"{i}.proj"] + w[f"{i}.proj.b"]
        h = gelu(norm(x, w[f"{i}.ln_2"]) @ w[f"{i}.fc"] + w[f"{i}.fc.b"])
        x = x + h @ w[f"{i}.out"] + w[f"{i}.out.b"]
    return norm(x, w["ln_f"]) @ w["lm_head"]


def jax(jax, tokens, w):
    np, t = jax.numpy, tokens.shape[1]
    hide = lambda s: np.where(np.tril(np.ones((t, t), bool)), s, -np.inf)
    return logits(w["wte"][tokens] + w["wpe"][:t], w, jax.nn.softmax, jax.nn.gelu, hide)


def torch(torch, tokens, w):
    t = tokens.shape[1]
    hide = lambda s: s.masked_fill(~torch.ones(t, t, dtype=torch.bool).tril(), -torch.inf)
    gelu = lambda x: torch.nn.functional.gelu(x, approximate="tanh")
    return logits(w["wte"][tokens] + w["wpe"][:t], w, lambda s: torch.softmax(s, -1), gelu, hide)
