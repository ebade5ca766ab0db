## Choosing the next token from logits. Draws are functions of a key, so a row's token does not depend on the batch around it.

## The most likely token of each row; of equal ones the lowest.
fn greedy(logits: f32[B, V]) -> i32[B] {
    out[b] = i32(argmax[v](logits[b, v]))
}

## Draws from softmax(logits / temperature), restricted to the smallest set of most likely tokens whose probability reaches `nucleus`
## (Holtzman et al. 2020). `nucleus` 1 takes all.
fn draw(logits: f32[B, V], key: Key; temperature = 1.0, nucleus = 1.0) -> i32[B] {
    let (value, index) = topk(logits / temperature, V, axis: -1)
    let p[b, r] = softmax[r](value[b, r])
    let before[b, r] = cumsum[r](p[b, r]) - p[b, r]
    let u[b: B] ~ categorical[r | before[b, r] < nucleus](value[b, r], key: key)
    out[b] = i32(index[b, u[b]])
}

## The same among the `top` most likely tokens only (Fan et al. 2018).
fn draw_top(logits: f32[B, V], key: Key, top: int; temperature = 1.0) -> i32[B] where 1 <= top, top <= V {
    let (value, index) = topk(logits / temperature, top, axis: -1)
    let u[b: B] ~ categorical[r](value[b, r], key: key)
    out[b] = i32(index[b, u[b]])
}
