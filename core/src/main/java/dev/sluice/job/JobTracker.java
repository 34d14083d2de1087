package dev.sluice.job;

import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** Jobs of this process, whose heartbeats are sent by themselves. Thread-safe. */
public final class JobTracker implements AutoCloseable {
    private final Jobs jobs;
    private final ScheduledThreadPoolExecutor timer;

    public JobTracker(Jobs jobs) {
        this.jobs = jobs;
        timer = new ScheduledThreadPoolExecutor(
                1,
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("sluice-job-heartbeats")
                        .unstarted(task));
        timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Starts a job, to be closed by the caller.
     *
     * @return empty if somebody else runs it
     */
    public Optional<RunningJob> start(NewJob job) {
        return switch (jobs.start(job)) {
            case JobStart.Started(JobRun run) -> Optional.of(new RunningJob(jobs, run, job.silence(), timer));
            case JobStart.Running running -> Optional.empty();
        };
    }

    /** Sends no heartbeats any more: what still runs is dead after its silence. To be closed after the jobs. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
