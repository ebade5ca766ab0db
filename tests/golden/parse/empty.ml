# nothing but this
# ---- expect
# (file (list))
