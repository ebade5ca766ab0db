# One bracket for subscripts, binders, static arguments and big operators; names tell them apart later.
y[1:, .., ::2, i, a:b:c]
sum[i: N, j: 0..3 | i < j](x[i, j])
softmax[j | j <= i + S - T](s[b, h, i, j])
heads[H](x)
grad[net](loss(net, b))
jvp[w: v](grad[w](loss(w)))
[f(x) for (x, y) in zip(a, b)]
(a, (b), ())
# ---- expect
# (file
#   (list
#     (index
#       (name y)
#       (list (slice (int_ 1) () ()) (rest) (slice () () (int_ 2)) (name i) (slice (name a) (name b) (name c))))
#     (bigop
#       (name sum)
#       (list (slice (name i) (name N) ()) (slice (name j) (binary .. (int_ 0) (int_ 3)) ()))
#       (chain < (name i) (name j))
#       (list (arg (index (name x) (list (name i) (name j))))))
#     (bigop
#       (name softmax)
#       (list (name j))
#       (chain <= (name j) (binary - (binary + (name i) (name S)) (name T)))
#       (list (arg (index (name s) (list (name b) (name h) (name i) (name j))))))
#     (call (index (name heads) (list (name H))) (list (arg (name x))))
#     (call
#       (index (name grad) (list (name net)))
#       (list (arg (call (name loss) (list (arg (name net)) (arg (name b)))))))
#     (call
#       (index (name jvp) (list (slice (name w) (name v) ())))
#       (list
#         (arg (call (index (name grad) (list (name w))) (list (arg (call (name loss) (list (arg (name w))))))))))
#     (comp
#       (call (name f) (list (arg (name x))))
#       (ptuple (list (name x) (name y)))
#       (call (name zip) (list (arg (name a)) (arg (name b)))))
#     (tuple (list (name a) (name b) (tuple (list))))))
