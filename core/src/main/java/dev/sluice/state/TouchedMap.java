package dev.sluice.state;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * A map of one process that forgets what was not touched for a time. Steps on it are atomic. Thread-safe.
 *
 * <p>Bounded by number and by bytes. Whatever goes beyond is refused: nothing is dropped before its time, since a bot that has forgotten where a
 * conversation was would answer wrongly, while one that is refused knows.
 *
 * @param <K> a key
 * @param <V> an immutable value
 */
public final class TouchedMap<K, V> {
    private final long keptMicros;
    private final LongSupplier microClock;
    private final int most;
    private final long mostBytes;
    private final ReentrantLock turn = new ReentrantLock();

    /** From what was touched longest ago: all are kept for the same time, so that one goes first. */
    private final LinkedHashMap<K, Held<V>> held = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    private record Held<V>(V value, long bytes, long touched) {}

    /**
     * What a step leaves and answers.
     *
     * @param next what is there then; empty for nothing
     * @param bytes about how many it takes
     */
    public record Step<V, A>(Optional<V> next, long bytes, A answer) {}

    /**
     * @param kept from the last touch
     * @param microClock microseconds since 1970
     */
    public TouchedMap(Duration kept, LongSupplier microClock, int most, long mostBytes) {
        this.keptMicros = kept.toMillis() * 1_000;
        this.microClock = microClock;
        this.most = most;
        this.mostBytes = mostBytes;
    }

    /** What is there, touched. */
    public Optional<V> find(K key) {
        turn.lock();
        try {
            return touched(key, microClock.getAsLong());
        } finally {
            turn.unlock();
        }
    }

    /**
     * Changes what is under a key.
     *
     * @param work is given what is there and the time in microseconds; must not block
     * @throws StateFullException if there is no room; nothing is changed then
     */
    public <A> A step(K key, Work<V, A> work) {
        turn.lock();
        try {
            long now = microClock.getAsLong();
            Step<V, A> step = work.on(touched(key, now), now);
            step.next().ifPresentOrElse(next -> put(key, new Held<>(next, step.bytes(), now)), () -> remove(key));
            return step.answer();
        } finally {
            turn.unlock();
        }
    }

    /**
     * Removes what is under all keys that are asked for.
     *
     * @return how many there were
     */
    public long removeAll(Predicate<K> which) {
        turn.lock();
        try {
            forget(microClock.getAsLong());
            List<K> found = held.keySet().stream().filter(which).toList();
            found.forEach(this::remove);
            return found.size();
        } finally {
            turn.unlock();
        }
    }

    /** One atomic step. */
    @FunctionalInterface
    public interface Work<V, A> {
        Step<V, A> on(Optional<V> value, long nowMicros);
    }

    private Optional<V> touched(K key, long now) {
        forget(now);
        return Optional.ofNullable(held.computeIfPresent(key, (same, one) -> new Held<>(one.value, one.bytes, now)))
                .map(Held::value);
    }

    private void put(K key, Held<V> next) {
        Held<V> before = held.get(key);
        long more = next.bytes - (before == null ? 0 : before.bytes);
        if (before == null && held.size() >= most || more > 0 && bytes + more > mostBytes) {
            throw new StateFullException(most, mostBytes);
        }
        held.put(key, next);
        bytes += more;
    }

    private void remove(K key) {
        Held<V> before = held.remove(key);
        bytes -= before == null ? 0 : before.bytes;
    }

    private void forget(long now) {
        Iterator<Map.Entry<K, Held<V>>> eldest = held.entrySet().iterator();
        while (eldest.hasNext()) {
            Held<V> one = eldest.next().getValue();
            if (one.touched + keptMicros > now) {
                return;
            }
            bytes -= one.bytes;
            eldest.remove();
        }
    }
}
