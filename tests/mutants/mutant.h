/* mutant.h - included before every file of a build with seeded errors (tests/mutants.sh): is error n switched on? */
#ifndef MLC_MUTANT_H
#define MLC_MUTANT_H

extern char *getenv(const char *);
extern int atoi(const char *);

static inline int mlc_mutant(int n)
{
    const char *on = getenv("MLC_MUTANT");
    return on && atoi(on) == n;
}

#endif
