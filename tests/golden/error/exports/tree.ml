tree small = { 0 { 0 1 } 1 }
export fn size() -> i32 = i32(small.size) # error[E0504]: decode trees
