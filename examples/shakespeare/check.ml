## For each 32 bytes of a file the most likely next byte; then the logits behind the first 32, in millionths.
import shakespeare: ByteModel, next_byte

let net = load("examples/shakespeare/model.safetensors") as ByteModel(32, _, _, 4, _)
let text = read_bytes(args(1))
let windows[b: len(text) // 32, t: 32] = text[32 * b + t]
let next = next_byte(net, windows)
for b in 0..len(next) { print("next", next[b]) }
let logits = net(windows[0:1])
for v in 0..256 { print("logit", i64(1e6 * logits[0, 31, v])) }
