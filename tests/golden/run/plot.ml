let curve[i: 50] = f32(i * i)
plot(curve, title: "squares <&>", file: "curve.svg")
let svg = read_bytes("curve.svg")
print(len(svg) > 1000)
# > true
