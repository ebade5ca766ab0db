/* be_random.c - Keys and draws; the numbers are those of runtime/random.c. */
#include "backend/be_int.h"

LV be_random_bits(Em *em, LV key, LV place, LV element)
{
    (void)key; (void)place;
    be_fail(em->be, "draws are not implemented yet");
    return element;
}

LV be_key_fold(Em *em, LV key, LV x)
{
    (void)x;
    be_fail(em->be, "draws are not implemented yet");
    return key;
}

LV be_key_new(Em *em, LV seed)
{
    be_fail(em->be, "draws are not implemented yet");
    return em_cast(em, LLVMZExt, seed, em->be->i128);
}
