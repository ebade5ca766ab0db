# status: 1
# stderr: the weights sum to one
fn normalised(w: f32[N]) -> f32[N] {
    check(abs(sum(w) - 1) < 1e-3, "the weights sum to one")
    w
}
print(normalised([0.25, 0.75]))
# > [0.25, 0.75]
print(normalised([0.25, 0.5]))
