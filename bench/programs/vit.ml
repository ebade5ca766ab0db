## ViT-Tiny (Dosovitskiy et al. 2021) of examples/vit_tiny for batches of pictures whose colours are between -1 and 1.
import std.nn: Dense, LayerNorm

model Patches(P, D) {
    param weight: f32[D, 3, P, P] = 0
    param bias:   f32[D] = 0
    fn call(image: f32[B, 3, N, N]) -> f32[B, (N / P) ^ 2, D] {
        let e[b, y: N / P, x: N / P, d] = bias[d] + sum[c, i, j](weight[d, c, i, j] * image[b, c, P * y + i, P * x + j])
        reshape(e, B, (N / P) ^ 2, D)
    }
}

model PatchEmbed(P, D) {
    proj = Patches(P, D)
}

model Attention(D, H) {
    qkv  = Dense(D, 3 * D)
    proj = Dense(D, D)
    fn call(x: f32[B, T, D]) -> f32[B, T, D] {
        let a = reshape(qkv(x), B, T, 3, H, D / H)
        let p[b, h, i, j] = softmax[j](sum[d](a[b, i, 0, h, d] * a[b, j, 1, h, d]) / sqrt(D / H))
        let o[b, i, h, d] = sum[j](p[b, h, i, j] * a[b, j, 2, h, d])
        proj(reshape(o, B, T, D))
    }
}

model Mlp(D, F) {
    fc1 = Dense(D, F)
    fc2 = Dense(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = fc2(gelu(fc1(x)))
}

model Block(D, H, F) {
    norm1 = LayerNorm(D, eps: 1e-6)
    attn  = Attention(D, H)
    norm2 = LayerNorm(D, eps: 1e-6)
    mlp   = Mlp(D, F)
    fn call(x: f32[B, T, D]) -> f32[B, T, D] {
        let y = x + attn(norm1(x))
        y + mlp(norm2(y))
    }
}

model Vit(N, P, D, L, H, F, C) {
    param cls_token: f32[1, 1, D] = 0
    param pos_embed: f32[1, (N / P) ^ 2 + 1, D] = 0
    patch_embed = PatchEmbed(P, D)
    blocks = [Block(D, H, F) for _ in 0..L]
    norm   = LayerNorm(D, eps: 1e-6)
    head   = Dense(D, C)

    fn call(image: f32[B, 3, N, N]) -> f32[B, C] {
        let e = patch_embed.proj(image)
        let z0[b, t: (N / P) ^ 2 + 1, d] = pos_embed[0, t, d] + (if t == 0 { cls_token[0, 0, d] } else { e[b, t - 1, d] })
        var z = z0
        for block in blocks { z = block(z) }
        let first[b, d] = z[b, 0, d]
        head(norm(first))
    }
}

export fn logits(net: Vit(N, P, D, L, H, F, C), image: f32[B, 3, N, N]) -> f32[B, C] = net(image)
