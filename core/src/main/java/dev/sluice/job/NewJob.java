package dev.sluice.job;

import dev.sluice.redis.KeyPart;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A job that begins.
 *
 * @param id 1-64 of {@code A-Z a-z 0-9 _ -}, so that nobody runs it twice at a time; empty for a new one
 * @param name what it does, 1-32 of {@code a-z 0-9 _ -}
 * @param silence for how long nothing may be heard of it before it counts as dead, 1 s to 1 h in whole milliseconds
 * @param total of how much, zero or more, if it is known
 */
public record NewJob(Optional<String> id, String name, Duration silence, OptionalLong total) {
    public static final Duration SHORTEST_SILENCE = Duration.ofSeconds(1);
    public static final Duration LONGEST_SILENCE = Duration.ofHours(1);

    /** Three heartbeats of 5 s: one that is late, or lost in an outage of some seconds, makes no job dead. */
    public static final Duration USUAL_SILENCE = Duration.ofSeconds(15);

    public NewJob {
        id.ifPresent(NewJob::requireId);
        requireName(name);
        if (silence.compareTo(SHORTEST_SILENCE) < 0
                || silence.compareTo(LONGEST_SILENCE) > 0
                || !silence.equals(Duration.ofMillis(silence.toMillis()))) {
            throw new IllegalArgumentException(
                    "a job may be silent for 1 s to 1 h, in whole milliseconds, not " + silence);
        }
        total.ifPresent(all -> JobUpdate.requireAmount("total", all));
    }

    public static NewJob of(String name) {
        return new NewJob(Optional.empty(), name, USUAL_SILENCE, OptionalLong.empty());
    }

    public NewJob withId(String newId) {
        return new NewJob(Optional.of(newId), name, silence, total);
    }

    public NewJob withSilence(Duration newSilence) {
        return new NewJob(id, name, newSilence, total);
    }

    public NewJob withTotal(long newTotal) {
        return new NewJob(id, name, silence, OptionalLong.of(newTotal));
    }

    static void requireId(String id) {
        KeyPart.TAG.require("a job's id", id);
    }

    static void requireName(String name) {
        KeyPart.SCOPE.require("a job's name", name);
    }
}
