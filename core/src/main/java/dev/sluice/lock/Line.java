package dev.sluice.lock;

import java.time.Duration;

/** How those stand in line who wait for a lock. */
final class Line {
    /** How long each may take for its turn before the next may take the lock: many times what a wake-up takes, and little beside a lease. */
    static final Duration TURN = Duration.ofMillis(100);

    /** How long a place is kept for somebody who does not look. */
    static final Duration PLACE = Duration.ofSeconds(5);

    /** Beyond so many who wait for one lock, others are refused at once. */
    static final int MOST = 1_000;

    /** How many are told that a lock is free: the first at once, each further one to look after the turns of those ahead. */
    static final int TOLD = 8;

    /** How often whoever waits looks by itself, since news may be lost; several times within {@link #PLACE}. */
    static final Duration LOOK = Duration.ofSeconds(1);

    /** The same while no news can be heard. */
    static final Duration LOOK_UNHEARD = Duration.ofMillis(100);

    private Line() {}
}
