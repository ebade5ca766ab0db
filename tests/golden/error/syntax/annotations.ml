@fast let x = 1 # error[E0101]: expected a declaration after 'fast', found 'let'
@fast import std.nn # error[E0404]: an annotation cannot stand before 'import'
