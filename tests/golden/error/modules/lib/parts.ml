## A module that the files beside this folder import.
fn _hidden(x: f32) -> f32 = x
fn shown(x: f32[N]) -> f32[N] = x * 2
let loaded = read_text("words.txt")
