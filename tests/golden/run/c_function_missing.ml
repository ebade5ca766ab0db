# A C function that is not there is said before anything runs.
# status: 1
# stderr: error[E0607]: library 'm' has no function 'hipot'
extern "m" fn hipot(x: f64, y: f64) -> f64
print("never")
print(hipot(3, 4))
