import std.sample: gredy # error[E0210]: module 'std.sample' has no 'gredy'
