# args: one "two words"
print(args(1), args(2))
# > one two words
