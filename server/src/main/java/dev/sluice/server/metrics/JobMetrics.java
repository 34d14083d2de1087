package dev.sluice.server.metrics;

import dev.sluice.job.JobState;

/** Jobs that were started and ended through this process, by their name. Thread-safe. */
public final class JobMetrics {
    private final Metrics metrics;

    public JobMetrics(Metrics metrics) {
        this.metrics = metrics;
    }

    public void started(String name) {
        metrics.counter("sluice.jobs.started", "Jobs that were started here.", "job", metrics.bounded("job", name))
                .increment();
    }

    /** @param how any state but running and dead */
    public void ended(JobState how) {
        metrics.counter("sluice.jobs.ended", "Jobs that ended here, by how they did.", "state", how.word())
                .increment();
    }
}
