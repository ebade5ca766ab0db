## Compares every step of the model with what its author has recorded: `mlc run examples/gpt_nano_sort/check.ml`.
import gpt: Gpt, Steps, steps

fn worst(a: f32[..], b: f32[..]) -> f32 = max(abs(a - b))

## Of scores, where a place may look: elsewhere both are -inf.
fn worst_causal(a: f32[B, H, T, T], b: f32[B, H, T, T]) -> f32 =
    max[b0: B, h, i, j | j <= i](abs(a[b0, h, i, j] - b[b0, h, i, j]))

let folder = "examples/gpt_nano_sort/"
let net = load(folder + "model.safetensors", rename: [("transformer.h.*.attn.bias", ""), ("transformer.**", "**")]) as Gpt(3, 11, 3, 48, 3)
let want = load(folder + "partials.safetensors") as Steps(3, 11, 48, 3, 16, 192, 3)
let have = steps(net, i32(want.idx))

print("tok_emb", worst(have.tok_emb, want.tok_emb))
print("pos_emb", worst(have.pos_emb, want.pos_emb))
print("x", worst(have.x, want.x))
print("ln1", worst(have.ln1, want.ln1))
print("qkv", worst(have.qkv, want.qkv))
print("q", worst(have.q, want.q))
print("k", worst(have.k, want.k))
print("v", worst(have.v, want.v))
print("att", worst_causal(have.att, want.att))
print("attSm", worst(have.attSm, want.attSm))
print("y", worst(have.y, want.y))
print("yProj", worst(have.yProj, want.yProj))
print("attnResid", worst(have.attnResid, want.attnResid))
print("ln2", worst(have.ln2, want.ln2))
print("fc", worst(have.fc, want.fc))
print("gelu", worst(have.gelu, want.gelu))
print("mlp", worst(have.mlp, want.mlp))
print("mlpResid", worst(have.mlpResid, want.mlpResid))
print("block0", worst(have.block0, want.block0))
print("block1", worst(have.block1, want.block1))
print("block2", worst(have.block2, want.block2))
print("ln_f", worst(have.ln_f, want.ln_f))
print("lm_head", worst(have.lm_head, want.lm_head))
print("probs", worst(have.probs, want.probs))
