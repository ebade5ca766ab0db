import lib.parts: loaded            # error[E0210]: module 'lib.parts' has no 'loaded'
import lib.parts as p
let x = p.loaded                    # error[E0210]: module 'lib.parts' has no 'loaded'
