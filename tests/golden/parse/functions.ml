export fn f[M: model, k = 2](x: f32[.., N], var c: Cache(N); eps = 1e-5, tau: f32 = 0.1) -> (f32[N], [int; 3]) where N > 0, k < 3 {
    fn helper(g: fn(int, f32) -> f32) = g(k, eps)
    var (a, (b, c)) = t
    let y[i: N, j]: f32 = x[i, j]
    let e[i] ~ normal(0, 1, key: key)
    let u ~ uniform(0, 1)
    rec {
        p[t] = q[t - 1] ?? 0
        q[t, ..] = p[t]
    }
    while a < b { continue }
    for (i, v) in zip(a, b) { break }
    (a, c.f[1]) = f(var c, n: 1)
    c.n += 1; a *= 2
    return
}
extern "m" fn hypot(x: f64, y: f64) -> f64
op log_softmax[j](x: float) -> float[j] else -inf = x - logsumexp[j](x)
tree t = { 0 { 0 { 0 } 1 } 1 }
import std.nn as nn
import std.optim: adamw, sgd
# ---- expect
# (file
#   (list
#     (fn f :export
#       (list)
#       (list (param M (tbase (path model (list)) () ()) ()) (param k () (int_ 2)))
#       (list
#         (param x (tbase (path f32 (list)) () (list (rest) (name N))) ())
#         (param c :var (tbase (path Cache (list)) (list (arg (name N))) ()) ())
#         (param eps :named () (float_ 1e-05))
#         (param tau :named (tbase (path f32 (list)) () ()) (float_ 0.1)))
#       (ttuple
#         (list (tbase (path f32 (list)) () (list (name N))) (tlist (tbase (path int (list)) () ()) (int_ 3))))
#       (list (chain > (name N) (int_ 0)) (chain < (name k) (int_ 3)))
#       (block
#         (list
#           (fn helper
#             (list)
#             ()
#             (list
#               (param g
#                 (tfn
#                   (list (tbase (path int (list)) () ()) (tbase (path f32 (list)) () ()))
#                   (tbase (path f32 (list)) () ()))
#                 ()))
#             ()
#             ()
#             (call (name g) (list (arg (name k)) (arg (name eps)))))
#           (let :var (ptuple (list (name a) (ptuple (list (name b) (name c))))) () (name t))
#           (let_index y
#             (list (slice (name i) (name N) ()) (name j))
#             (tbase (path f32 (list)) () ())
#             (index (name x) (list (name i) (name j))))
#           (let_index e :draw
#             (list (name i))
#             ()
#             (call (name normal) (list (arg (int_ 0)) (arg (int_ 1)) (arg key (name key)))))
#           (draw u (call (name uniform) (list (arg (int_ 0)) (arg (int_ 1)))))
#           (rec
#             (list
#               (equation p
#                 (list (name t))
#                 (binary ?? (index (name q) (list (binary - (name t) (int_ 1)))) (int_ 0)))
#               (equation q (list (name t) (rest)) (index (name p) (list (name t))))))
#           (while_ (chain < (name a) (name b)) (block (list (continue_))))
#           (for_
#             (ptuple (list (name i) (name v)))
#             (call (name zip) (list (arg (name a)) (arg (name b))))
#             (block (list (break_))))
#           (assign
#             (tuple (list (name a) (index (member f (name c)) (list (int_ 1)))))
#             (call (name f) (list (arg :var (name c)) (arg n (int_ 1)))))
#           (assign += (member n (name c)) (int_ 1))
#           (assign *= (name a) (int_ 2))
#           (return_ ()))))
#     (extern_fn hypot "m"
#       (list (param x (tbase (path f64 (list)) () ()) ()) (param y (tbase (path f64 (list)) () ()) ()))
#       (tbase (path f64 (list)) () ()))
#     (op log_softmax
#       (list)
#       (name j)
#       (list (param x (tbase (path float (list)) () ()) ()))
#       (tbase (path float (list)) () (list (name j)))
#       (unary - (name inf))
#       (binary - (name x) (call (index (name logsumexp) (list (name j))) (list (arg (name x))))))
#     (tree t
#       (list)
#       (treelit
#         (list
#           (treeitem 0 (treelit (list (treeitem 0 (treelit (list (treeitem 0 ())))) (treeitem 1 ()))))
#           (treeitem 1 ()))))
#     (import (path std (list (name nn))) (name nn) ())
#     (import (path std (list (name optim))) () (list (name adamw) (name sgd)))))
