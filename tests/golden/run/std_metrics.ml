## std.metrics on examples that can be counted by hand, and laws.
import std.metrics: accuracy, top_accuracy, confusion, precision_recall, macro_f1, micro_f1, matthews, roc_auc, average_precision
import std.metrics: calibration_error, brier, perplexity, bits_per_byte, r_squared, correlation, ranks, rank_correlation
import std.metrics: edit_distance, error_rate, matched_ngrams, bleu, rouge_l

let logits = [[3.0, 1.0, 0.0], [0.0, 2.0, 1.0], [1.0, 0.5, 0.75], [0.0, 0.0, 1.0]]
let label = [0, 2, 2, -1]
print(accuracy(logits, label), top_accuracy(logits, label, 2), top_accuracy(logits, label, 3))
# > 0.3333 1.0 1.0

let m = confusion([0, 0, 1, 1, 1, 2], [0, 1, 1, 1, 2, 2], 3)
let (p, r, f) = precision_recall(m)
print(m, p, r, f)
print(macro_f1(m), micro_f1(m), matthews(m), matthews([[2, 0], [0, 3]]), matthews([[0, 2], [3, 0]]))
# > [[1, 0, 0],
# >  [1, 2, 0],
# >  [0, 1, 1]] [0.5, 0.6667, 1.0] [1.0, 0.6667, 0.5] [0.6667, 0.6667, 0.6667]
# > 0.6667 0.6667 0.5 1.0 -1.0

let yes = [true, false, true, false]
print(roc_auc([0.9, 0.1, 0.8, 0.3], yes), roc_auc([0.5, 0.5, 0.5, 0.5], yes), roc_auc([0.1, 0.9, 0.8, 0.3], yes))
print(average_precision([0.9, 0.1, 0.8, 0.3], yes), average_precision([0.9, 0.8, 0.7, 0.1], yes))
print(average_precision([0.5, 0.5, 0.8, 0.3], yes), roc_auc([0.5, 0.5, 0.8, 0.3], yes))                 # (2 / 3 + 1) / 2; 3.5 of 4 pairs
# > 1.0 0.5 0.25
# > 1.0 0.8333
# > 0.8333 0.875

# a thousand scores in some order: the true ones are the even ones
let N = 1000
let score[i: N] = f32(i * 7919 % N)
let even[i: N] = i * 7919 % N % 2 == 0
print(roc_auc(score, even), average_precision(score, even), max(ranks(score)))
# > 0.499 0.5 1000.0

let q = [[0.85, 0.15], [0.35, 0.65], [0.95, 0.05], [0.25, 0.75]]
print(calibration_error(q, [0, 1, 1, 1], 10), calibration_error([[1.0, 0.0]], [0], 10), brier(q, [0, 1, 1, 1]), brier([[0.0, 1.0]], [0]))
print(calibration_error(q, [0, -1, 1, -1], 10), brier(q, [0, -1, 1, -1]))                                 # (0.15 + 0.95) / 2; (0.045 + 1.805) / 2
print(perplexity([log(4.0), log(4.0)]), bits_per_byte([log(2.0), log(4.0)], 3))
# > 0.425 0.0 0.555 2.0
# > 0.55 0.925
# > 4.0 1.0

let x = [1.0, 2.0, 3.0, 4.0]
print(r_squared(x, x), r_squared([2.5, 2.5, 2.5, 2.5], x), correlation(x, 3 - 2 * x), rank_correlation(x, exp(x)), ranks([5.0, 1.0, 5.0]))
# > 1.0 0.0 -1.0 1.0 [2.5, 1.0, 2.5]

# kitten, sitting
print(edit_distance([11, 9, 20, 20, 5, 14], [19, 9, 20, 20, 9, 14, 7]), edit_distance([1, 2], [1, 2]), error_rate([1, 3], [1, 2, 3, 4]))
print(rouge_l([1, 2, 3, 4], [1, 3, 4, 5]), rouge_l([1, 2], [3, 4]))
# > 3 0 0.5
# > 0.75 0.0

# Papineni et al., section 2.1: "the" seven times against "the cat is on the mat": 2 / 7
let the = [1, 1, 1, 1, 1, 1, 1]
let cat = [1, 2, 3, 4, 1, 5]
let (hits, all) = matched_ngrams(the, 7, cat, 6, 1)
print(hits, all, bleu([[1, 2, 3, 4, 1, 5]], [6], [[1, 2, 3, 4, 1, 5]], [6]), bleu([[1, 2, 3, 4]], [4], [[1, 2, 3, 4, 1, 5]], [6]), exp(-0.5))
print(bleu([[1, 2, 9, 4]], [4], [[1, 2, 3, 4]], [4], longest: 2), sqrt(3 / 4 / 3))
# > 2 7 1.0 0.6065 0.6065
# > 0.5 0.5
