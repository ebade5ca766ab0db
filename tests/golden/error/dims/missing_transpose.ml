fn linear(x: f32[B, In], weight: f32[Out, In]) -> f32[B, Out] = x @ weight # error[E0203]: cannot multiply f32[B, In] by f32[Out, In]: inner sizes In and Out differ
