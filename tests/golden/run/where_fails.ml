# status: 1
# stderr: does not hold
fn front(x: f32[N], n: int) -> f32 where n <= N = sum(x[:n])
var k = 2
print(front([1.0, 2.0, 3.0], k))
# > 3.0
k = 4
print(front([1.0, 2.0, 3.0], k))
