# Models of lstm.ml, moe.ml, vit.ml and qlora.ml with weights drawn from a seed; a second way to each value where one is short.
import lstm: CharModel, Lstm
import lstm
import moe: Moe, moe
import vit: Vit, classify
import qlora: Linear4, quantise, dequantise, round_trip
let text[b: 2, t: 6]: i32 = i32((b * 3 + t * 5) % 7)
let chars = CharModel(7, 4, 5)
print(lstm.loss(chars, text))
let cell = Lstm(3, 2)
let x[b: 1, t: 2, d: 3] = 0.5 * f32(t + d) - 0.5
let hidden = cell(x, zeros(1, 2), zeros(1, 2))
print(hidden)
let experts = Moe(6, 8, 4, 2)
let rows[n: 5, d: 6] = 0.3 * f32((n * 5 + d * 3) % 7) - 1
let (mixed, balance) = moe(experts, rows)
print(mixed, balance)
let net = Vit(8, 4, 12, 2, 3, 16, 5)
let image[b: 3, c: 3, i: 8, j: 8] = 0.1 * f32((b * 11 + c * 5 + i * 3 + j * 7) % 19) - 1
print(net(image))
print(classify(net, image))
let w[o: 3, i: 128] = 0.01 * f32((o * 37 + i * 29) % 101) - 0.5
print(round_trip(w))
let quantised = Linear4(128, 3, weight: quantise(w))
let v[i: 128] = f32(i % 3) - 1
print(quantised(v) - dequantise(quantise(w)) @ v)
print(quantised(reshape(v, 1, 128)))
# > 1.908
# > [[[-0.04976, -0.1347],
# >   [-0.05165, -0.3127]]]
# > [[0.07847, -0.1077, -0.04258, 0.06636, 0.6844, 0.1067],
# >  [-0.01364, -0.04547, 0.05371, 0.03729, 0.00279, 0.02384],
# >  [0.1126, -0.004047, -0.004159, 0.09796, -0.06249, 0.1156],
# >  [0.02988, 0.007112, -0.09715, 0.03906, -0.1597, 0.08629],
# >  [-0.1208, 0.1242, 0.003127, -0.1673, 0.07978, -0.01379]] 1.001
# > [[-0.4109, 0.2409, 0.4504, -0.4778, -0.21],
# >  [-0.1904, 0.1348, 0.4283, -0.5003, 0.04005],
# >  [-0.3317, 0.07002, 0.5757, -0.5579, 0.01903]]
# > [2, 2, 2]
# > 0.1458
# > [0.0, 0.0, 0.0]
# > [[-0.5542, 0.03413, -0.2456]]
