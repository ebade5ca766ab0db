# A function value may change a variable of its place, but not from inside an index scope, which has no order.
fn run(g: fn) -> int = g(1)
fn counts(x: f32[N]) -> f32[N] {
    var c = 0
    let first = run(fn(i) {
        c += i
        c
    })
    out[i] = f32(run(fn(j) {
        c += j                          # error[E0307]: an assignment to 'c' stands inside an index scope
        c
    })) + x[i] + first
}
let again = fn(n) = again(n)
print(again(3))                         # error@14[E0212]: this function uses itself
print(counts([1.0]))
