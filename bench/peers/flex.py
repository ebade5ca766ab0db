"""PyTorch's FlexAttention for one length, compiled as its users do (about 20 seconds)."""


def causal(b, h, q, k):
    return q >= k


def make(n, mask, score=None):
    import torch
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention
    blocks = create_block_mask(mask, None, None, n, n, device="cpu")
    compiled = torch.compile(flex_attention, dynamic=False)
    return lambda q, k, v: compiled(q, k, v, score_mod=score, block_mask=blocks)
