fn accuracy(logits: f32[N, V], target: i64[V]) -> f32 = mean(f32(argmax(logits, axis: -1) == target)) # error[E0203]: sizes N and V differ
