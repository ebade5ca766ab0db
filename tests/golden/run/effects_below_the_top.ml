# Effects that give tensors, below the top of a script: in branches, loops and functions.
# args: abacab
struct State(N) {
    w: f32[N] = 1
    n: int = 2
}
fn letters(x: i32[N], c: int) -> int where N >= 1 = int(sum[i | x[i] == c](1))
fn total(s: State(N), x: f32[N]) -> f32 = sum(s.w * x) + s.n
fn grow(var s: State(N), by: f32) {
    s.w = s.w + by
    s.n += 1
}

save(State(4, n: 7), "state.safetensors")
fn state(p: str) -> State(4) = if exists(p) { load(p) as State(4) } else { State(4) }
let kept = state("state.safetensors")
let fresh = if exists("nothing.safetensors") { load("nothing.safetensors") as State(4) } else { State(4, n: 3) }
print(kept.n, kept.w, fresh.n)
# > 7 [1.0, 1.0, 1.0, 1.0] 3

fn grown(p: str, steps: int) -> f32 {
    var s = state(p)
    var t = 0.0
    for _ in 0..steps {
        grow(var s, 1)
        t += total(s, zeros(4) + 1)
    }
    t
}
print(grown("state.safetensors", 3))
# > 63.0

# sizes that a file or a text has are new ones for the caller
fn numbers(text: str) = code_points(text)
let a = numbers(args(1))
let rest = numbers(args(1))[1:]
print(len(a), len(a) - len(rest), letters(a, 97), letters(numbers("xaxa"), 97))
# > 6 1 3 2
fn longer(x: str, y: str) -> int {
    let a = code_points(x)
    let b = code_points(y)
    if len(a) > len(b) { return len(a) }
    len(b)
}
print(longer("abc", "ab"), longer("", "ab"))
# > 3 2
for i in 0..2 {
    let word = code_points(if i == 0 { "aa" } else { "abc" })
    print(letters(word, 97), len(word))
}
# > 2 2
# > 1 3
fn shares(text: str) -> f32[3] {
    let x = code_points(text)
    out[c] = mean[i](if x[i] == 97 + c { 1.0 } else { 0.0 })
}
print(shares("abab"))
# > [0.5, 0.5, 0.0]
