fn delta(x: f32[N]) -> f32[N - 1] where N >= 2 = x[1:] - x # error[E0203]: sizes N - 1 and N differ
