import import_itself # error[E0405]: itself
