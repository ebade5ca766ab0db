# status: 1
# stderr: error[E0607]: library 'no_such_library' of the C function 'f' cannot be opened
extern "no_such_library" fn f(x: f64) -> f64
print(f(3))
