package dev.sluice.history;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks the store, on threads that can be left behind if it hangs. Thread-safe. */
final class StoreCalls {
    private final HistoryStore store;
    private final HistorySettings settings;
    private final HistoryEvents events;
    private final SharedFlights<HistoryKey, List<NewEntry>> loads = new SharedFlights<>("sluice-history-store");

    StoreCalls(HistoryStore store, HistorySettings settings, HistoryEvents events) {
        this.store = store;
        this.settings = settings;
        this.events = events;
    }

    /** Empty if it did not answer in time or failed; of a chat once at a time. */
    Optional<List<NewEntry>> load(HistoryKey key) {
        return loads.join(key, () -> loadNow(key), settings.within().plus(settings.within()));
    }

    private List<NewEntry> loadNow(HistoryKey key) {
        boolean answered = false;
        try {
            var loaded = List.copyOf(call(() -> store.load(key, settings.bounds())));
            answered = true;
            return loaded;
        } finally {
            events.loaded(answered);
        }
    }

    void append(HistoryKey key, List<Ready> entries) {
        List<NewEntry> told = entries.stream().map(Ready::entry).toList();
        call(() -> {
            store.append(key, told);
            return true;
        });
    }

    void clear(HistoryKey key) {
        call(() -> {
            store.clear(key);
            return true;
        });
    }

    long forget(long user) {
        return call(() -> store.forget(user));
    }

    private <T> T call(Callable<T> question) {
        Duration within = settings.within();
        var task = new FutureTask<>(question);
        Thread thread = Thread.ofVirtual().name("sluice-history-call").start(task);
        try {
            return task.get(TimeUnit.NANOSECONDS.convert(within), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new HistoryStoreException(
                    "the store of histories did not answer within " + within.toMillis() + " ms", null);
        } catch (ExecutionException e) {
            throw new HistoryStoreException("the store of histories failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HistoryStoreException("interrupted while waiting for the store of histories", e);
        } finally {
            thread.interrupt();
        }
    }
}
