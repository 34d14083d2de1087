package dev.sluice.history;

import dev.sluice.history.HistoryLists.Line;
import dev.sluice.history.HistoryLists.Look;
import dev.sluice.history.HistoryLists.Selection;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Loads histories: of a chat at most once at a time, in this process because callers share one attempt, among all processes by a lease. What
 * was loaded is written under the lease's fence only. Thread-safe.
 */
final class HistoryLoader implements AutoCloseable {
    /** So that whoever answered within its time still has the lease. */
    private static final Duration MARGIN = Duration.ofMillis(500);

    private static final long FIRST_LOOK_MILLIS = 10;
    private static final long SLOWEST_LOOK_MILLIS = 250;

    /** How often it is loaded if the lease was gone when it came: the second time, it keeps being cleared. */
    private static final int MOST_LOADS = 2;

    private final StoreCalls store;
    private final HistoryLists lists;
    private final Preparation preparation;
    private final Duration lease;
    private final Duration patience;
    private final SharedFlights<HistoryKey, Outcome> flights = new SharedFlights<>("sluice-history-load");

    private final CountDownLatch closed = new CountDownLatch(1);

    /** Makes what is written of what was loaded. */
    @FunctionalInterface
    interface Preparation {
        List<Line> lines(HistoryKey key, List<NewEntry> loaded);
    }

    /** What became of it. */
    sealed interface Outcome {
        /** It is there, with all that was appended. */
        record Filled() implements Outcome {}

        /** It was loaded, but could not be written. */
        record Unwritten(List<NewEntry> loaded) implements Outcome {}

        /** The store did not answer, or what it said did not count any more. */
        record Failed() implements Outcome {}
    }

    HistoryLoader(StoreCalls store, HistoryLists lists, Preparation preparation, HistorySettings settings) {
        this.store = store;
        this.lists = lists;
        this.preparation = preparation;
        this.lease = settings.within().plus(MARGIN);
        // Whoever had the lease may have died, and then the store still has its time.
        this.patience = lease.plus(settings.within()).plus(MARGIN);
    }

    Outcome load(HistoryKey key) {
        return flights.join(key, () -> seek(key), patience.plus(MARGIN)).orElse(new Outcome.Failed());
    }

    /** Waits for nobody any more. */
    @Override
    public void close() {
        closed.countDown();
    }

    private Outcome seek(HistoryKey key) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(patience);
        long pause = FIRST_LOOK_MILLIS;
        int loads = 0;
        while (true) {
            String fence = UUID.randomUUID().toString();
            Look look;
            try {
                look = lists.lease(key, Selection.NOTHING, fence, lease);
            } catch (RedisUnavailableException | RedisScriptException e) {
                return alone(key);
            }
            switch (look.state()) {
                case LOADED -> {
                    return new Outcome.Filled();
                }
                case PARTLY -> throw new IllegalStateException("a lease was asked for and not answered");
                case WAIT -> {
                    if (System.nanoTime() >= end) {
                        return alone(key);
                    }
                    if (closed.await(pause, TimeUnit.MILLISECONDS)) {
                        return new Outcome.Failed();
                    }
                    pause = Math.min(2 * pause, SLOWEST_LOOK_MILLIS);
                }
                case LOAD -> {
                    Optional<Outcome> outcome = load(key, fence);
                    loads++;
                    if (outcome.isPresent() || loads == MOST_LOADS) {
                        return outcome.orElse(new Outcome.Failed());
                    }
                }
            }
        }
    }

    /** Empty if the lease was gone. */
    private Optional<Outcome> load(HistoryKey key, String fence) {
        Optional<List<NewEntry>> loaded = store.load(key);
        try {
            if (loaded.isEmpty()) {
                lists.release(key, fence);
                return Optional.of(new Outcome.Failed());
            }
            return lists.fill(key, fence, preparation.lines(key, loaded.get()))
                    ? Optional.of(new Outcome.Filled())
                    : Optional.empty();
        } catch (RedisUnavailableException | RedisScriptException e) {
            return Optional.of(loaded.<Outcome>map(Outcome.Unwritten::new).orElse(new Outcome.Failed()));
        }
    }

    private Outcome alone(HistoryKey key) {
        return store.load(key).<Outcome>map(Outcome.Unwritten::new).orElse(new Outcome.Failed());
    }
}
