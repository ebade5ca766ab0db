## Choosing the next token from logits, which are rows [B, V]. Draws are functions of a key and the row's number, so a row's token does not
## depend on the rows beside it. Temperature 0 is the limit: the likeliest token, of equal ones the lowest. A row that has a NaN, or nothing
## above -inf, is a status for the functions that draw (`greedy` takes the first NaN); so is a temperature below 0.
##
## Masks are combined by `and` and make probabilities with `kept`, from which `pick` draws: `pick(kept(x, keep_top(x, 50) and keep_likely(x, 0.05)), u)`.

## The most likely token of each row; of equal ones the lowest.
fn greedy(logits: float[.., V]) -> i32[..] where V >= 1 {
    out[..] = i32(argmax[v](logits[.., v]))
}

# What a draw has found, if it has: -1 is no place, `best` is NaN if any logit is.
fn _found(place: i64, best: float) -> i64 {
    check(place >= 0 and best > -inf, "a row of logits has a NaN or nothing above -inf")
    place
}

## Draws from softmax(logits / temperature), restricted to the smallest set of most likely tokens whose probability reaches `nucleus`
## (Holtzman et al. 2020), one token at least. `nucleus` 1 takes all. Only where that set has more than 1,024 tokens are all V put in order, in time that grows with V.
fn draw(logits: float[B, V], key: Key; temperature = 1.0, nucleus = 1.0) -> i32[B] where V >= 1, temperature >= 0, nucleus >= 0 {
    let x = logits / (if temperature > 0 { temperature } else { 1.0 })
    let least = if temperature > 0 { nucleus } else { 0.0 }
    let l[b] = logsumexp[v](x[b, v])
    if least >= 1 { _draw_any(x, key) }
        else if all[b](_mass(x, l, min(V, 1024))[b] >= least) { _draw_ordered(x, l, min(V, 1024), least, key) }
        else { _draw_ordered(x, l, V, least, key) }
}

fn _draw_any(x: float[B, V], key: Key) -> i32[B] where V >= 1 {
    let best[b] = max[v](x[b, v])
    let u[b: B] ~ categorical[v](x[b, v], key: key)
    out[b] = i32(_found(u[b], best[b]))
}

# The same token for each `size` that has the whole nucleus.
fn _draw_ordered(x: float[B, V], l: float[B], size: int, nucleus: real, key: Key) -> i32[B] where 1 <= size, size <= V {
    let (value, index) = topk(x, size, axis: -1)
    let before = _before(value, l)
    let u[b: B] ~ categorical[r | r == 0 or before[b, r] < nucleus](value[b, r], key: key)
    out[b] = i32(index[b, _found(u[b], value[b, 0])])
}

# The probability of those before each of the likeliest, whose logits are `value`; l is the log-sum-exp of all.
fn _before(value: float[B, R], l: float[B]) -> f64[B, R] {
    let p[b, r] = f64(exp(value[b, r] - l[b]))
    out[b, r] = cumsum[r](p[b, r]) - p[b, r]
}

# The probability of the `size` likeliest.
fn _mass(x: float[B, V], l: float[B], size: int) -> f64[B] where 1 <= size, size <= V {
    let (value, _) = topk(x, size, axis: -1)
    out[b] = sum[r](f64(exp(value[b, r] - l[b])))
}

## The same among the `top` most likely tokens only (Fan et al. 2018).
fn draw_top(logits: float[B, V], key: Key, top: int; temperature = 1.0) -> i32[B] where 1 <= top, top <= V, temperature >= 0 {
    let (value, index) = topk(logits / (if temperature > 0 { temperature } else { 1.0 }), top, axis: -1)
    let u[b: B] ~ categorical[r | r == 0 or temperature > 0](value[b, r], key: key)
    out[b] = i32(index[b, _found(u[b], value[b, 0])])
}

# ---- masks of a row of logits [N, V], and draws by a given number in [0, 1)

## The `top` most likely; of equal ones the first.
fn keep_top(x: float[N, V], top: int) -> bool[N, V] where 1 <= top, top <= V {
    let (_, at) = topk(x, top, axis: -1)
    out[n, v] = any[r](at[n, r] == v)
}

## The smallest set of most likely ones whose probability reaches `nucleus`: the one that crosses it is kept (Holtzman et al. 2020), and the
## likeliest is for any `nucleus`. 1 keeps all.
fn keep_nucleus(x: float[N, V], nucleus: real) -> bool[N, V] where V >= 1 {
    let l[n] = logsumexp[v](x[n, v])
    if nucleus >= 1 { _keep_any(x) }
        else if all[n](_mass(x, l, min(V, 1024))[n] >= nucleus) { _keep_ordered(x, l, min(V, 1024), nucleus) }
        else { _keep_ordered(x, l, V, nucleus) }
}

fn _keep_any(x: float[N, V]) -> bool[N, V] {
    out[n, v] = true
}

fn _keep_ordered(x: float[N, V], l: float[N], size: int, nucleus: real) -> bool[N, V] where 1 <= size, size <= V {
    let (value, at) = topk(x, size, axis: -1)
    let before = _before(value, l)
    out[n, v] = any[r | at[n, r] == v](r == 0 or before[n, r] < nucleus)
}

## Those with at least `least` times the probability of the likeliest, 0 to 1 (Nguyen et al. 2024, min-p).
fn keep_likely(x: float[N, V], least: real) -> bool[N, V] where least >= 0, least <= 1 {
    let m[n] = max[v](x[n, v])
    out[n, v] = least <= 0 or x[n, v] >= m[n] + log(least)
}

## softmax(x) among those that `keep` keeps, 0 elsewhere; a row of which nothing is kept is 0.
fn kept(x: float[N, V], keep: bool[N, V]) -> float[N, V] {
    out[n, v] = softmax[v | keep[n, v]](x[n, v])
}

## The number of cumulative probabilities that are <= u: a draw from p, for u uniform in [0, 1). What has probability 0 is not drawn, also
## where the sum of p is rounded to less than u.
fn pick(p: float[N, V], u: float[N]) -> i64[N] where V >= 1 {
    let c[n, v] = cumsum[v](f64(p[n, v]))
    let last[n] = max[v: V | p[n, v] > 0](v)
    out[n] = clip(count[v](c[n, v] <= u[n]), 0, max(last[n], 0))
}

## Divides positive logits by the penalty and multiplies negative ones, for tokens that were used (Keskar et al. 2019).
fn penalise(logits: float[N, V], used: i64[N, T]; penalty = 1.1) -> float[N, V] {
    let seen[n, v: V] = any[t](used[n, t] == v)
    out[n, v] = if not seen[n, v] { logits[n, v] }
                else if logits[n, v] > 0 { logits[n, v] / penalty }
                else { logits[n, v] * penalty }
}

## Subtracts `presence` once and `frequency` for each use of a token among those generated so far.
fn discourage(logits: float[N, V], used: i64[N, T]; presence = 0.0, frequency = 0.0) -> float[N, V] {
    let uses[n, v: V] = count[t](used[n, t] == v)
    out[n, v] = logits[n, v] - (if uses[n, v] > 0 { presence } else { 0 }) - frequency * uses[n, v]
}

## Draws from softmax(logits / temperature) among the tokens with at least `least` times the probability of the likeliest (min-p).
fn draw_likely(logits: float[B, V], key: Key; temperature = 1.0, least = 0.05) -> i32[B] where V >= 1, temperature >= 0, least >= 0, least <= 1 {
    let best[b] = argmax[v](logits[b, v])
    let m[b] = logits[b, best[b]]
    let x[b, v] = logits[b, v] / (if temperature > 0 { temperature } else { 1.0 })
    let low[b] = m[b] / (if temperature > 0 { temperature } else { 1.0 }) + log(least)
    let u[b: B] ~ categorical[v | v == best[b] or (temperature > 0 and (least <= 0 or x[b, v] >= low[b]))](x[b, v], key: key)
    out[b] = i32(_found(u[b], m[b]))
}

## Those whose information -log p is nearest to its mean, the entropy, until their probability reaches `mass` (Meister et al. 2023, locally
## typical sampling); one at least. A logit of -inf has no part in it.
fn keep_typical(x: float[N, V], mass: real) -> bool[N, V] {
    let lp[n, v] = log_softmax[v](x[n, v])
    let h[n] = -sum[v | lp[n, v] > -inf](exp(lp[n, v]) * lp[n, v])
    let near[n, v] = -abs(lp[n, v] + h[n])
    let (_, at) = topk(near, V, axis: -1)
    let p[n, r: V] = exp(lp[n, at[n, r]])
    let before[n, r] = cumsum[r](f64(p[n, r])) - p[n, r]
    out[n, v] = any[r | at[n, r] == v](r == 0 or before[n, r] < mass)
}

## Which tokens would end a sequence of n tokens that stands in the row already (n-grams that may not come twice): the row is used[.., :len].
fn repeats(used: i64[N, T], len: int, n: int, V: int) -> bool[N, V] where n >= 1, 0 <= len, len <= T, V >= 0 {
    out[r, v] = any[t: T | n - 1 <= t and t < len and used[r, t] == v](
        all[k: n - 1]((used[r, t - (n - 1) + k] ?? -1) == (used[r, len - (n - 1) + k] ?? -2)))
}

# ---- beam search

## One step for W beams: their scores (log-probabilities, in nats), the log-probabilities of the next tokens after each, and whether each has
## ended already; such a beam stays as it is and costs nothing more. Returns the W best scores, which beam each comes from, and its new token,
## `end` for those that had ended. To begin, all scores but one are -inf.
fn beam_step(score: float[W], lp: float[W, V], done: bool[W], end: int) -> (float[W], i64[W], i64[W]) where V >= 1, 0 <= end, end < V {
    let total[w, v] = if done[w] { if v == end { score[w] } else { -inf } } else { score[w] + lp[w, v] }
    let (best, at) = topk(reshape(total, W * V), W, axis: -1)
    let from[w] = at[w] // V
    let token[w] = at[w] % V
    (best, from, token)
}

## A score to compare beams of unequal length by: score / ((5 + length) / 6)^alpha (Wu et al. 2016); alpha 0 compares the scores themselves.
@elementwise fn beam_rank(score: float, length: float, alpha: float) -> float = score / ((5 + length) / 6) ^ alpha

## The best n tokens after `start` in a table of bigrams, lp[last, next]: all W beams, the best first, and their scores. A beam ends with `end`.
fn beam_search(lp: float[V, V], start: int, end: int, n: int, W: int) -> (i64[W, n], float[W])
        where 1 <= W, W <= V, 0 <= end, end < V, 0 <= start, start < V, n >= 0 {
    var token: i64[W, n] = end
    var last: i64[W] = start
    var done: bool[W] = false
    var score[w: W]: float = if w == 0 { 0.0 } else { -inf }
    for t in 0..n {
        let next[w: W, v] = lp[last[w], v]
        let (best, from, new) = beam_step(score, next, done, end)
        let moved[w: W, i: n] = if i == t { new[w] } else { token[from[w], i] }
        token = moved
        last = new
        let ended[w: W] = new[w] == end
        done = ended
        score = best
    }
    (token, score)
}
