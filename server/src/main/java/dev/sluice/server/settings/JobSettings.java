package dev.sluice.server.settings;

import dev.sluice.job.Jobs;
import java.time.Duration;
import java.util.List;

/**
 * How jobs are kept.
 *
 * @param keep for how long from when one was last heard of
 */
public record JobSettings(Duration keep) {
    static final Setting<Duration> KEEP = Setting.of(
            "REDIS_TTL_JOB",
            Forms.duration(Jobs.SHORTEST_KEEP, Jobs.LONGEST_KEEP),
            Long.toString(Jobs.USUAL_KEEP.toSeconds()),
            "How long a job of `/v1/jobs` is kept from when it was last heard of (docs/locks.md).");

    static final List<Setting<?>> ALL = List.of(KEEP);

    static JobSettings read(Reading reading) {
        return new JobSettings(reading.get(KEEP));
    }
}
