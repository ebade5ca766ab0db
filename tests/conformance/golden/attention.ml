import std.attention: scores, everywhere, softcap, alibi, attend, attend_window, attend_causal, attend_top_left, attend_masked, attend_length
import std.attention: attend_document, attend_document_causal, attend_prefix, attend_dropout, attend_parts, merged

## The parts, then what they merge to.
fn split(s: float[B, H, T, S], v: float[B, G, S, E], cut: i64[C])
        -> (float[C - 1, B, H, T, E], float[C - 1, B, H, T], float[B, H, T, E], float[B, H, T]) where C >= 1 {
    let (part, lse) = attend_parts(s, v, cut)
    let (o, l) = merged(part, lse)
    (part, lse, o, l)
}
