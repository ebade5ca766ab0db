## Figures of merit: of classes, probabilities, numbers, sequences and language models. Classes are labels 0 .. C - 1; a label below 0 is not
## counted. Means over nothing are 0.

# ---- classes: logits or probabilities [N, C], labels [N]

## The share of labels that have the largest of their row.
fn accuracy(logits: float[N, C], label: i64[N]) -> f64 {
    let best[n] = argmax[c](logits[n, c])
    mean[n | label[n] >= 0](if best[n] == label[n] { f64(1) } else { 0 })
}

## The share of labels among the k largest of their row; of equal ones the lower class comes first.
fn top_accuracy(logits: float[N, C], label: i64[N], k: int) -> f64 where 1 <= k, k <= C {
    let (_, at) = topk(logits, k, axis: -1)
    mean[n | label[n] >= 0](if any[r](at[n, r] == label[n]) { f64(1) } else { 0 })
}

## How often class a (rows) was called b (columns).
fn confusion(found: i64[N], label: i64[N], C: int) -> i64[C, C] where C >= 0 {
    out[a, b] = count[n](label[n] == a and found[n] == b)
}

## Precision, recall and F1 = 2 p r / (p + r) of each class of a confusion matrix; 0 where they are not defined.
fn precision_recall(m: i64[C, C]) -> (f64[C], f64[C], f64[C]) {
    let called[c] = sum[a](m[a, c])
    let present[c] = sum[b](m[c, b])
    let p[c]: f64 = if called[c] > 0 { f64(m[c, c]) / f64(called[c]) } else { 0 }
    let r[c]: f64 = if present[c] > 0 { f64(m[c, c]) / f64(present[c]) } else { 0 }
    let f[c]: f64 = if p[c] + r[c] > 0 { 2 * p[c] * r[c] / (p[c] + r[c]) } else { 0 }
    (p, r, f)
}

## The mean of the classes' F1, over all C: a class that neither stands there nor is called counts as 0.
fn macro_f1(m: i64[C, C]) -> f64 {
    let (_, _, f) = precision_recall(m)
    mean(f)
}

## F1 of all decisions together, which is the accuracy when every example has one class.
fn micro_f1(m: i64[C, C]) -> f64 = f64(sum[c](m[c, c])) / f64(max(sum(m), 1))

## Matthews' correlation of labels and decisions (Gorodkin 2004 for C classes), 0 where one of them is constant.
fn matthews(m: i64[C, C]) -> f64 {
    let s = f64(sum(m))
    let right = f64(sum[c](m[c, c]))
    let t[c] = f64(sum[b](m[c, b]))
    let p[c] = f64(sum[a](m[a, c]))
    let d = (s * s - sum(p * p)) * (s * s - sum(t * t))
    if d > 0 { (right * s - sum(t * p)) / sqrt(d) } else { 0 }
}

# ---- two classes: scores [N], which are true [N]

## The probability that a true one has a larger score than a false one, ties counted half (the area under the ROC curve; Hanley and McNeil 1982):
## from the sum of the true ones' ranks, so N log N steps. 0 if there are no true or no false ones; a NaN is a status.
fn roc_auc(score: float[N], yes: bool[N]) -> f64 {
    let place = ranks(score)
    let t = f64(count[i](yes[i]))
    let f = f64(count[i](not yes[i]))
    let above = sum[i | yes[i]](place[i]) - 0.5 * t * (t + 1)
    if t * f > 0 { above / (t * f) } else { 0 }
}

## The mean, over the true ones, of the precision among those with at least their score. N log N steps; a NaN is a status.
fn average_precision(score: float[N], yes: bool[N]) -> f64 {
    let (s, at) = _sorted(score)
    rec first[i] = if i == 0 { 0 } else if s[i] > s[max(i - 1, 0)] { i } else { first[i - 1] }
    let hit[i: N] = if yes[at[i]] { 1 } else { 0 }
    let c[i] = cumsum[i](hit[i])
    let all = sum(hit)
    let p[i: N] = f64(all - (c[first[i]] - hit[first[i]])) / f64(N - first[i])
    mean[i | hit[i] > 0](p[i])
}

# Ascending, and where each comes from.
fn _sorted(x: float[N]) -> (float[N], i64[N]) {
    check(not any[n](isnan(x[n])), "a number to be ordered is NaN")
    sort(x, axis: 0)
}

# ---- probabilities [N, C]

## Expected calibration error (Guo et al. 2017): over `bins` equal ranges of the largest probability, the share of examples in the range times
## the difference of its accuracy and its mean probability.
fn calibration_error(p: float[N, C], label: i64[N], bins: int) -> f64 where bins >= 1, C >= 1 {
    let top[n] = f64(max[c](p[n, c]))
    let hit[n]: f64 = if argmax[c](p[n, c]) == label[n] { 1 } else { 0 }
    let bin[n] = if label[n] < 0 { -1 } else { clip(i64(ceil(top[n] * bins)) - 1, 0, bins - 1) }
    let gap[k: bins] = abs(sum[n | bin[n] == k](hit[n] - top[n]))
    sum(gap) / max(count[n](label[n] >= 0), 1)
}

## The mean squared distance of probabilities and labels (Brier 1950): from 0 to 2.
fn brier(p: float[N, C], label: i64[N]) -> f64 {
    let d[n] = sum[c]((f64(p[n, c]) - (if label[n] == c { f64(1) } else { 0 })) ^ 2)
    mean[n | label[n] >= 0](d[n])
}

# ---- language models

## e^(mean nll) for negative log-likelihoods in nats; 1 over none.
fn perplexity(nll: float[..]) -> f64 = exp(mean(f64(nll)))

## Bits for each byte of a text of `bytes` bytes whose tokens have these negative log-likelihoods in nats.
fn bits_per_byte(nll: float[..], bytes: int) -> f64 = sum(f64(nll)) / (0.69314718055994531 * max(bytes, 1))

# ---- numbers

## 1 - sum (y - x)^2 / sum (y - mean y)^2 for predictions x of y; 0 where y is constant.
fn r_squared(x: float[N], y: float[N]) -> f64 {
    let m = mean[n](f64(y[n]))
    let all = sum[n]((f64(y[n]) - m) ^ 2)
    if all > 0 { 1 - sum[n]((f64(y[n]) - f64(x[n])) ^ 2) / all } else { 0 }
}

## Correlation (Pearson); 0 where one of them is constant.
fn correlation(x: float[N], y: float[N]) -> f64 {
    let a = mean[n](f64(x[n]))
    let b = mean[n](f64(y[n]))
    let d = sum[n]((f64(x[n]) - a) ^ 2) * sum[n]((f64(y[n]) - b) ^ 2)
    if d > 0 { sum[n]((f64(x[n]) - a) * (f64(y[n]) - b)) / sqrt(d) } else { 0 }
}

## Ranks from 1, equal numbers share the mean of theirs. N log N steps; a NaN is a status.
fn ranks(x: float[N]) -> f64[N] {
    let (s, at) = _sorted(x)
    rec first[i] = if i == 0 { 0 } else if s[i] > s[max(i - 1, 0)] { i } else { first[i - 1] }
    rec last[i] = if i == N - 1 { i } else if s[min(i + 1, N - 1)] > s[i] { i } else { last[i + 1] }
    out[n] = sum[i | at[i] == n](0.5 * f64(first[i] + last[i]) + 1)
}

## Correlation of ranks (Spearman).
fn rank_correlation(x: float[N], y: float[N]) -> f64 = correlation(ranks(x), ranks(y))

# ---- sequences

## The least number of insertions, deletions and changes that make y of x (Levenshtein 1966).
fn edit_distance(x: i64[N], y: i64[M]) -> i64 {
    rec d[i: N + 1, j: M + 1] =
        if i == 0 { j } else if j == 0 { i }
        else { min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (if x[max(i - 1, 0)] == y[max(j - 1, 0)] { 0 } else { 1 })) }
    d[N, M]
}

## Edits per token of the reference: the word error rate, if tokens are words.
fn error_rate(found: i64[N], reference: i64[M]) -> f64 = f64(edit_distance(found, reference)) / f64(max(M, 1))

## For n-grams: how many of x (the first `nx` tokens) stand in y (the first `ny`), each of y's used once, and how many x has.
fn matched_ngrams(x: i64[T], nx: int, y: i64[S], ny: int, n: int) -> (i64, i64) where n >= 1 {
    let before[i: T] = count[k: T | k < i](all[d: n]((x[k + d] ?? -1) == (x[i + d] ?? -1)))
    let there[i: T] = count[j: S | j + n <= ny](all[d: n]((y[j + d] ?? -2) == (x[i + d] ?? -1)))
    let found = count[i: T | i + n <= nx](before[i] < there[i])
    (found, max(nx - n + 1, 0))
}

## BLEU of a corpus (Papineni et al. 2002) from 0 to 1: the geometric mean of the clipped n-gram precisions for n = 1 .. `longest` over all B
## pairs, times min(1, e^(1 - references / candidates)) of the lengths. x [B, T] and y [B, S] with `nx` and `ny` tokens each. 0 where an
## n-gram order has no match (no smoothing).
fn bleu(x: i64[B, T], nx: i64[B], y: i64[B, S], ny: i64[B]; longest = 4) -> f64 {
    var total: f64 = 0
    for n in 1..longest + 1 {
        var hits: i64 = 0
        var all: i64 = 0
        for b in 0..B {
            let (h, a) = matched_ngrams(x[b], nx[b], y[b], ny[b], n)
            hits += h
            all += a
        }
        total += if hits > 0 { log(f64(hits) / f64(all)) } else { -inf }
    }
    let (c, r) = (f64(sum(nx)), f64(sum(ny)))
    if c > 0 { exp(min(1 - r / c, 0) + total / longest) } else { 0 }
}

## ROUGE-L (Lin 2004): F1 of the longest common subsequence of x and y.
fn rouge_l(x: i64[N], y: i64[M]) -> f64 {
    rec d[i: N + 1, j: M + 1] =
        if i == 0 or j == 0 { 0 }
        else if x[max(i - 1, 0)] == y[max(j - 1, 0)] { d[i - 1, j - 1] + 1 } else { max(d[i - 1, j], d[i, j - 1]) }
    if N + M > 0 { 2 * f64(d[N, M]) / f64(N + M) } else { 0 }
}
