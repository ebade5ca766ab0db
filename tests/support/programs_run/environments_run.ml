# The functions of ddpg.ml and train.ml that need no derivative.
import ddpg: Pendulum, Replay, observe, swing, push, Actor, Critic
import train: batch, rate, loss
import train
import std.models: Gpt2
var e = Pendulum(angle: 1, speed: 0.5)
var m = Replay(3)
for i in 0..4 {
    let s = observe(e)
    let r = swing(var e, f32(i) - 1)
    push(var m, s, [f32(i)], r, observe(e))
}
print(e.angle, e.speed, m.seen, m.r, m.s)
let (a, c) = (Actor(8), Critic(8))
print(a(m.s), c(m.s, m.a))
let text[i: 64] = u8(i * 7 % 50)
print(batch(text, key(3), B: 2, T: 5), rate(50), rate(2000), rate(6000))
print(train.loss(Gpt2(50, 8, 1, 8, 2), batch(text, key(3), B: 2, T: 5)))
# > 1.427 3.472 4 [-2.181, -1.197, -1.545] [[0.3119, 0.9501, 2.46],
# >  [0.4984, 0.867, 0.9811],
# >  [0.4261, 0.9047, 1.631]]
# > [[0.2463],
# >  [0.2157],
# >  [0.2241]] [0.07555, 0.2714, 0.1857]
# > [[16, 23, 30, 37, 44, 1],
# >  [46, 3, 10, 17, 24, 31]] 0.00051 0.0006727 0.0
# > 3.96
