package dev.sluice.job;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A job as it was at a moment. Times are the store's.
 *
 * @param run which run of its id
 * @param updated when it was last heard of
 * @param ended when it ended; empty while it runs or is dead
 * @param done how much is done, if it says so
 * @param total of how much, if it knows
 * @param error the class of what it failed of
 * @param message what it said when it ended
 */
public record Job(
        JobRun run,
        String name,
        JobState state,
        Instant started,
        Instant updated,
        Optional<Instant> ended,
        OptionalLong done,
        OptionalLong total,
        Map<String, Long> counters,
        Optional<String> error,
        Optional<String> message) {
    public Job {
        counters = Map.copyOf(counters);
    }
}
