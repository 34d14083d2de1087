package dev.sluice.job;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** One job in memory. Times are microseconds. Not thread-safe. */
final class HeldJob {
    private final JobRun run;
    private final NewJob begun;
    private final long started;
    private final Map<String, Long> counters = new HashMap<>();
    private long updated;
    private OptionalLong done;
    private OptionalLong total;
    private Optional<JobEnd> end = Optional.empty();
    private long ended;

    HeldJob(JobRun run, NewJob begun, long now) {
        this.run = run;
        this.begun = begun;
        this.started = now;
        this.updated = now;
        this.done = begun.total().isPresent() ? OptionalLong.of(0) : OptionalLong.empty();
        this.total = begun.total();
    }

    JobRun run() {
        return run;
    }

    boolean hasEnded() {
        return end.isPresent();
    }

    boolean isOver(long now, long keep) {
        return updated + keep <= now;
    }

    JobState state(long now) {
        if (end.isPresent()) {
            return end.get().state();
        }
        return updated + begun.silence().toNanos() / 1_000 < now ? JobState.DEAD : JobState.RUNNING;
    }

    /** All or, if it may not be, nothing. */
    void update(JobUpdate update, long now) {
        var sums = new HashMap<>(counters);
        update.adds().forEach((name, amount) -> sums.merge(name, amount, Long::sum));
        if (sums.values().stream().anyMatch(sum -> Math.abs(sum) > JobUpdate.GREATEST)) {
            throw JobBounds.tooGreat();
        }
        if (sums.size() > JobUpdate.MOST_COUNTERS) {
            throw JobBounds.tooManyCounters();
        }
        counters.putAll(sums);
        done = update.done().isPresent() ? update.done() : done;
        total = update.total().isPresent() ? update.total() : total;
        updated = now;
    }

    /** @return false if it ended otherwise */
    boolean end(JobEnd how, long now) {
        if (end.isPresent()) {
            return end.get().equals(how);
        }
        end = Optional.of(how);
        ended = now;
        updated = now;
        return true;
    }

    Job shown(long now) {
        return new Job(
                run,
                begun.name(),
                state(now),
                time(started),
                time(updated),
                end.map(how -> time(ended)),
                done,
                total,
                counters,
                end.flatMap(JobEnd::error),
                end.flatMap(JobEnd::message));
    }

    private static Instant time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
