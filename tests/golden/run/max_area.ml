## LeetCode 11, container with most water: two pointers, the definition, and one for each row.
fn max_area(height: i32[N]) -> i32 where N >= 1 {
    var l = 0
    var r = N - 1
    var best: i32 = 0
    while l < r {
        best = max(best, min(height[l], height[r]) * (r - l))
        if height[l] < height[r] { l += 1 } else { r -= 1 }
    }
    best
}
fn by_definition(height: i32[N]) -> i32 where N >= 2 = max[i, j | i < j](min(height[i], height[j]) * (j - i))
fn each(height: i32[B, N]) -> i32[B] where N >= 1 {
    out[b] = max_area(height[b])
}
let h = i32([1, 8, 6, 2, 5, 4, 8, 3, 7])
print(max_area(h), by_definition(h))
# > 49 49
print(max_area(i32([1, 1])), max_area(i32([4, 3, 2, 1, 4])), max_area(i32([1, 2, 1])), max_area(i32([5])))
# > 1 16 2 0
print(each(i32([[1, 8, 6], [4, 4, 4], [0, 9, 0]])))
# > [6, 8, 0]
fn bumps(n: int) -> i32[n] {
    out[i] = i32(i * 37 % 101)
}
print(max_area(bumps(200)) == by_definition(bumps(200)))
# > true
