## ViT-Tiny (Dosovitskiy et al. 2021) in the names of timm: what is in a picture?
## `mlc run examples/vit_tiny/vit.ml model.safetensors picture.png`; the picture is 224 x 224.
import std.nn: Dense, LayerNorm

model Patches(P, D) {
    param weight: f32[D, 3, P, P] ~ normal(0, 0.02)
    param bias:   f32[D] = 0
    ## The features of each P x P patch of an N x N picture.
    fn call(image: f32[3, N, N]) -> f32[(N / P) ^ 2, D] {
        let e[y: N / P, x: N / P, d] = bias[d] + sum[c, i, j](weight[d, c, i, j] * image[c, P * y + i, P * x + j])
        reshape(e, (N / P) ^ 2, D)
    }
}

model PatchEmbed(P, D) {
    proj = Patches(P, D)
}

model Attention(D, H) {
    qkv  = Dense(D, 3 * D)
    proj = Dense(D, D)
    fn call(x: f32[T, D]) -> f32[T, D] {
        let a = reshape(qkv(x), T, 3, H, D / H)
        let p[h, i, j] = softmax[j](sum[d](a[i, 0, h, d] * a[j, 1, h, d]) / sqrt(D / H))
        let o[i, h, d] = sum[j](p[h, i, j] * a[j, 2, h, d])
        proj(reshape(o, T, D))
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
    fn call(x: f32[T, D]) -> f32[T, D] {
        let y = x + attn(norm1(x))
        y + mlp(norm2(y))
    }
}

model Vit(N, P, D, L, H, F, C) {
    param cls_token: f32[1, 1, D] = 0
    param pos_embed: f32[1, (N / P) ^ 2 + 1, D] ~ normal(0, 0.02)
    patch_embed = PatchEmbed(P, D)
    blocks = [Block(D, H, F) for _ in 0..L]
    norm   = LayerNorm(D, eps: 1e-6)
    head   = Dense(D, C)

    ## Logits of the classes. Bytes are taken to -1..1.
    fn call(picture: u8[N, N, 3]) -> f32[C] {
        let image[c: 3, y: N, x: N] = (f32(picture[y, x, c]) / 255 - 0.5) / 0.5
        var z = concat(cls_token[0], patch_embed.proj(image), axis: 0) + pos_embed[0]
        for block in blocks { z = block(z) }
        head(norm(z[0:1]))[0]
    }
}

let net = load(args(1)) as Vit(224, 16, _, _, 3, _, _)
let picture = read_image(args(2))
check(len(picture) == 224 and len(picture[0]) == 224, "the picture is 224 x 224")
let pixels[y: 224, x: 224, c: 3] = picture[y, x, c]
let logits = net(pixels)
let p[c] = softmax[c](logits[c])
let (value, class) = topk(p, 5, axis: -1)
for k in 0..5 { print("class", class[k], value[k]) }
for c in 0..net.C { print("logit", i64(1e6 * logits[c])) }
