# What an effect gives has its size at once, within the statement.
# args: héllo
fn next(x: i32[N]) -> i32[N] { out[i] = x[i] + 1 }
fn pairs(x: i32[2 * N]) -> i32[N] { out[i] = x[2 * i] + x[2 * i + 1] }
fn total(x: i32[N]) -> i32 where N >= 2 = sum(x)
print(next(next(code_points(args(1)))), total(code_points(args(1))) > 500)
# > [106, 235, 110, 110, 113] true
print(pairs(code_points("ab")), len(code_points(args(1))) * 2)
# > [195] 10
let (x, y) = (code_points(args(1)), code_points(args(1))[1:])
print(len(x) - len(y), len([len(code_points("a")), len(code_points("ab"))]))
# > 1 2
let half[i: len(code_points(args(1))) // 2] = i
print(half, len(concat(x, code_points("ab"), axis: 0)))
# > [0, 1] 7
struct Table(N, M) { w: f32[N, 2 * M] = 1 }
save(Table(3, 2), "table.safetensors")
print(len((load("table.safetensors") as Table(_, _)).w) + (load("table.safetensors") as Table(_, _)).M)
# > 5
print(total(code_points("a")))
# stderr: 2 <= N
# status: 1
