import lib.parts: _hidden # error[E0210]: '_hidden' is private to module 'lib.parts'
