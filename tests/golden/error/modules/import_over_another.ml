# A module takes no name that the file has.
import std.nn as layers
import std.nn as layers
import std.losses as layers             # error[E0202]: 'layers' is already declared
fn metrics(x: f32) -> f32 = x
import std.metrics                      # error[E0202]: 'metrics' is already declared
print(len(layers.Linear(2, 3).weight))
