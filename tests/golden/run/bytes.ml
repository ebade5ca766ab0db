## Sizes that are known when a file was read: statements of their own, and inside others.
let text = read_bytes(args(0))
let n = len(text)
let cut = n // 2
let head = text[:cut]
let tail = text[cut:]
print(n == len(head) + len(tail), head[0], i32(text[1]))
let more = len(read_bytes(args(0))) + 1
print(more - n)
fn sum_of(x: u8[N]) -> int = sum[i](int(x[i]))
print(sum_of(text) == sum_of(head) + sum_of(tail))
# > true 35 35
# > 1
# > true
