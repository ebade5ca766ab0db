## The logits after a prompt, with a cache that is made for it.
import stories: step, Llama, Cache

export fn prefill(net: Llama(V, L, D, H, G, F), tokens: i32[B, T]) -> f32[B, V] where T >= 1 {
    var c = Cache(L, B, G, T, D / H)
    step(net, tokens, var c)
}
