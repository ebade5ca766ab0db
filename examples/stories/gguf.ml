## The same stories from a GGUF file, whose names are those of llama.cpp:
## `mlc run examples/stories/gguf.ml examples/stories/stories260K-q8_0.gguf "Once upon a time"`.
import stories: Llama, Cache
import std.sample: greedy

# Tensors and numbers of a `llama` in GGUF, and what this program calls them.
let net = load(args(1), rename: [
    ("llama.attention.head_count", "H"),
    ("llama.attention.head_count_kv", "G"),
    ("token_embd.weight", "embed"),
    ("output_norm.weight", "norm.weight"),
    ("blk.*.attn_norm.weight", "layers.*.norm1.weight"),
    ("blk.*.attn_q.weight", "layers.*.attention.wq.weight"),
    ("blk.*.attn_k.weight", "layers.*.attention.wk.weight"),
    ("blk.*.attn_v.weight", "layers.*.attention.wv.weight"),
    ("blk.*.attn_output.weight", "layers.*.attention.wo.weight"),
    ("blk.*.ffn_norm.weight", "layers.*.norm2.weight"),
    ("blk.*.ffn_gate.weight", "layers.*.gate.weight"),
    ("blk.*.ffn_up.weight", "layers.*.up.weight"),
    ("blk.*.ffn_down.weight", "layers.*.down.weight")
]) as Llama(_, _, _, _, _, _)
let words = tokenizer("examples/stories/tok512.bin")
let prompt = encode(words, args(2))
var cache = Cache(net.L, 1, net.G, 512, net.D / net.H)
var token = prompt[0]
for i in progress(0..200) {
    let logits = net(reshape(token, 1, 1), var cache)
    let next = if i + 1 < len(prompt) { prompt[i + 1] } else { greedy(logits)[0] }
    if next == 1 { break }
    print(decode(words, token, next), end: "")
    token = next
}
print("")
