# status: 1
# stderr: 'a' and 'b' of 'parts' would change the same element
fn parts(var a: f32[N], var b: f32[M]) {
    a += 1
    b += 2
}
var t = zeros(5)
parts(var t[::2], var t[1:2])
print(t)
# > [1.0, 2.0, 1.0, 0.0, 1.0]
parts(var t[1:3], var t[2:4])
