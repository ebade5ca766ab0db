# Names of a module are those that stand in it.
import std.nn: Linear, Softmax          # error[E0210]: module 'std.nn' has no 'Softmax'
import std.nn as layers
let x = layers.gelu(1.0)                # error[E0210]: module 'std.nn' has no 'gelu'
let y = layers.cross_entropy(1.0)       # error[E0210]: module 'std.nn' has no 'cross_entropy'
let z = std.nn.Linear(2, 3)             # error[E0201]: 'std' is not declared
let l = Linear(in_features: 3, Out: 4)  # error[E0210]: 'Linear' has no field 'in_features'
