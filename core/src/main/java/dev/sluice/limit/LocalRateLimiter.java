package dev.sluice.limit;

import java.util.Optional;

/** A limiter of this process alone, which can also say what it would decide. Thread-safe. */
public interface LocalRateLimiter extends RateLimiter {
    /** The denial that {@link #tryAcquire} would answer now, if any. Charges nothing, and nobody takes a place in line. */
    Optional<Decision.Denied> denial(Acquisition acquisition);
}
