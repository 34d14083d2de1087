package dev.sluice.cache;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One process' way to the value of one key, which all who want it meanwhile share: asks Redis, waits for another replica's load, or
 * loads. It has a thread of its own, so that whoever started it need not stay.
 *
 * <p>What another replica loads is heard of ({@link #news}); since news may be lost, Redis is looked at all the same, after 20 ms at
 * first and every 250 ms later, and when the lease of whoever loads has run out.
 */
final class Flight<V> {
    private static final long FIRST_LOOK_NANOS = Duration.ofMillis(20).toNanos();
    private static final long SLOWEST_LOOK_NANOS = Duration.ofMillis(250).toNanos();

    /** How often a value is loaded whose lease was gone when it came: the second time, something newer keeps being written. */
    private static final int MOST_LOADS = 2;

    /** Of loaders that break their contract. */
    static final String NO_NULL = "a loader gives a value or that there is none, never null";

    private final CacheKey key;
    private final Cache.Loader<V> loader;
    private final CacheSettings settings;
    private final Levels<V> levels;
    private final CacheCounters counters;
    private final Runnable decided;
    private final long begun = System.nanoTime();
    private final CompletableFuture<Answer<V>> end = new CompletableFuture<>();
    private final Semaphore news = new Semaphore(0);
    private volatile Optional<LocalLevel.Copy<V>> old = Optional.empty();
    private volatile boolean mayBringOld = true;
    private volatile boolean waited;
    private int loads;

    /** @param decided run, once or more, when it is not for this flight to load, as far as is known */
    Flight(
            CacheKey key,
            Cache.Loader<V> loader,
            CacheSettings settings,
            Levels<V> levels,
            CacheCounters counters,
            Runnable decided) {
        this.key = key;
        this.loader = loader;
        this.settings = settings;
        this.levels = levels;
        this.counters = counters;
        this.decided = decided;
    }

    /**
     * Starts.
     *
     * @param landed run before anybody gets the answer
     */
    void start(Runnable landed) {
        Thread.ofVirtual().name("sluice-cache-flight").start(() -> {
            try {
                seek(landed);
            } catch (LoadFailedException e) {
                fail(e, landed);
            } catch (InterruptedException e) {
                fail(LoadFailedException.late(settings), landed);
            } catch (RuntimeException | Error e) {
                fail(LoadFailedException.of(settings, e), landed);
            } finally {
                decided.run();
            }
        });
    }

    /**
     * Starts for nobody: to renew a value before it ends.
     *
     * @param ahead by how many loading times, as was drawn for the copy here: drawn twice, it would hardly ever be renewed in time
     */
    void startUnseen(double ahead, Runnable landed) {
        Thread.ofVirtual().name("sluice-cache-renew").start(() -> {
            try {
                renew(ahead);
            } catch (InterruptedException | RuntimeException e) {
                // The value holds; whoever reads it next tries again.
            } finally {
                landed.run();
            }
        });
    }

    /** Gets its answer, or an old value if it does not come in the time that {@code own} has left. */
    Answer<V> awaitFor(Flight<V> own) throws InterruptedException {
        try {
            return end.get(own.left(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return standIn().orElseThrow(() -> LoadFailedException.late(settings));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LoadFailedException failed) {
                throw failed;
            }
            throw LoadFailedException.of(settings, e.getCause());
        }
    }

    /** Somebody has written or forgotten the value, or a load has ended. */
    void heard() {
        news.release();
    }

    /** Whether what it brings may be from before now, so that whoever comes now must not share it. */
    boolean mayBringOld() {
        return mayBringOld;
    }

    /** Whether the time since it was made is not over. */
    boolean hasTime() {
        return left() > 0;
    }

    /** Whether another replica was waited for. */
    boolean waited() {
        return waited;
    }

    private void seek(Runnable landed) throws InterruptedException {
        long pause = FIRST_LOOK_NANOS;
        Optional<Answer<V>> refused = Optional.empty();
        while (true) {
            mayBringOld = true;
            long stamp = levels.stamp(key);
            Optional<Look> look = levels.isShared() ? levels.look(key, levels.ahead()) : Optional.empty();
            if (look.isEmpty()) {
                land(alone(stamp), landed);
                return;
            }
            switch (look.get()) {
                case Look.Kept(Look.Entry entry, Optional<Look.Lease> renewal) -> {
                    old = Optional.empty();
                    Optional<Answer<V>> answer = taken(entry, stamp);
                    if (answer.isPresent()) {
                        land(answer.get(), landed);
                        if (renewal.isPresent()) {
                            refresh(renewal.get(), stamp);
                        }
                        return;
                    }
                    levels.dropUnreadable(key);
                    requireTime();
                }
                case Look.Vacant(Look.Lease lease, Optional<Look.Entry> before) -> {
                    remember(before, stamp);
                    if (loads == MOST_LOADS) {
                        levels.release(lease);
                        land(refused.orElseThrow(), landed);
                        return;
                    }
                    Loaded<V> loaded = load(Optional.of(lease), stamp);
                    if (loaded.agreed()) {
                        land(loaded.answer(), landed);
                        return;
                    }
                    refused = Optional.of(loaded.answer());
                }
                case Look.Busy(Optional<Look.Entry> before, Duration left) -> {
                    remember(before, stamp);
                    mayBringOld = refused.isPresent() || old.isPresent();
                    waited = true;
                    decided.run();
                    if (!awaitNews(Math.min(pause, Math.max(TimeUnit.NANOSECONDS.convert(left), 1_000_000)))) {
                        land(refused.or(this::standIn).orElseThrow(() -> LoadFailedException.late(settings)), landed);
                        return;
                    }
                    pause = Math.min(pause * 3 / 2, SLOWEST_LOOK_NANOS);
                }
            }
        }
    }

    private void renew(double ahead) throws InterruptedException {
        long stamp = levels.stamp(key);
        if (!levels.isShared()) {
            counters.refreshes.increment();
            var unused = load(Optional.empty(), stamp);
            return;
        }
        switch (levels.look(key, ahead).orElse(null)) {
            case Look.Kept(Look.Entry entry, Optional<Look.Lease> renewal) -> {
                if (taken(entry, stamp).isEmpty()) {
                    levels.dropUnreadable(key);
                } else if (renewal.isPresent()) {
                    refresh(renewal.get(), stamp);
                }
            }
            case Look.Vacant(Look.Lease lease, Optional<Look.Entry> before) -> refresh(lease, stamp);
            case Look.Busy busy -> {}
            case null -> {}
        }
    }

    private void refresh(Look.Lease lease, long stamp) throws InterruptedException {
        counters.refreshes.increment();
        try {
            var unused = load(Optional.of(lease), stamp);
        } catch (LoadFailedException e) {
            // Whoever reads it next tries again, and after its end it is told.
        }
    }

    /** @return empty if it cannot be read */
    private Optional<Answer<V>> taken(Look.Entry entry, long stamp) {
        try {
            Optional<V> value = levels.decode(entry);
            levels.keep(key, levels.copyOf(stamp, entry, value));
            return Optional.of(new Answer<>(value, Answer.Source.REDIS));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** What may stand in if none can be loaded. */
    private void remember(Optional<Look.Entry> before, long stamp) {
        try {
            old = before.filter(entry -> entry.content().isPresent())
                    .map(entry -> levels.copyOf(stamp, entry, levels.decode(entry)));
        } catch (IllegalArgumentException e) {
            old = Optional.empty();
        }
    }

    private Optional<Answer<V>> standIn() {
        return old.map(copy -> new Answer<>(copy.value(), Answer.Source.STALE));
    }

    /** Without Redis: what is here, perhaps only since whoever asks has looked, or what this process loads for itself. */
    private Answer<V> alone(long stamp) throws InterruptedException {
        var copy = levels.copyWithoutRedis(key);
        if (copy.filter(levels::holds).isPresent()) {
            return new Answer<>(copy.get().value(), copy.get().standsIn() ? Answer.Source.STALE : Answer.Source.LOCAL);
        }
        old = copy.filter(here -> here.value().isPresent());
        return load(Optional.empty(), stamp).answer();
    }

    /**
     * What was loaded.
     *
     * @param agreed false if something newer may be there
     */
    private record Loaded<V>(Answer<V> answer, boolean agreed) {}

    private Loaded<V> load(Optional<Look.Lease> lease, long stamp) throws InterruptedException {
        loads++;
        counters.loads.increment();
        Fresh<V> fresh;
        try {
            fresh = run(lease);
        } catch (LoadFailedException e) {
            counters.failedLoads.increment();
            lease.ifPresent(levels::release);
            Answer<V> standIn = standIn().orElseThrow(() -> e);
            old.ifPresent(copy -> levels.keepOld(key, copy));
            return new Loaded<>(standIn, true);
        }
        Optional<Boolean> taken = lease.isPresent() ? levels.fill(lease.get(), fresh.kept()) : Optional.empty();
        boolean agreed = lease.isEmpty() ? !levels.isShared() : taken.orElse(false);
        boolean refused = taken.isPresent() && !agreed;
        if (refused) {
            counters.refused.increment();
        } else {
            levels.keep(key, stamp, fresh.kept(), fresh.value(), agreed);
        }
        return new Loaded<>(new Answer<>(fresh.value(), Answer.Source.LOADED), !refused);
    }

    /** What a loader gave, and the form in which it is kept. */
    private record Fresh<V>(Optional<V> value, RedisLevel.Kept kept) {}

    private Fresh<V> fresh() throws Exception {
        long start = System.nanoTime();
        Optional<V> value = Objects.requireNonNull(loader.load(), NO_NULL);
        return new Fresh<>(value, levels.kept(value, Duration.ofNanos(System.nanoTime() - start)));
    }

    /** Runs the loader on a thread of its own, which can be left behind, and renews the lease as long as it takes. */
    private Fresh<V> run(Optional<Look.Lease> lease) throws InterruptedException {
        var task = new FutureTask<>(this::fresh);
        Thread thread = Thread.ofVirtual().name("sluice-cache-load").start(task);
        boolean renewing = lease.isPresent();
        long third = Math.max(1, TimeUnit.NANOSECONDS.convert(settings.lease()) / 3);
        try {
            while (true) {
                long left = left();
                try {
                    return task.get(renewing ? Math.min(third, left) : left, TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    if (!hasTime()) {
                        throw LoadFailedException.late(settings);
                    }
                    renewing = renewing && levels.renew(lease.orElseThrow());
                }
            }
        } catch (ExecutionException e) {
            throw LoadFailedException.of(settings, e.getCause());
        } finally {
            thread.interrupt();
        }
    }

    /** @return false if there is no time left */
    private boolean awaitNews(long most) throws InterruptedException {
        long jittered = most - ThreadLocalRandom.current().nextLong(most / 4 + 1);
        if (news.tryAcquire(Math.min(jittered, left()), TimeUnit.NANOSECONDS)) {
            news.drainPermits();
        }
        return hasTime();
    }

    private void requireTime() {
        if (!hasTime()) {
            throw LoadFailedException.late(settings);
        }
    }

    private long left() {
        return TimeUnit.NANOSECONDS.convert(settings.within()) - (System.nanoTime() - begun);
    }

    private void land(Answer<V> answer, Runnable landed) {
        landed.run();
        end.complete(answer);
    }

    private void fail(LoadFailedException failed, Runnable landed) {
        landed.run();
        end.completeExceptionally(failed);
    }
}
