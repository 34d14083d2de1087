package dev.sluice.lock;

/** What happens to a lock that was taken, perhaps, by somebody who was not told so: the answer was lost, or the asker had left. */
public enum LostAnswer {
    /** It is given back behind the scenes: nobody asks again as the same owner. */
    GIVE_BACK,
    /** It is kept for the length of its lease, and a place in line for 5 s, since the same owner will ask again. */
    KEEP
}
