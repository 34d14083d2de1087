package dev.sluice.benchmarks;

import dev.sluice.limit.Acquisition;

/** Somebody else's library, asked what Sluice's limiter is asked. Thread-safe. */
interface Peer extends AutoCloseable {
    /**
     * Takes one permit from each of the question's limits, in their order; what was taken is given back when one has none left,
     * as a caller must who wants all or nothing.
     */
    boolean tryAcquire(Acquisition acquisition);

    @Override
    void close();
}
