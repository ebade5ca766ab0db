# Convolutions run as products of copied operands where there are enough channels; each channel has the bits that it has alone.
import std.nn: conv2d

fn apart(x: f32[N, C, Y, X], w: f32[O, I, K, K], b: f32[O]; stride = 1, padding = 0) -> int where I == C {
    let all = conv2d(x, w, b, stride: stride, padding: padding)
    var wrong = 0
    for o in 0..O {
        let one = conv2d(x, w[o : o + 1], b[o : o + 1], stride: stride, padding: padding)
        wrong += count[n, y, z](abs(all[n, o, y, z] - one[n, 0, y, z]) > 0)
    }
    wrong
}

let x[n: 1, c: 29, y: 3, z: 19] = sin(f32(n + 7 * c + 31 * y + 3 * z))
let w[o: 17, c: 29, i: 3, j: 3] = cos(f32(o + 5 * c + 2 * i + j))
let b[o: 17] = f32(o)
print(apart(x, w, b, padding: 1), apart(x, w, b, stride: 2, padding: 2))

# whole numbers, so that every order of adding gives the same
let xi[n: 1, c: 30, y: 3, z: 17] = f32((n + 7 * c + 3 * y + z) % 5 - 2)
let wi[o: 20, c: 30, i: 3, j: 3] = f32((o + 2 * c + i * j) % 7 - 3)
let whole = conv2d(xi, wi, b[0] + wi[:, 0, 0, 0], padding: 1)
print(i64(sum[n, o, y, z](whole[n, o, y, z] * f32((o + 3 * y + 5 * z) % 11 - 5))), i64(whole[0, 19, 2, 16]), i64(whole[0, 0, 0, 0]))

# groups: the channels of a group read their own inputs
let grouped = conv2d(xi, wi[:, :15], wi[:, 0, 0, 0], padding: 1)
print(i64(sum[n, o, y, z](grouped[n, o, y, z] * f32((o + 3 * y + 5 * z) % 11 - 5))), i64(grouped[0, 10, 2, 7]))

# what lies outside is not read: infinite weights meet zeros there as the program says
let big[o: 16, c: 30, i: 3, j: 3] = if i == 0 and o == 3 { inf } else { wi[o, c, i, j] }
let edge = conv2d(abs(xi) + 1, big, b[:16], padding: 1)
print(isnan(edge[0, 3, 0, 4]), edge[0, 3, 2, 4] > 1e30, i64(edge[0, 4, 0, 0]))
# > 0 0
# > 262 5 -6
# > 740 -2
# > true true -2
