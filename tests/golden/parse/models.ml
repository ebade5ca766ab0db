## The file.

## A linear map.
@fast
model Linear(In, Out; scale = 0.02) where In > 0 {
    ## The weight.
    param weight: f32[Out, In] ~ normal(0, scale)
    param bias: f32[Out] = 0
    frozen table: Nf4(Out, In)
    input mask: bool[T] = true
    K = In / 2
    ## One row at a time.
    fn call(x: f32[.., In]) -> f32[.., Out] = x @ weight.T
}
struct S { a: int; b: f32 = 1.5 }
adapter Lora(rank) for std.nn.Linear(In, Out) where rank > 0 { param a: f32[rank, In] = 0 }
adapter Scale for Linear { }
# ---- expect
# (file :doc "The file."
#   (list
#     (model Linear :doc "A linear map."
#       (list (annot fast (list)))
#       (list (param In () ()) (param Out () ()) (param scale :named () (float_ 0.02)))
#       (list (chain > (name In) (int_ 0)))
#       (list
#         (mparam weight :draw :doc "The weight."
#           (tbase (path f32 (list)) () (list (name Out) (name In)))
#           (call (name normal) (list (arg (int_ 0)) (arg (name scale)))))
#         (mparam bias (tbase (path f32 (list)) () (list (name Out))) (int_ 0))
#         (minput table "frozen" (tbase (path Nf4 (list)) (list (arg (name Out)) (arg (name In))) ()) ())
#         (minput mask "input" (tbase (path bool (list)) () (list (name T))) (name true))
#         (mpart K (binary / (name In) (int_ 2)))
#         (fn call :doc "One row at a time."
#           (list)
#           ()
#           (list (param x (tbase (path f32 (list)) () (list (rest) (name In))) ()))
#           (tbase (path f32 (list)) () (list (rest) (name Out)))
#           ()
#           (binary @ (name x) (member T (name weight))))))
#     (struct_ S
#       (list)
#       ()
#       ()
#       (list
#         (mfield a (tbase (path int (list)) () ()) ())
#         (mfield b (tbase (path f32 (list)) () ()) (float_ 1.5))))
#     (adapter Lora
#       (list)
#       (list (param rank () ()))
#       (path std (list (name nn) (name Linear)))
#       (list (name In) (name Out))
#       (list (chain > (name rank) (int_ 0)))
#       (list (mparam a (tbase (path f32 (list)) () (list (name rank) (name In))) (int_ 0))))
#     (adapter Scale (list) () (path Linear (list)) () () (list))))
