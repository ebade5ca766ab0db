# Losses, advantages and the beam search of policy_losses.ml, preference_losses.ml, gae.ml and beam.ml.
import policy_losses: group_advantage, ppo, grpo, dapo, dr_grpo, gspo, mirror_descent
import preference_losses: dpo, ipo, simpo, orpo, kto
import gae: gae, a2c
import beam: beam_search
let (R, T) = (4, 3)
let lp[r: 4, t: 3] = -0.1 * f32((r * 5 + t * 3) % 7) - 0.2
let old[r: 4, t: 3] = -0.1 * f32((r * 3 + t * 2) % 5) - 0.25
let ref[r: 4, t: 3] = -0.3
let reward = [1.0, 0.0, 0.5, 2.0]
let prompt: i32[4] = [0, 0, 1, 1]
let len: i32[4] = [3, 2, 1, 3]
let adv = group_advantage(reward, prompt)
print(adv)
let adv2[r: 4, t: 3] = adv[r]
print(ppo(lp, old, adv2, len), grpo(lp, old, ref, adv, len), dapo(lp, old, adv, len))
print(dr_grpo(lp, old, adv, len, 4), gspo(lp, old, adv, len), mirror_descent(lp, old, reward, prompt, len))
let (win, lose) = ([-1.0, -2.0, -0.5], [-1.5, -1.0, -2.5])
let (win_ref, lose_ref) = ([-1.1, -1.9, -0.6], [-1.4, -1.2, -2.0])
print(dpo(win, lose, win_ref, lose_ref), ipo(win, lose, win_ref, lose_ref))
print(simpo(win, lose, [2, 3, 4], [3, 2, 5]), orpo(win, lose, 0.7))
print(kto(win, lose, [true, false, true], [-1.0, -0.5], [-1.25, -0.5]))
let g[t: 5, e: 2] = f32((t * 2 + e) % 3)
let v[t: 5, e: 2] = 0.5 * f32((t + e) % 4)
let ended[t: 5, e: 2] = t == 2 and e == 1
let cut[t: 5, e: 2] = t == 3 and e == 0
print(gae(g, v, v + 0.1, ended, cut))
let logits[t: 5, e: 2, a: 3] = 0.3 * f32((t * 4 + e * 2 + a * 5) % 7)
let act[t: 5, e: 2]: i32 = i32((t + e) % 3)
print(a2c(logits, v, act, g, v + 0.5))
let w[a: 6, b: 6] = log_softmax[b](f32((a * 7 + b * 3) % 5))
let (path, score) = beam_search(w, 0, 5, 4)
print(path, score)
# > [0.707, -0.707, -0.707, 0.707]
# > -0.2647 -0.04228 -0.2773
# > -0.1489 0.008444 -0.1152
# > 0.685 23.5
# > 1.235 0.767
# > 0.4719
# > [[3.102, 1.62],
# >  [3.193, 0.5592],
# >  [1.168, 0.5],
# >  [0.084, 1.187],
# >  [2.099, 0.094]]
# > 1.407
# > [3, 1, 4, 2] -2.143
