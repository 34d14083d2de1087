package dev.sluice.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Calls at fixed times, whether or not earlier ones were answered. A call's time counts from when it was due: what a slow answer
 * keeps waiting is not left out of the figures.
 *
 * @param perSecond how many calls are due in a second
 */
record OfferedLoad(int perSecond, Duration duration) {
    private static final int CALLERS = 16;

    /**
     * Offers it.
     *
     * @param nextRequest asked when a call is due
     * @return the milliseconds of each call
     */
    List<Double> offer(HttpConnections connections, Supplier<byte[]> nextRequest) throws Exception {
        int calls = Math.toIntExact(duration.toMillis() * perSecond / 1000);
        double[] millis = new double[calls];
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long began = System.nanoTime();
            List<? extends Future<?>> answers = IntStream.range(0, calls)
                    .mapToObj(call -> {
                        long due = began + call * 1_000_000_000L / perSecond;
                        parkUntil(due);
                        byte[] request = nextRequest.get();
                        return threads.submit(() -> {
                            connections.call(request);
                            millis[call] = (System.nanoTime() - due) / 1e6;
                            return null;
                        });
                    })
                    .toList();
            for (Future<?> answer : answers) {
                answer.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a measured call failed: " + e.getCause(), e.getCause());
        }
        return Arrays.stream(millis).boxed().toList();
    }

    /** So many calls, each of a few callers making its next when the last was answered: what comes before a measurement. */
    static void asFastAsItGoes(int calls, HttpConnections connections, Supplier<byte[]> nextRequest) throws Exception {
        var left = new AtomicInteger(calls);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<? extends Future<?>> callers = IntStream.range(0, CALLERS)
                    .mapToObj(caller -> threads.submit(() -> {
                        while (left.decrementAndGet() >= 0) {
                            connections.call(nextRequest.get());
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> caller : callers) {
                caller.get();
            }
        }
    }

    private static void parkUntil(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
