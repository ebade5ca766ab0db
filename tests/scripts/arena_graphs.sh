#!/bin/bash
# The arena of random graphs takes at most a tenth more than what lives at one time, with equal sizes and with others (--explain-fusion): products
# of one to five sizes, some of them known, among softmaxes, norms, residuals, attention, choices and loops, with several results.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
cd "$work" || exit 1

graphs() { # seed, how many
    awk -v seed="$1" -v many="$2" '
    function draw(n) { state = (state * 16807) % 2147483647; return int(state / 7) % n }
    function pick() { return nvals - 1 - draw(draw(10) < 7 && nvals > 5 ? 5 : nvals) }
    function like(d,    k) { do k = draw(nvals); while (dim[k] != d); return name[k] }
    function w(a, b) { return "w" tolower(a) tolower(b) }
    function say(line) { body = body "    " line "\n" }
    function node(i,    k, a, d, to, e) {
        k = draw(12); a = pick(); d = dim[a]; a = name[a]; to = all[draw(ndims)]; e = ""
        if (k < 4) e = a " @ " w(d, to)
        else to = k == 8 || k == 9 ? to : d
        if (k == 4) e = a " + " like(d)
        if (k == 5) e = "exp(-abs(" a ")) * " like(d)
        if (k == 6) e = "softmax(" a " @ " w(d, d) ", axis: -1)"
        if (k == 7) { say("let m" i " = mean(" a " ^ 2, axis: -1)"); say("let y" i "[t, d] = " a "[t, d] / sqrt(m" i "[t] + 0.00001) * g" tolower(d) "[d]") }
        if (k == 8) e = "softmax((" a " @ " w(d, d) ") @ " a ".T, axis: -1) @ (" a " @ " w(d, to) ")"
        if (k == 9) e = "if c > " i " { " a " @ " w(d, to) " } else { tanh(" a ") @ " w(d, to) " }"
        if (k == 10) { say("var v" i " = " a); say("for k in 0..3 { v" i " = tanh(v" i " @ " w(d, d) ") + v" i " }"); e = "v" i " * 0.5" }
        if (k == 11) e = "softmax(" a ", axis: -1)"
        if (e != "") say("let y" i " = " e)
        name[nvals] = "y" i; dim[nvals++] = to
    }
    function graph(p,    i, k, params, results) {
        ndims = 1 + draw(5); body = ""; nvals = 1; params = "c: i64"; results = ""
        for (i = 0; i < ndims; i++) { all[i] = substr("ABCDEF", i + 1, 1); size[all[i]] = draw(4) ? all[i] : 32 * (1 + draw(16)) }
        for (i = 0; i < ndims; i++) {
            params = params ", g" tolower(all[i]) ": f32[" size[all[i]] "]"
            for (k = 0; k < ndims; k++) params = params ", " w(all[i], all[k]) ": f32[" size[all[i]] ", " size[all[k]] "]"
        }
        name[0] = "x"; dim[0] = all[0]
        k = 5 + draw(14)
        for (i = 0; i < k; i++) node(i)
        for (i = 0; i < 3; i++) { k = 1 + draw(nvals - 1); say("let r" i " = " name[k]); results = results "f32[T, " size[dim[k]] "], " }
        printf "export fn p%d(x: f32[T, %s], %s) -> (%sf32) {\n%s    (r0, r1, r2, sum(%s) + sum(%s))\n}\n", p, size[all[0]], params, results, body, name[nvals - 1], name[1 + draw(nvals - 1)]
    }
    BEGIN { state = seed * 7919 + 1; for (p = 0; p < many; p++) graph(p) }'
}

seen=0
for seed in 1 105 106; do
    graphs $seed 40 >graphs.ml
    "$MLC_BUILD/mlc" --explain-fusion -Wno-unused graphs.ml >said 2>errors || { complain "seed $seed: $(head -n 3 errors)"; continue; }
    seen=$((seen + $(grep -c 'more than what lives at one time' said)))
    over=$(grep -oE '[0-9]+ % (more than what lives|with other sizes)' said | awk '$1 > 10' | sort -rn | head -n 5)
    [ -z "$over" ] || complain "seed $seed: $over"
done
[ "$seen" -gt 110 ] || complain "only $seen of 120 graphs have an arena"
verdict
