# status: 1
# stderr: 'a' and 'b' of 'both' would change the same element
fn both(var a: f32, var b: f32) {
    a += 1
    b += 2
}
fn at(var t: f32[N, N], i: int, j: int) { both(var t[i, j], var t[j, i]) }
var t = zeros(2, 2)
at(var t, 0, 1)
print(t)
# > [[0.0, 1.0],
# >  [2.0, 0.0]]
at(var t, 1, 1)
