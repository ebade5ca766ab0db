struct Cache(S, D) {
    k: f32[S, D] = 0
}

@inplace
export fn swap(var c: Cache(S, D)) where S >= 2 {
    let old = c.k
    c.k[0] = old[1]         # error[E0406]: this update has to copy the whole tensor
    c.k[1] = old[0]
}

@inplace
export fn move(var c: Cache(S, D)) where S >= 2 {
    let old = c.k[0]
    c.k[0] = c.k[1]
    c.k[1] = old
}
