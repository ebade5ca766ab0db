## Keys are split with `fold`, not with arithmetic.
fn f(key: Key) -> Key = key + 1 # error[E0204]: '+' of Key and int
