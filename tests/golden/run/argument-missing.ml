print("before")
print(args(1))
# > before
# status: 1
# stderr: argument-missing.ml:2:7: error[E0701]: argument 1 of the command is missing
