import std.schedule: cosine, cosine_restarts, cosine_after, linear_after, polynomial_after, inverse_sqrt, warmup_stable_decay, one_cycle
import std.schedule: stairs, exponential_decay, line, plateau, moving_average, warmup
