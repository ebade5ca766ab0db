## What is saved is loaded again; numbers that the file tells are left open.
struct State(N, M) {
    w: f32[N, M] = 0
    steps: int = 1
}
var s = State(2, 3)
s.w[1, 2] = 4.5
s.steps = s.steps + 6
save(s, "state.safetensors")
let t = load("state.safetensors") as State(_, _)
print(t.N, t.M, t.steps, t.w)
fn total(s: State(N, M)) -> f32 = sum(s.w)
print(total(t), exists("state.safetensors"))
let u = load("state.safetensors") as State(2, 4)
# > 2 3 7 [[0.0, 0.0, 0.0],
# >  [0.0, 0.0, 4.5]]
# > 4.5 true
# status: 1
# stderr: 'w' is f32[2, 3], wanted f32[2, 4]
