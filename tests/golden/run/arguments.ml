## Arguments of the command are texts.
print(args(1), args(2))
print(exists(args(1)), exists(args(0)))
# args: one "two words"
# > one two words
# > false true
