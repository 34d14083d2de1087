package dev.sluice.cache;

import java.time.Duration;
import java.util.Optional;

/** What Redis says when it is asked for a value. */
sealed interface Look {

    /**
     * A value as it is kept.
     *
     * @param content empty if it is kept that there is none
     * @param holds how much longer; zero or less if it is old
     * @param took how long it took to load
     */
    record Entry(Optional<byte[]> content, Duration holds, Duration took) {}

    /** The right to write what is loaded, which ends when somebody else writes or forgets the value. */
    record Lease(CacheKey key, String fence) {}

    /**
     * A value that holds.
     *
     * @param renewal there if whoever asked is to load it again, since it ends soon
     */
    record Kept(Entry entry, Optional<Lease> renewal) implements Look {}

    /**
     * None that holds, and whoever asked is to load it.
     *
     * @param old what may stand in for it
     */
    record Vacant(Lease lease, Optional<Entry> old) implements Look {}

    /**
     * None that holds, and somebody else loads it.
     *
     * @param left for how long nobody else may
     */
    record Busy(Optional<Entry> old, Duration left) implements Look {}
}
