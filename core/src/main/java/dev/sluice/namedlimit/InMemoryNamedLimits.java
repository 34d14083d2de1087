package dev.sluice.namedlimit;

import dev.sluice.limit.BucketStatistics;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.Waiter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Named limits of one process. One lock over definition and decision, so that nobody decides by what no longer holds. */
final class InMemoryNamedLimits implements NamedLimits {
    /** A hundred megabytes of subjects with 100 admissions each. */
    static final int MOST_HELD = 100_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<String, NamedLimit> definitions = new TreeMap<>();
    private final LocalRateLimiter buckets;

    /** @param mostHeld how many subjects are held; beyond that, whose limit is free again soonest is forgotten */
    InMemoryNamedLimits(LongSupplier microClock, int mostHeld) {
        buckets = RateLimiters.inMemory(microClock, mostHeld);
    }

    @Override
    public void define(NamedLimit limit) {
        locked(() -> {
            requireRoom(limit);
            return definitions.put(limit.name(), limit);
        });
    }

    @Override
    public NamedLimit defineIfAbsent(NamedLimit limit) {
        return locked(() -> {
            requireRoom(limit);
            definitions.putIfAbsent(limit.name(), limit);
            return definition(limit.name());
        });
    }

    private void requireRoom(NamedLimit limit) {
        if (definitions.size() >= MOST_LIMITS && !definitions.containsKey(limit.name())) {
            throw new TooManyLimitsException();
        }
    }

    @Override
    public boolean remove(String name) {
        NamedLimit.requireName(name);
        return locked(() -> definitions.remove(name) != null);
    }

    @Override
    public List<NamedLimit> list() {
        return locked(() -> List.copyOf(definitions.values()));
    }

    @Override
    public Optional<NamedLimit> find(String name) {
        NamedLimit.requireName(name);
        return locked(() -> Optional.ofNullable(definitions.get(name)));
    }

    @Override
    public Passage acquire(Use use, Optional<Waiter> waiter) {
        return locked(() -> {
            NamedLimit definition = definition(use.limit());
            if (use.weight() > definition.limit().capacity()) {
                return Passage.tooHeavy(definition, use.weight(), true);
            }
            buckets.refit(use.bucket(), definition.limit());
            return switch (buckets.tryAcquire(use.of(definition, waiter))) {
                case Decision.Allowed allowed ->
                    new Passage.Allowed(
                            definition,
                            allowed.remaining().getFirst(),
                            statistics(use, definition).resetAfter(),
                            true);
                case Decision.Denied denied -> Passage.denied(definition, denied, true);
            };
        });
    }

    @Override
    public LimitUsage usage(Use use) {
        return locked(() -> {
            NamedLimit definition = definition(use.limit());
            BucketStatistics now = statistics(use, definition);
            return switch (definition.limit()) {
                case Limit.StrictWindow w -> new LimitUsage(definition, now.used(), now.remaining(), now.resetAfter());
                case Limit.Gcra(int burst, Duration interval) -> {
                    // Charged under another definition it may be fuller than full; looking refits nothing.
                    Duration full = interval.multipliedBy(burst);
                    yield new LimitUsage(
                            definition,
                            Math.min(now.used(), burst),
                            now.remaining(),
                            now.resetAfter().compareTo(full) > 0 ? full : now.resetAfter());
                }
            };
        });
    }

    private BucketStatistics statistics(Use use, NamedLimit definition) {
        return buckets.statistics(use.bucket(), definition.limit());
    }

    private NamedLimit definition(String name) {
        NamedLimit definition = definitions.get(name);
        if (definition == null) {
            throw new UnknownLimitException(name);
        }
        return definition;
    }

    private <T> T locked(Supplier<T> step) {
        lock.lock();
        try {
            return step.get();
        } finally {
            lock.unlock();
        }
    }
}
