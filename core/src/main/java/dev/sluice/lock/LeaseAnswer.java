package dev.sluice.lock;

import java.time.Duration;

/** What became of an attempt to take a lock. */
public sealed interface LeaseAnswer {
    /** It is the caller's. */
    record Taken(Lease lease) implements LeaseAnswer {}

    /**
     * Somebody else has it, or is to have it next.
     *
     * @param remaining of its holder's lease, who may renew it; zero if it is free for those who wait
     * @param ahead how many wait
     */
    record Busy(Duration remaining, int ahead) implements LeaseAnswer {}
}
