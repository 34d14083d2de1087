package dev.sluice.job;

import dev.sluice.SluiceException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job that runs here; a heartbeat is sent each third of the silence that it may keep. Thread-safe.
 *
 * <p>What it says goes to the store at once and may fail as {@link Jobs} says, but for its end in {@link #close}.
 */
public final class RunningJob implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RunningJob.class);
    private static final int BEATS = 3;

    /** What a job that was closed before it said how it ended failed of. */
    public static final String UNFINISHED = "Unfinished";

    private final Jobs jobs;
    private final JobRun run;
    private final ScheduledFuture<?> beat;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean current = true;
    private volatile JobEnd said = JobEnd.failed(UNFINISHED);

    RunningJob(Jobs jobs, JobRun run, Duration silence, ScheduledExecutorService timer) {
        this.jobs = jobs;
        this.run = run;
        long period = silence.toNanos() / BEATS;
        // A heartbeat waits for the store, so it leaves the timer's thread at once.
        beat = timer.scheduleAtFixedRate(
                () -> Thread.startVirtualThread(this::beat), period, period, TimeUnit.NANOSECONDS);
    }

    public JobRun run() {
        return run;
    }

    /** Whether nobody has taken it for dead and started it anew, as far as is known. Asks nobody. */
    public boolean isCurrent() {
        return current;
    }

    /** Says how far it is. @return false if it is not current any more */
    public boolean progress(long done, long total) {
        return update(new JobUpdate(OptionalLong.of(done), OptionalLong.of(total), Map.of()));
    }

    /** Adds to a counter. @return false if it is not current any more */
    public boolean add(String counter, long amount) {
        return update(JobUpdate.adding(counter, amount));
    }

    /** @return false if it is not current any more */
    public boolean update(JobUpdate update) {
        return heard(jobs.update(run, update));
    }

    /** Ends it; only once. If the store does not answer, {@link #close} says it again. @return false if it is not current any more */
    public boolean end(JobEnd how) {
        beat.cancel(false);
        said = how;
        boolean written = heard(jobs.end(run, how));
        ended.set(true);
        return written;
    }

    /** A job that has not said how it ended has failed: {@link #UNFINISHED}. If the store does not answer, it is dead after its silence. */
    @Override
    public void close() {
        beat.cancel(false);
        if (ended.compareAndSet(false, true)) {
            try {
                heard(jobs.end(run, said));
            } catch (SluiceException e) {
                log.atWarn().addKeyValue("job", run.id()).log("how a job ended was not written down");
            }
        }
    }

    private boolean heard(boolean heard) {
        if (!heard) {
            current = false;
        }
        return heard;
    }

    private void beat() {
        try {
            if (!ended.get() && !jobs.update(run, JobUpdate.ALIVE) && !ended.get()) {
                current = false;
                beat.cancel(false);
                log.atWarn()
                        .addKeyValue("job", run.id())
                        .log("a job was started anew by somebody else, or is forgotten");
            }
        } catch (SluiceException e) {
            log.atDebug().addKeyValue("job", run.id()).log("a job's heartbeat was not heard");
        }
    }
}
