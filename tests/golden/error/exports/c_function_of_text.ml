# C functions of anything but numbers are not there yet; those who call none of them are not affected.
extern "c" fn strlen(s: str) -> int
export fn length() -> int = strlen("abc") # error[E0501]: anything but numbers
export fn twice(x: f64) -> f64 = 2 * x
