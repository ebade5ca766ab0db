import std.nn: linear
import std.heads: medusa_block, medusa_losses
import std.draft: ordered_paths, depths, ancestors, parents, token_places, leaf_paths, tree_tokens, typical_threshold
import std.draft: greedy_nodes, node_logp, typical_nodes, best_path

## All tables of a tree.
fn buffers(path: i64[N, D], top: int, leaves: int) -> (bool[N + 1, N + 1], i64[N + 1], i64[N + 1], i64[leaves, D + 1], i64[N + 1]) {
    let p = ordered_paths(path)
    (ancestors(p), token_places(p, top), depths(p), leaf_paths(p, leaves), parents(p))
}

## Guesses of heads in a tree, and what the model accepts of them: `typical` for typical acceptance, else greedy.
fn accepted(path: i64[N, D], base: float[V], heads: float[D, V], logits: float[N + 1, V], leaves: int, longest: int, typical: bool,
            temperature: real, eps: real, delta: real) -> (i64[N + 1], i64[leaves, D + 1], i64[longest], i64[longest], i64) where 10 <= V {
    let p = ordered_paths(path)
    let up = parents(p)
    let rows = leaf_paths(p, leaves)
    let token = tree_tokens(argmax[v](base[v]), heads, token_places(p, 10), 10)
    let candidate[l, d] = if rows[l, d] >= 0 { token[max(rows[l, d], 0)] } else { -1 }
    let typ = typical_nodes(logits, token, up, temperature, eps, delta)
    let greedy = greedy_nodes(logits, token, up)
    let lp = node_logp(logits, token, up, temperature)
    let good[m] = if typical { typ[m] } else { greedy[m] }
    let value[m] = if typical { lp[m] } else { 0 * lp[m] }
    let (row, n) = best_path(rows, good, value)
    let nodes[i: longest] = rows[max(row, 0), i]
    let tokens[i: longest] = candidate[max(row, 0), i]
    (token, candidate, nodes, tokens, i64(n))
}
