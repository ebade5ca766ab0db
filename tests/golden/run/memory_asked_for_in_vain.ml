# More than there is: the place of the statement. Before it, what stands before it.
print(1)
print(zeros(1000000000, 1000000000))
# > 1
# status: 1
# stderr: memory_asked_for_in_vain.ml:3:
