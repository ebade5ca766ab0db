# Where statements end.
let a = f(1,
          2) +
    g(
        3
    )
    - 4
-a
a
@fast
fn f(x)
    -> int
    where x > 0 {
    x; ; x
        .y
        ?? 0
}
let b = if a { 1 }
        else { 2 }
[a,
 b]
(fn(x) {
    x
    x
})(b)
# ---- expect
# (file
#   (list
#     (let
#       (name a)
#       ()
#       (binary -
#         (binary + (call (name f) (list (arg (int_ 1)) (arg (int_ 2)))) (call (name g) (list (arg (int_ 3)))))
#         (int_ 4)))
#     (unary - (name a))
#     (name a)
#     (fn f
#       (list (annot fast (list)))
#       ()
#       (list (param x () ()))
#       (tbase (path int (list)) () ())
#       (list (chain > (name x) (int_ 0)))
#       (block (list (name x) (binary ?? (member y (name x)) (int_ 0)))))
#     (let (name b) () (if_ (name a) (block (list (int_ 1))) (block (list (int_ 2)))))
#     (listlit (list (name a) (name b)))
#     (call (fn (list) () (list (param x () ())) () () (block (list (name x) (name x)))) (list (arg (name b))))))
