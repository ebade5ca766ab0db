## A module that modules in its folder import by its name alone.
fn level(x: f32) -> f32 = x + 1
