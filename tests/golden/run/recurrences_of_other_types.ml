## The elements of a recurrence have the type that its body gives.
fn running(x: i32[T]) -> i32[T] {
    rec s[t] = (s[t - 1] ?? 0) + x[t]
    s
}
fn ever(x: bool[T]) -> bool[T] {
    rec s[t] = (s[t - 1] ?? false) or x[t]
    s
}
fn records(x: f64[T], least: f64) -> (f64[T], bool[T]) {
    rec {
        most[t] = max(most[t - 1] ?? least, x[t])
        new[t] = x[t] > (most[t - 1] ?? least)
    }
    (most, new)
}
print(running(i32([1, 2, 3])), ever([false, true, false]))
# > [1, 3, 6] [false, true, true]
print(records(f64([1.0, 3.0, 2.0]), 2))
# > ([2.0, 3.0, 3.0], [false, true, false])
