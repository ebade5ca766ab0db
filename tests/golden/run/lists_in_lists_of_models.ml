import std.nn: Linear

## A model with a list of parts may be an element of a list itself; a struct may hold such a model.
model Stage(D, N) {
    steps = [Linear(D, D) for _ in 0..N]
    pair = [[Linear(D, 1) for _ in 0..2] for _ in 0..N]
    fn call(x: f32[B, D]) -> f32[B, D] {
        var y = x
        for s in steps { y = y + s(y) }
        for p in pair {
            for q in p { y = y + 0.1 * q(y) }
        }
        y
    }
}
model Net(D, N, M) {
    stages = [Stage(D, N) for _ in 0..M]
    fn call(x: f32[B, D]) -> f32[B, D] {
        var y = x
        for s in stages { y = s(y) }
        y
    }
}
struct Best(D, N, M) {
    net: Net(D, N, M)
    loss: f32 = inf
}

let net = Net(3, 2, 4)
print(len(net.stages), len(net.stages[1].steps), len(net.stages[3].pair[1][0].weight))
# > 4 2 1
print(norm(net.stages[0].steps[0].weight - net.stages[1].steps[0].weight) > 0, norm(net.stages[0].steps[0].weight - net.stages[0].steps[1].weight) > 0)
# > true true
let x: f32[2, 3] = 0.5
var best = Best(3, 2, 4, net: net, loss: 3)
print(norm(best.net(x) - net(x)), norm(net(x)) > 0)
# > 0.0 true
best.net.stages[2].pair[0][1].weight[0, 0] = 7
print(norm(best.net(x) - net(x)) > 0, best.net.stages[2].pair[0][1].weight[0, 0])
# > true 7.0
save(net, "lists.safetensors")
let part = load("lists.safetensors", rename: [("stages.2.**", "**"), ("**", "")]) as Stage(3, 2)
print(part.D, part.N, norm(part.pair[1][0].weight - net.stages[2].pair[1][0].weight))
# > 3 2 0.0
