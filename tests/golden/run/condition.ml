## A condition of the script.
let x = read_bytes(args(0))
check(len(x) > 100000, "the file is too short")
# status: 1
# stderr: condition.ml:3:1: error[E0701]: the file is too short
