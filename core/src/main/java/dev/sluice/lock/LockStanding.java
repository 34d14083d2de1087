package dev.sluice.lock;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How a lock stands at a moment; by the next it may be somebody else's.
 *
 * @param held whether somebody holds it
 * @param fence of its holder, or its last one; 0 if none is remembered
 * @param since when its holder took it, by the store's clock
 * @param remaining of its holder's lease; zero if it is free
 * @param waiting how many wait
 */
public record LockStanding(boolean held, long fence, Optional<Instant> since, Duration remaining, int waiting) {}
