# make              what there is
# make check        ./check: installs what is missing, builds twice, runs every test
# make soak         elementary functions of every float, then random programs and mutated files for HOURS (8) with new seeds. Stops at the
#                   first error and prints how to run it again
# make mutants      seeded errors of the compiler: do the tests notice? (tests/mutants.sh)
HOURS ?= 8

help:
	@sed -n 's/^# //p' Makefile

check:
	./check

soak:
	tests/soak.sh $(HOURS)

mutants:
	tests/mutants.sh

.PHONY: help check soak mutants
