fn f(a)
{ # error[E0101]: a line cannot begin with '{'
    a
}
model M(D)
{ # error[E0101]: a line cannot begin with '{'
    k = D
}
