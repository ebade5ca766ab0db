import std.lossess
import zzzz
