# A module is looked for beside the file that imports it, from wherever the compiler is called; one name may be two files.
import lib.outer
import lib.deep.outer as deep
import lib.deep.inner: level
import lib.inner
print(outer.outer(1), deep.outer(1), level(3), inner.level(3))
# > 3.0 1e+04 300.0 4.0
