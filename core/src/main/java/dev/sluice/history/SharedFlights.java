package dev.sluice.history;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Work of which, for one key, one piece at a time is under way, and which all who want it meanwhile share. Thread-safe. */
final class SharedFlights<K, T> {
    private final String name;
    private final Map<K, CompletableFuture<T>> flights = new ConcurrentHashMap<>();

    /** @param name of its threads */
    SharedFlights(String name) {
        this.name = name;
    }

    /** Empty if it failed, was not done in time, or the caller was interrupted. */
    Optional<T> join(K key, Callable<T> work, Duration longest) {
        var own = new CompletableFuture<T>();
        CompletableFuture<T> other = flights.putIfAbsent(key, own);
        if (other == null) {
            Thread.ofVirtual().name(name).start(() -> fly(key, work, own));
        }
        try {
            return Optional.of(
                    (other == null ? own : other).get(TimeUnit.NANOSECONDS.convert(longest), TimeUnit.NANOSECONDS));
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Whoever comes once it has landed sets off anew: what it brings may be older than what they know. */
    private void fly(K key, Callable<T> work, CompletableFuture<T> end) {
        try {
            T result = work.call();
            flights.remove(key, end);
            end.complete(result);
        } catch (Exception | Error e) {
            flights.remove(key, end);
            end.completeExceptionally(e);
        }
    }
}
