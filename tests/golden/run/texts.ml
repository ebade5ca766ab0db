# Texts: joined and compared when the script runs, in variables, structs, lists and loops.
# args: zed
struct Who(N) {
    name: str = "x"
    age: int = 1
    w: f32[N] = 0
    key: Key = key(0)
}
let w = Who(2, name: "bob", age: 3)
var v = Who(1)
v.name = "carl"
v.age += 1
fn name(w: Who(N)) -> str = w.name
fn rename(var w: Who(N), name: str) { w.name = name }
fn pick(a: Who(N), b: Who(N), first: bool) -> Who(N) = if first { a } else { b }
fn noise(w: Who(N)) -> f32[3] {
    let x[i: 3] ~ normal(0, 1, key: w.key)
    x
}
print(name(w), name(v), v.age, sum(noise(w) - noise(v)))
# > bob carl 2 0.0
rename(var v, "dora")
print(v.name == "dora", v.name, pick(w, Who(2, name: "eve"), false).name)
# > true dora eve
let people = [Who(2, name: "a"), Who(2, name: "b")]
print(people[1].name, w.name != people[0].name)
# > b true

let n = args(1)
let hi = "hi " + n + "!"
print(hi, hi == "hi zed!", hi != n, "a" + "b" == "ab")
# > hi zed! true true true
if n == "zed" and not exists("nothing.txt") { print("both") }
if n == "x" and args(9) == "no" { print("never") } else { print("the right side was not looked at") }
# > both
# > the right side was not looked at
let mode = if n == "zed" { "m" + n } else { "other" }
print(mode, not (n == "a" or exists("nothing")))
# > mzed true
var all = ""
for i in 0..3 { all = all + (if i == 1 { "-" } else { "x" }) }
print(all, all == "x-x")
# > x-x true
fn step(mode: str, x: f32[N]) -> f32[N] {
    if mode == "double" { return x * 2 }
    if mode == "half" { return x / 2 }
    x
}
print(step("double", [1.0, 2.0]), step(n, [1.0]))
# > [2.0, 4.0] [1.0]

var words = ["x", "y", "z"]
words[1] = n
for (word, i) in zip(words, 1..4) { print(i, word + ".") }
# > 1 x.
# > 2 zed.
# > 3 z.
print(words, len(words))
# > [x, zed, z] 3
let keys = [key(i) for i in 0..3]
print(len(keys))
# > 3
