[0, 0xff, 1_000_000, 9223372036854775807]
[1.5, 1e-3, 1_0.2_5E+2, 0.1, 1e308, 123456789.0]
["", "a\n\t\"\\", "\u{e9}\u{1F600}é", "# no comment"]
# ---- expect
# (file
#   (list
#     (listlit (list (int_ 0) (int_ 255) (int_ 1000000) (int_ 9223372036854775807)))
#     (listlit
#       (list (float_ 1.5) (float_ 0.001) (float_ 1025.0) (float_ 0.1) (float_ 1e+308) (float_ 123456789.0)))
#     (listlit (list (string "") (string "a\n\t\"\\") (string "é😀é") (string "# no comment")))))
