package dev.sluice.job;

import dev.sluice.redis.KeyPart;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a job says while it runs; whatever it is, it is a sign of life.
 *
 * @param done how much is done, zero or more; empty as before
 * @param total of how much, zero or more; empty as before
 * @param adds what is added to its counters, by their names of 1-32 of {@code a-z 0-9 _ -}; may be negative
 */
public record JobUpdate(OptionalLong done, OptionalLong total, Map<String, Long> adds) {
    /** A sign of life alone. */
    public static final JobUpdate ALIVE = new JobUpdate(OptionalLong.empty(), OptionalLong.empty(), Map.of());

    /** How many counters a job may have. */
    public static final int MOST_COUNTERS = 32;

    /** Beyond 2^53 - 1 whole numbers are not exact on Redis. */
    public static final long GREATEST = (1L << 53) - 1;

    public JobUpdate {
        done.ifPresent(amount -> requireAmount("done", amount));
        total.ifPresent(amount -> requireAmount("total", amount));
        if (adds.size() > MOST_COUNTERS) {
            throw new IllegalArgumentException("a job may have " + MOST_COUNTERS + " counters, not " + adds.size());
        }
        adds.forEach((name, amount) -> {
            KeyPart.SCOPE.require("a counter's name", name);
            if (amount < -GREATEST || amount > GREATEST) {
                throw new IllegalArgumentException(
                        "what is added to a counter must be less than 2^53 up or down, not " + amount);
            }
        });
        adds = Map.copyOf(adds);
    }

    public static JobUpdate done(long done) {
        return new JobUpdate(OptionalLong.of(done), OptionalLong.empty(), Map.of());
    }

    public static JobUpdate adding(String counter, long amount) {
        return new JobUpdate(OptionalLong.empty(), OptionalLong.empty(), Map.of(counter, amount));
    }

    static void requireAmount(String what, long amount) {
        if (amount < 0 || amount > GREATEST) {
            throw new IllegalArgumentException("a job's " + what + " must be 0 to 2^53 - 1, not " + amount);
        }
    }
}
