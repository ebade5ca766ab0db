# Tightest first: postfix, ??, ^, unary minus, products, sums, comparisons in chains, not, and, or, .., as, fn.
-a ^ -b ^ c
x[i] ?? -y.z ^ 2
-a * b / c // d % e @ f.T
a - b - c * d
a < b <= c + 1 == d
not a and b or not not c
0..n - 1
load(p) as A(1) as B[2]
fn(x) = x + (fn(y) = y)(1)
# ---- expect
# (file
#   (list
#     (unary - (binary ^ (name a) (unary - (binary ^ (name b) (name c)))))
#     (binary ^ (binary ?? (index (name x) (list (name i))) (unary - (member z (name y)))) (int_ 2))
#     (binary @
#       (binary % (binary // (binary / (binary * (unary - (name a)) (name b)) (name c)) (name d)) (name e))
#       (member T (name f)))
#     (binary - (binary - (name a) (name b)) (binary * (name c) (name d)))
#     (chain < <= == (name a) (name b) (binary + (name c) (int_ 1)) (name d))
#     (binary or (binary and (unary not (name a)) (name b)) (unary not (unary not (name c))))
#     (binary .. (int_ 0) (binary - (name n) (int_ 1)))
#     (as
#       (as (call (name load) (list (arg (name p)))) (tbase (path A (list)) (list (arg (int_ 1))) ()))
#       (tbase (path B (list)) () (list (int_ 2))))
#     (fn
#       (list)
#       ()
#       (list (param x () ()))
#       ()
#       ()
#       (binary + (name x) (call (fn (list) () (list (param y () ())) () () (name y)) (list (arg (int_ 1))))))))
