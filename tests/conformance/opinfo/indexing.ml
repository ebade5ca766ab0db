## Reading and writing at indices, along the last axis. Of several writes to one place the last one stays.

fn gather1(x: num[N], at: i64[M]) -> num[M] {
    out[j] = x[at[j]]
}
fn gather2(x: num[A, N], at: i64[P, M]) -> num[P, M] where P <= A {
    out[i: P, j] = x[i, at[i, j]]
}
fn gather3(x: num[A, B, N], at: i64[P, Q, M]) -> num[P, Q, M] where P <= A, Q <= B {
    out[i: P, j: Q, k] = x[i, j, at[i, j, k]]
}

fn scatter1(x: num[N], at: i64[M], v: num[S]) -> num[N] where M <= S {
    out[n] = v[max[m | at[m] == n](m)] ?? x[n]
}
fn scatter2(x: num[A, N], at: i64[P, M], v: num[R, S]) -> num[A, N] where P <= A, P <= R, M <= S {
    out[i: A, n] = v[i, max[m: M | i < P and at[i, m] == n](m)] ?? x[i, n]
}
fn scatter3(x: num[A, B, N], at: i64[P, Q, M], v: num[R, T, S]) -> num[A, B, N] where P <= A, P <= R, Q <= B, Q <= T, M <= S {
    out[i: A, j: B, n] = v[i, j, max[m: M | i < P and j < Q and at[i, j, m] == n](m)] ?? x[i, j, n]
}

fn scatter_add1(x: num[N], at: i64[M], v: num[S]) -> num[N] where M <= S {
    out[n] = x[n] + sum[m: M | at[m] == n](v[m])
}
fn scatter_add2(x: num[A, N], at: i64[P, M], v: num[R, S]) -> num[A, N] where P <= A, P <= R, M <= S {
    out[i: A, n] = x[i, n] + sum[m: M | i < P and at[i, m] == n](v[i, m])
}
fn scatter_add3(x: num[A, B, N], at: i64[P, Q, M], v: num[R, T, S]) -> num[A, B, N] where P <= A, P <= R, Q <= B, Q <= T, M <= S {
    out[i: A, j: B, n] = x[i, j, n] + sum[m: M | i < P and j < Q and at[i, j, m] == n](v[i, j, m])
}

fn scatter_mul1(x: num[N], at: i64[M], v: num[S]) -> num[N] where M <= S {
    out[n] = x[n] * prod[m: M | at[m] == n](v[m])
}
fn scatter_mul2(x: num[A, N], at: i64[P, M], v: num[R, S]) -> num[A, N] where P <= A, P <= R, M <= S {
    out[i: A, n] = x[i, n] * prod[m: M | i < P and at[i, m] == n](v[i, m])
}

## Whole slices at the places of a list.
fn index_select(x: num[.., N], at: i64[M]) -> num[.., M] {
    out[.., j] = x[.., at[j]]
}
fn index_add(x: num[.., N], at: i64[M], v: num[.., M], alpha: num) -> num[.., N] {
    out[.., n] = x[.., n] + alpha * sum[m | at[m] == n](v[.., m])
}

## Rows of x written at the places of a list, or where a mask is set; the k-th set place takes the k-th row of v.
fn put_rows(x: num[N, D], at: i64[M], v: num[M, D]) -> num[N, D] {
    out[n, d] = v[max[m | at[m] == n](m), d] ?? x[n, d]
}
fn add_rows(x: num[N, D], at: i64[M], v: num[M, D]) -> num[N, D] {
    out[n, d] = x[n, d] + sum[m | at[m] == n](v[m, d])
}
fn put_where(x: num[N, D], mask: bool[N], v: num[M, D]) -> num[N, D] {
    let k[n: N] = count[m: N | m < n](mask[m])
    out[n, d] = if mask[n] { v[k[n], d] } else { x[n, d] }
}
fn add_where(x: num[N, D], mask: bool[N], v: num[M, D]) -> num[N, D] {
    let k[n: N] = count[m: N | m < n](mask[m])
    out[n, d] = if mask[n] { x[n, d] + v[k[n], d] } else { x[n, d] }
}

fn embedding(table: float[V, D], at: i64[N]) -> float[N, D] {
    out[n, d] = table[at[n], d]
}

## Rows longer than `most` are shortened to it.
fn embedding_shortened(table: float[V, D], at: i64[N], most: real) -> float[N, D] {
    let length[v] = norm[d](table[v, d])
    out[n, d] = table[at[n], d] * (if length[at[n]] > most { most / (length[at[n]] + 1e-7) } else { 1.0 })
}

## The same for the norm of order p.
fn embedding_shortened_p(table: float[V, D], at: i64[N], most: real, p: real) -> float[N, D] {
    let length[v] = sum[d](abs(table[v, d]) ^ p) ^ (1 / p)
    out[n, d] = table[at[n], d] * (if length[at[n]] > most { most / (length[at[n]] + 1e-7) } else { 1.0 })
}

## Places counted from the end where negative.
@elementwise fn from_front(i: i64, n: int) -> i64 = if i < 0 { i + n } else { i }
