package dev.sluice.cache;

import java.time.Duration;
import java.util.Optional;

/**
 * What somebody gets who asks a {@link LeasedCache}.
 *
 * @param <V> of the values
 */
public sealed interface LeasedAnswer<V> {

    /**
     * It is known.
     *
     * @param value empty: there is none
     * @param holds how much longer; zero of an old value
     * @param stale whether it is old, and stands in for one that others load or that could not be loaded
     * @param renewal there if whoever asked is to load it again, since it ends soon
     */
    record Found<V>(Optional<V> value, Duration holds, boolean stale, Optional<FillLease> renewal)
            implements LeasedAnswer<V> {}

    /**
     * Whoever asked is to load it.
     *
     * @param lease under which what is loaded can be kept; empty: it is kept nowhere
     * @param old what may stand in for it if it cannot be loaded
     */
    record Load<V>(Optional<FillLease> lease, Optional<V> old) implements LeasedAnswer<V> {}

    /**
     * Somebody else loads it, and takes longer than one would wait.
     *
     * @param left for how long nobody else may, unless its holder renews that
     */
    record Busy<V>(Duration left) implements LeasedAnswer<V> {}
}
