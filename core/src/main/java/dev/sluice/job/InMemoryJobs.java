package dev.sluice.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Jobs of one process. Each step holds one lock; those whose time is over go when another is started. */
final class InMemoryJobs implements Jobs {
    /** Some 10 MB. */
    static final int MOST_JOBS = 10_000;

    private final long keepMicros;
    private final LongSupplier microClock;
    private final int mostJobs;
    private final RandomGenerator random;
    private final ReentrantLock step = new ReentrantLock();
    private final Map<String, HeldJob> byId = new HashMap<>();
    private final TreeMap<Long, HeldJob> byNumber = new TreeMap<>();
    private long lastNumber;

    InMemoryJobs(Duration keep, LongSupplier microClock, int mostJobs, RandomGenerator random) {
        Jobs.requireKeep(keep);
        this.keepMicros = keep.toMillis() * 1_000;
        this.microClock = microClock;
        this.mostJobs = mostJobs;
        this.random = random;
    }

    @Override
    public JobStart start(NewJob job) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            byNumber.values().removeIf(old -> old.isOver(now, keepMicros));
            byId.values().removeIf(old -> old.isOver(now, keepMicros));
            String id = JobIds.of(job, random);
            HeldJob before = byId.get(id);
            if (before != null && before.state(now) == JobState.RUNNING) {
                return new JobStart.Running(before.shown(now));
            }
            if (before == null && byId.size() >= mostJobs) {
                throw new TooManyJobsException(mostJobs);
            }
            if (before != null) {
                byNumber.remove(before.run().number());
            }
            lastNumber = Math.max(now, lastNumber + 1);
            var run = new JobRun(id, lastNumber);
            var begun = new HeldJob(run, job, now);
            byId.put(id, begun);
            byNumber.put(lastNumber, begun);
            return new JobStart.Started(run);
        });
    }

    @Override
    public boolean update(JobRun run, JobUpdate update) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            Optional<HeldJob> job =
                    held(run.id(), now).filter(found -> found.run().equals(run)).filter(found -> !found.hasEnded());
            job.ifPresent(found -> found.update(update, now));
            return job.isPresent();
        });
    }

    @Override
    public boolean end(JobRun run, JobEnd end) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            return held(run.id(), now)
                    .filter(found -> found.run().equals(run))
                    .map(found -> found.end(end, now))
                    .orElse(false);
        });
    }

    @Override
    public Optional<Job> find(String id) {
        NewJob.requireId(id);
        return atomically(() -> {
            long now = microClock.getAsLong();
            return held(id, now).map(job -> job.shown(now));
        });
    }

    @Override
    public JobPage list(JobFilter filter, OptionalLong before, int most) {
        Jobs.requirePage(most);
        return atomically(() -> {
            long now = microClock.getAsLong();
            var page = new ArrayList<Job>();
            var rest = byNumber.headMap(before.orElse(Long.MAX_VALUE), false).descendingMap();
            for (HeldJob held : rest.values()) {
                Job job = held.shown(now);
                if (held.isOver(now, keepMicros) || !filter.takes(job)) {
                    continue;
                }
                if (page.size() == most) {
                    return new JobPage(
                            page, OptionalLong.of(page.getLast().run().number()));
                }
                page.add(job);
            }
            return new JobPage(page, OptionalLong.empty());
        });
    }

    private Optional<HeldJob> held(String id, long now) {
        return Optional.ofNullable(byId.get(id)).filter(job -> !job.isOver(now, keepMicros));
    }

    private <T> T atomically(Supplier<T> work) {
        step.lock();
        try {
            return work.get();
        } finally {
            step.unlock();
        }
    }
}
