fn f(x: f32) -> f32 {
    return x
    let y = x + 1          # warning[W0002]: never reached
    y                      # (one for a block)
}

fn g(n: int) -> int {
    var k = 0
    while true {
        if k > n {
            break
            k += 1         # warning[W0002]: never reached
        }
        k += 1
    }
    if n > 3 { return k } else { return 0 }
    return 1               # warning[W0002]: never reached
}

fn h(n: int) -> int {
    var k = n
    while true { k += 1 }
    k                      # warning[W0002]: never reached
}
