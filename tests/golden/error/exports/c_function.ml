# Declarations and calls of C functions.
extern "m" fn hypot(x: f64, y: f64) -> f64
extern "m" fn nowhere(x: f99) -> f64 # error[E0201]: f99
extern "m" fn bare(x) -> f64 # error[E0207]: needs a type
extern "m" fn mlc_own(x: f64) -> f64 # error[E0401]: begin with 'mlc'

fn few(x: f64) -> f64 = hypot(x) # error[E0205]: 'hypot' takes 2 arguments, not 1
fn named(x: f64) -> f64 = hypot(x, y: x) # error[E0205]: not named
fn typed(x: f64) -> f64 = hypot(x, "y") # error[E0206]: where f64 is needed
fn whole(x: f64) -> i32 = hypot(x, x) # error[E0206]: f64
