## Speculative decoding: trees of guesses as tables, and the rules that accept them. A tree is given by its paths of ranks, one a node without
## the root, each [D] long and filled up with -1 (Medusa, Cai et al. 2024).

## Paths with the root first, then by length, then by ranks: [N + 1, D]. (Largest rank + 2) ^ (D + 1) must fit i64.
fn ordered_paths(path: i64[N, D]) -> i64[N + 1, D] {
    let wide = max(max[n, d](path[n, d]) + 2, 2)
    let key[n] = count[d](path[n, d] >= 0) * wide ^ D + sum[d]((path[n, d] + 1) * wide ^ (D - 1 - d))
    let (_, at) = sort(key, axis: -1)
    out[m, d] = if m == 0 { -1 } else { path[at[m - 1], d] }
}

## The depth of each node; 0 for the root.
fn depths(p: i64[M, D]) -> i64[M] {
    out[m] = count[d](p[m, d] >= 0)
}

## Whether a is m or an ancestor of m: what node m sees of its tree.
fn ancestors(p: i64[M, D]) -> bool[M, M] {
    let n = depths(p)
    out[m, a] = n[a] <= n[m] and all[d | d < n[a]](p[m, d] == p[a, d])
}

## The parent of each node, -1 for the root.
fn parents(p: i64[M, D]) -> i64[M] {
    let n = depths(p)
    let up = ancestors(p)
    out[m] = if n[m] == 0 { -1 } else { min[a | up[m, a] and n[a] + 1 == n[m]](a) }
}

## The place of each node's token among the root and the `top` best of each head: 1 + top (depth - 1) + rank.
fn token_places(p: i64[M, D], top: int) -> i64[M] {
    let n = depths(p)
    out[m] = if n[m] == 0 { 0 } else { 1 + top * (n[m] - 1) + max[d | d + 1 == n[m]](p[m, d]) }
}

## One row for each of the L leaves, the last leaf first: its path from the root, filled up with -1.
fn leaf_paths(p: i64[M, D], L: int) -> i64[L, D + 1] {
    let n = depths(p)
    let up = ancestors(p)
    let leaf[m] = not any[a: M | a != m](up[a, m])
    let place[m: M] = count[a | a > m](leaf[a])
    let row[r: L] = min[m: M | leaf[m] and place[m] == r](m)
    out[r, d] = if row[r] < M and n[clip(row[r], 0, M - 1)] >= d { min[a: M | up[clip(row[r], 0, M - 1), a] and n[a] == d](a) } else { -1 }
}

## Tokens of the nodes: the root's, and those of the heads by `token_places`.
fn tree_tokens(root: int, heads: float[K, V], place: i64[M], top: int) -> i64[M] where 1 <= top, top <= V {
    let (_, guess) = topk(heads, top, axis: -1)
    let flat = reshape(guess, K * top)
    out[m] = if place[m] == 0 { root } else { flat[place[m] - 1] }
}

## The entropy -sum p log(p + 1e-5) and the threshold min(eps, delta exp(-entropy)) of typical acceptance (Hewitt et al. 2022).
fn typical_threshold(p: float[V], eps: real, delta: real) -> (float, float) {
    let h = -sum[v](p[v] * log(p[v] + 1e-5))
    (h, min(eps, delta * exp(-h)))
}

## Whether each node agrees with the model: it is the likeliest token after its parent. The root does.
fn greedy_nodes(logits: float[M, V], token: i64[M], parent: i64[M]) -> bool[M] {
    let best[m] = argmax[v](logits[m, v])
    out[m] = parent[m] < 0 or token[m] == best[max(parent[m], 0)]
}

## The log-probability of each node's token after its parent at a temperature; 0 for the root.
fn node_logp(logits: float[M, V], token: i64[M], parent: i64[M], temperature: real) -> float[M] {
    let lp[m, v] = log_softmax[v](logits[m, v] / temperature)
    out[m] = if parent[m] < 0 { 0 } else { lp[max(parent[m], 0), token[m]] }
}

## Whether each node is typical: its probability is above the threshold at its parent. The root is.
fn typical_nodes(logits: float[M, V], token: i64[M], parent: i64[M], temperature: real, eps: real, delta: real) -> bool[M] {
    let p[m, v] = softmax[v](logits[m, v] / temperature)
    let h[m] = -sum[v](p[m, v] * log(p[m, v] + 1e-5))
    let least[m] = min(eps, delta * exp(-h[m]))
    out[m] = parent[m] < 0 or p[max(parent[m], 0), token[m]] > least[max(parent[m], 0)]
}

## The row of `leaf_paths` whose accepted beginning is longest, of equally long ones the one with the largest sum of `value` over it, then the
## first; and the number of accepted nodes without the root.
fn best_path(path: i64[L, D], good: bool[M], value: float[M]) -> (int, int) {
    let ok[l, d: D] = all[e: D | e <= d](path[l, e] >= 0 and good[max(path[l, e], 0)])
    let n[l] = count[d](ok[l, d])
    let longest = max[l](n[l])
    let score[l] = sum[d | ok[l, d]](value[max(path[l, d], 0)])
    (argmax[l | n[l] == longest](score[l]), longest - 1)
}

## Leviathan et al. 2023, for rows of K drafts: draft k is accepted while u < min(1, p / q). Returns how many, what is left to draw from
## (p - q where positive, or p after the last draft, of sum 1), and the draw: the first index whose cumulative probability reaches u_next.
fn verify_rows(p: float[R, K + 1, V], q: float[R, K, V], draft: i64[R, K], u: float[R, K], u_next: float[R])
        -> (i64[R], float[R, V], i64[R]) where V >= 1 {
    let keep[r, k] = u[r, k] < min(1, p[r, k, draft[r, k]] / q[r, k, draft[r, k]])
    let n[r] = count[k: K](all[j: K | j <= k](keep[r, j]))
    let rest[r, v] = if n[r] < K { max(p[r, n[r], v] - (q[r, n[r], v] ?? 0), 0) } else { p[r, K, v] }
    let total[r] = sum[v](rest[r, v])
    let left[r, v] = rest[r, v] / total[r]
    (n, left, first_reaching(left, u_next))
}

## The first index whose cumulative probability is above 0 and reaches u; the last of positive probability if none does.
fn first_reaching(p: float[R, V], u: float[R]) -> i64[R] where V >= 1 {
    let c[r, v] = cumsum[v](p[r, v])
    let last[r] = max[v: V | p[r, v] > 0](v)
    out[r] = clip(count[v](c[r, v] < u[r] or c[r, v] <= 0), 0, max(last[r], 0))
}

## Guesses that are certain, tried one after the other: child c is accepted with what p has become there, else p is 0 at it and normalised
## again. Returns the accepted child or -1, and the token: its own, or one drawn from what is left (Li et al. 2024, EAGLE).
fn try_children(p: float[R, V], child: i64[R, C], u: float[R, C], u_next: float[R]) -> (i64[R], i64[R]) {
    var left = p
    var taken: i64[R] = -1
    for c in 0..C {
        let hit[r] = taken[r] < 0 and u[r, c] < left[r, child[r, c]]
        let next[r, v: V] = if taken[r] >= 0 or hit[r] { left[r, v] } else if v == child[r, c] { 0 } else { left[r, v] / (1 - left[r, child[r, c]]) }
        let now[r: R] = if hit[r] { c } else { taken[r] }
        left = next
        taken = now
    }
    let drawn = first_reaching(left, u_next)
    let token[r: R] = if taken[r] >= 0 { child[r, max(taken[r], 0)] } else { drawn[r] }
    (taken, token)
}

# ---- trees that grow while they are drafted (Li et al. 2024, EAGLE-2)

## One level: the W best nodes of the last level, with cumulative log-probability `score`, each get their `top` likeliest tokens by `lp`,
## best first. Returns tokens and cumulative log-probabilities, both [W * top], the children of one node together.
fn grown(score: float[W], lp: float[W, V], top: int) -> (i64[W * top], float[W * top]) where 1 <= top, top <= V {
    let (value, token) = topk(lp, top, axis: -1)
    let sum[w, r] = score[w] + value[w, r]
    (reshape(token, W * top), reshape(sum, W * top))
}

## Which `keep` nodes of all M that were drafted become the tree: those with the largest cumulative log-probability `score`, in the order in
## which they were drafted. A node is less likely than its parent, so parents are kept with their children.
fn best_nodes(score: float[M], keep: int) -> i64[keep] where 0 <= keep, keep <= M {
    let (_, at) = topk(score, keep, axis: -1)
    let order[i: keep] = -at[i]
    let (down, _) = topk(order, keep, axis: -1)
    out[i] = -down[i]
}

## Renumbers parents for the nodes `kept` (ascending) of a larger tree, below a new root 0: parent -1 stands for the root.
fn renumbered(parent: i64[M], kept: i64[N]) -> i64[N + 1] {
    out[n] = if n == 0 { -1 } else if parent[kept[n - 1]] < 0 { 0 } else { 1 + count[m: N](kept[m] < parent[kept[n - 1]]) }
}

## What each node sees of its tree, itself and its ancestors, for parents that come before their children; -1 for the root. Its depth is the
## number of these less 1.
fn lineage(parent: i64[N]) -> bool[N, N] {
    var sees: bool[N, N] = false
    for n in 0..N {
        let row[m: N] = m == n or (parent[n] >= 0 and sees[max(parent[n], 0), m])
        sees[n] = row
    }
    sees
}
