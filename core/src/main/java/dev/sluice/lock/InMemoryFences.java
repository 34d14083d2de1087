package dev.sluice.lock;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/** Fenced values of one process; those whose time is over go when there are many. */
final class InMemoryFences implements Fences {
    private static final int SWEPT_FROM = 1_000;

    private final LongSupplier microClock;
    private final Map<LockName, Kept> kept = new ConcurrentHashMap<>();

    private record Kept(Fenced value, long untilMicros) {}

    InMemoryFences(LongSupplier microClock) {
        this.microClock = microClock;
    }

    @Override
    public boolean write(String resource, long fence, byte[] value, Duration keep) {
        var write = new FencedWrite(new LockName(resource), fence, value, keep);
        long now = microClock.getAsLong();
        var written = new AtomicBoolean();
        kept.compute(write.resource(), (name, before) -> {
            if (before != null && before.untilMicros > now && before.value.fence() > fence) {
                return before;
            }
            written.set(true);
            return new Kept(new Fenced(fence, value), now + keep.toNanos() / 1_000);
        });
        if (kept.size() > SWEPT_FROM) {
            kept.values().removeIf(any -> any.untilMicros <= now);
        }
        return written.get();
    }

    @Override
    public Optional<Fenced> read(String resource) {
        return Optional.ofNullable(kept.get(new LockName(resource)))
                .filter(any -> any.untilMicros > microClock.getAsLong())
                .map(Kept::value);
    }
}
