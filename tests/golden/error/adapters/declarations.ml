import std.nn: Linear, Dense

adapter Bad(r) for Linear(I, O) {
    param weight: f32[r] = 0 # error[E0402]: 'weight' is a member of the adapted model, too
    fn call(y: f32[.., I]) -> f32[.., O] = base(y) # error[E0409]: the parameter 'y', not 'x'
}
adapter Swapped for Linear(I, O) {
    fn call(x: f32[.., O]) -> f32[.., I] = x # error[E0409]: the size base.Out, not base.In
}
adapter Wide for Linear(I, O) {
    fn call(x: f64[.., I]) -> f32[.., O] = f32(x) # error[E0409]: the type f64, not f32
}
adapter Narrow for Linear(I, O) {
    fn call(x: f32[I]) -> f32[B, O] = base(x) # error[E0201]: 'B'
}
adapter Many for Linear(I, O, K) { } # error[E0402]: 'Linear' has 2 header numbers
adapter Unknown for Linaer(I, O) { } # error[E0201]: model 'Linaer' is not declared
adapter Function for twice { } # error[E0207]: 'twice' is no model
fn twice(x: f32) -> f32 = 2 * x
adapter More for Linear(I, O) {
    fn call(x: f32[.., I], y: f32) -> f32[.., O] = y * base(x) # error[E0409]: 2 parameters, not 1
}
adapter Itself for Itself { } # error[E0402]: 'Itself' is for itself
adapter Fine(s) for Linear(I, O) {
    fn call(x: f32[.., I]) -> f32[.., O] = s * base(x)
}
adapter Other(r) for Fine(S) { # for an adapter: over its model
    fn call(x: f32[.., base.In]) -> f32[.., base.Out] = r * S * bass(x) # error[E0201]: 'bass'
}
adapter Circle for Linear(I, O) {
    fn call(x: f32[.., I]) -> f32[.., O] = call(x) # error[E0212]: 'call' calls itself
}
adapter Typo(rank) for Linear(I, O) {
    param a: f32[rank, I] = 0
    fn call(x: f32[.., I]) -> f32[.., O] = base(x) + weight[0, 0] # error[E0201]: 'weight' is not declared
    fn low(x: f32[.., I]) -> f32[.., rank] = x @ a # error[E0203]: inner sizes base.In and rank differ
}
