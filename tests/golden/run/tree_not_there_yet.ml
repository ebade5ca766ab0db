# status: 1
# stderr: error[E0504]: decode trees
tree t = { 0 { 0 } 1 }
fn size() -> int = t.size
print(1)
# > 1
print(size())
