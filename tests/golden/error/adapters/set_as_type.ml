import std.nn: Linear
import std.adapters: Lora

fn plain(net: Linear(D, F)) -> f32 {
    let set: net.trainable = net        # error[E0210]: Linear(D, F) has no member 'trainable'
    norm(set)
}
fn kept(net: adapt(Linear(D, F), Lora(R, A))) -> f32 {
    net.trainable = 2 * net.trainable   # error[E0209]: 'net' is not a 'var' and keeps its value
    1
}
fn other(net: adapt(Linear(D, F), Lora(R, A))) -> f32 {
    var y = net
    y.trainable = net                   # error[E0206]: the new value is Linear_Lora(R, A, D, F), but Linear_Lora_trainable(R, A, D, F) is needed
    1
}
let set = load("set.safetensors") as tuned.trainable    # error[E0201]: 'tuned' is not declared
