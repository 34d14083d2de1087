package dev.sluice.cache;

import dev.sluice.cache.LeasedAnswer.Busy;
import dev.sluice.cache.LeasedAnswer.Found;
import dev.sluice.cache.LeasedAnswer.Load;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Of {@link CacheMode#REDIS} and {@link CacheMode#LOCAL}. The lease is the one under which {@link Flight} loads, so that those who load
 * for themselves and those who load for a {@link Cache} wait for each other; its id is the fence in Redis, which is why any replica can
 * be told. While Redis cannot be asked, and where it is not to be, there are {@link LocalLeases}.
 */
final class ReadThroughLeases<V> implements LeasedCache<V> {
    private static final long FIRST_LOOK_NANOS = Duration.ofMillis(20).toNanos();
    private static final long SLOWEST_LOOK_NANOS = Duration.ofMillis(250).toNanos();
    private static final long LEAST_PAUSE_NANOS = Duration.ofMillis(1).toNanos();

    /** What cannot be read is forgotten; if that comes again, programs of two versions write it in turns. */
    private static final int MOST_UNREADABLE = 2;

    private final ReadThroughCache<V> cache;
    private final Levels<V> levels;
    private final CacheCounters counters;
    private final LocalLeases leases;

    ReadThroughLeases(ReadThroughCache<V> cache, Levels<V> levels, CacheCounters counters) {
        this.cache = cache;
        this.levels = levels;
        this.counters = counters;
        this.leases = new LocalLeases(cache.settings().lease(), levels::now);
    }

    /**
     * What was seen; all but one who has to wait knows by then.
     *
     * @param old while others load, what may stand in
     */
    private record Seen<V>(LeasedAnswer<V> answer, Optional<V> old) {}

    @Override
    public LeasedAnswer<V> ask(CacheKey key, Duration wait, boolean early, CompletableFuture<?> gone)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(wait);
        Seen<V> seen = look(key, early);
        if (seen.answer() instanceof Busy && wait.isPositive()) {
            counters.waited.increment();
            seen = awaited(key, early, seen, deadline, gone);
        }
        giveBackIfGone(key, seen.answer(), gone);
        if (!(seen.answer() instanceof Busy)) {
            return seen.answer();
        }
        if (seen.old().isPresent()) {
            return found(key, seen.old(), Duration.ZERO, Answer.Source.STALE, Optional.empty());
        }
        counters.errors.increment();
        cache.say(key, "miss, another loads");
        return seen.answer();
    }

    @Override
    public FillAnswer fill(CacheKey key, String lease, Optional<V> value) {
        long stamp = levels.stamp(key);
        Optional<LocalLeases.Held> here = leases.find(key, lease, stamp);
        if (here.isPresent()) {
            // Kept before the lease ends: whoever takes the next one then sees it.
            Duration took = leases.took(here.get());
            levels.keep(key, stamp, levels.kept(value, took), value, !levels.isShared());
            leases.end(key, here.get());
            cache.filled(key);
            return FillAnswer.DONE;
        }
        FillAnswer answer = answer(
                levels.isShared()
                        ? levels.fillTimedByLease(new Look.Lease(key, lease), levels.kept(value, Duration.ZERO))
                        : Optional.of(false));
        if (answer == FillAnswer.DONE) {
            // Even if nobody tells this process that it has changed, it goes on with no older copy.
            cache.changed(key);
        } else if (answer == FillAnswer.REFUSED) {
            counters.refused.increment();
        }
        return answer;
    }

    @Override
    public FillAnswer renew(CacheKey key, String lease) {
        Optional<LocalLeases.Held> here = leases.find(key, lease, levels.stamp(key));
        if (here.isPresent()) {
            return answer(Optional.of(leases.renew(key, here.get())));
        }
        return answer(levels.isShared() ? levels.tryRenew(new Look.Lease(key, lease)) : Optional.of(false));
    }

    @Override
    public void fail(CacheKey key, String lease) {
        if (giveBack(key, lease)) {
            counters.failedLoads.increment();
            levels.copyWithoutRedis(key)
                    .filter(copy -> copy.value().isPresent() && !levels.holds(copy))
                    .ifPresent(old -> levels.keepOld(key, old));
        }
        cache.filled(key);
    }

    @Override
    public Cache<V> cache() {
        return cache;
    }

    /** Waits for whoever loads: one of this process looks, the others come after it. */
    private Seen<V> awaited(CacheKey key, boolean early, Seen<V> first, long deadline, CompletableFuture<?> gone)
            throws InterruptedException {
        Waiting.Place place = cache.waiting().enter(key);
        try {
            if (!place.awaitTurn(deadline - System.nanoTime())) {
                return first;
            }
            try {
                Seen<V> seen = look(key, early);
                long pause = FIRST_LOOK_NANOS;
                while (seen.answer() instanceof Busy<V>(Duration left)) {
                    long remaining = deadline - System.nanoTime();
                    if (remaining <= 0 || gone.isDone()) {
                        break;
                    }
                    long most = Math.min(pause, Math.max(TimeUnit.NANOSECONDS.convert(left), LEAST_PAUSE_NANOS));
                    long jittered = most - ThreadLocalRandom.current().nextLong(most / 4 + 1);
                    place.awaitNews(Math.min(jittered, remaining));
                    pause = Math.min(pause * 3 / 2, SLOWEST_LOOK_NANOS);
                    seen = look(key, early);
                }
                return seen;
            } finally {
                place.endTurn();
            }
        } finally {
            cache.waiting().leave(key);
        }
    }

    private Seen<V> look(CacheKey key, boolean early) {
        long now = levels.now();
        LocalLevel.Copy<V> copy = levels.copy(key, now);
        OptionalDouble due = copy == null || !early ? OptionalDouble.empty() : levels.due(copy, now);
        if (copy != null && due.isEmpty()) {
            return seen(found(key, copy, Optional.empty()));
        }
        if (!levels.isShared()) {
            return here(key, due.isPresent());
        }
        double ahead = early ? due.orElseGet(levels::ahead) : 0;
        for (int unreadable = 0; unreadable < MOST_UNREADABLE; unreadable++) {
            long stamp = levels.stamp(key);
            Optional<Look> look = levels.look(key, ahead, LocalLeases.newId());
            if (look.isEmpty()) {
                return here(key, due.isPresent());
            }
            try {
                return shared(key, look.get(), stamp);
            } catch (IllegalArgumentException e) {
                levels.dropUnreadable(key);
            }
        }
        return load(key, Optional.empty(), Optional.empty());
    }

    /** @throws IllegalArgumentException if what is kept cannot be read */
    private Seen<V> shared(CacheKey key, Look look, long stamp) {
        return switch (look) {
            case Look.Kept(Look.Entry entry, Optional<Look.Lease> renewal) -> {
                Optional<V> value = levels.decode(entry);
                levels.keep(key, levels.copyOf(stamp, entry, value));
                yield seen(found(key, value, entry.holds(), Answer.Source.REDIS, renewal.map(this::lease)));
            }
            case Look.Vacant(Look.Lease lease, Optional<Look.Entry> before) ->
                load(key, Optional.of(lease(lease)), readable(before));
            case Look.Busy(Optional<Look.Entry> before, Duration left) ->
                new Seen<>(new Busy<>(left), readable(before));
        };
    }

    /**
     * What this process knows by itself.
     *
     * @param due whether a value that holds is to be loaded again
     */
    private Seen<V> here(CacheKey key, boolean due) {
        long stamp = levels.stamp(key);
        Optional<LocalLevel.Copy<V>> copy = levels.copyWithoutRedis(key);
        if (!due && copy.filter(levels::holds).isPresent()) {
            return seen(found(key, copy.get(), Optional.empty()));
        }
        String id = LocalLeases.newId();
        LocalLeases.Held held = leases.take(key, id, stamp);
        boolean mine = held.id().equals(id);
        // Whoever had the lease until now has kept the value before it ended.
        copy = levels.copyWithoutRedis(key);
        if (copy.filter(levels::holds).isPresent()) {
            if (mine && !due) {
                leases.end(key, held);
            }
            return seen(found(key, copy.get(), mine && due ? Optional.of(lease(id)) : Optional.empty()));
        }
        Optional<V> old = copy.flatMap(LocalLevel.Copy::value);
        return mine ? load(key, Optional.of(lease(id)), old) : new Seen<>(new Busy<>(leases.left(held)), old);
    }

    private LeasedAnswer<V> found(CacheKey key, LocalLevel.Copy<V> copy, Optional<FillLease> renewal) {
        return copy.standsIn()
                ? found(key, copy.value(), Duration.ZERO, Answer.Source.STALE, renewal)
                : found(key, copy.value(), levels.left(copy), Answer.Source.LOCAL, renewal);
    }

    private LeasedAnswer<V> found(
            CacheKey key, Optional<V> value, Duration holds, Answer.Source source, Optional<FillLease> renewal) {
        counters.answered(source, value.isPresent());
        if (renewal.isPresent()) {
            counters.loads.increment();
            counters.refreshes.increment();
        }
        cache.say(key, new Answer<>(value, source));
        return new Found<>(value, holds, source == Answer.Source.STALE, renewal);
    }

    private Seen<V> load(CacheKey key, Optional<FillLease> lease, Optional<V> old) {
        counters.loads.increment();
        counters.misses.increment();
        cache.say(key, "miss");
        return seen(new Load<>(lease, old));
    }

    private void giveBackIfGone(CacheKey key, LeasedAnswer<V> answer, CompletableFuture<?> gone) {
        if (!gone.isDone()) {
            return;
        }
        Optional<FillLease> lease = switch (answer) {
            case Found<V> found -> found.renewal();
            case Load<V> load -> load.lease();
            case Busy<V> busy -> Optional.empty();
        };
        if (lease.isPresent()) {
            var unused = giveBack(key, lease.get().id());
            cache.filled(key);
        }
    }

    /** @return whether it was somebody's */
    private boolean giveBack(CacheKey key, String id) {
        Optional<LocalLeases.Held> here = leases.find(key, id, levels.stamp(key));
        if (here.isPresent()) {
            leases.end(key, here.get());
            return true;
        }
        return levels.isShared() && levels.release(new Look.Lease(key, id));
    }

    private FillLease lease(Look.Lease lease) {
        return lease(lease.fence());
    }

    private FillLease lease(String id) {
        return new FillLease(id, cache.settings().lease());
    }

    private Seen<V> seen(LeasedAnswer<V> answer) {
        return new Seen<>(answer, Optional.empty());
    }

    private Optional<V> readable(Optional<Look.Entry> before) {
        try {
            return before.flatMap(levels::decode);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static FillAnswer answer(Optional<Boolean> done) {
        if (done.isEmpty()) {
            return FillAnswer.UNKNOWN;
        }
        return done.get() ? FillAnswer.DONE : FillAnswer.REFUSED;
    }
}
