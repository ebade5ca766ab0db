## A written list of tuples, as one that is made: its components' lists, one beside the other.
let named = [("a", 1, [1.0, 2.0]), ("b", 2, [3.0, 4.0])]
for (name, n, x) in named { print(name, n, sum(x)) }
for (i, w) in [(0, 0.5), (2, 1.5)] { print(i, w) }
let (name, n, x) = named[1]
print(name, n, x, len(named))
let nested = [((1, 2.0), 3), ((4, 5.0), 6)]
for ((a, b), c) in nested { print(a, b, c) }
fn total(x: f32[N]) -> f32 {
    var s: f32 = 0
    for (k, w) in [(0, 0.5), (1, 2.0)] { s += w * (x[k] ?? 0) }
    s
}
print(total([3.0, 4.0]), total([3.0]))
print(named, [(i, (f32(i) / 2, 7)) for i in 0..2])
# > a 1 3.0
# > b 2 7.0
# > 0 0.5
# > 2 1.5
# > b 2 [3.0, 4.0] 2
# > 1 2.0 3
# > 4 5.0 6
# > 9.5 1.5
# > [(a, 1, [1.0, 2.0]), (b, 2, [3.0, 4.0])] [(0, (0.0, 7)), (1, (0.5, 7))]
