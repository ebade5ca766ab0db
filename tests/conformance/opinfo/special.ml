## Special functions: those of the library.
import std.special
