import std.nothing: Linear # error[E0405]: std.nothing
