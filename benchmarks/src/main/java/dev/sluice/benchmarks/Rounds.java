package dev.sluice.benchmarks;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Runs what is compared in turns: each round runs every arm for a moment, in an order of its own, so that what disturbs the
 * machine disturbs all arms.
 *
 * @param count how many rounds are measured
 * @param slice how long one arm runs within a round
 * @param warmUp how many rounds come before those and are not measured
 */
record Rounds(int count, Duration slice, int warmUp) {

    /** What is measured: one call, by many threads at once. */
    interface Call {
        void run(RandomGenerator random) throws Exception;
    }

    /**
     * What one arm did in one slice.
     *
     * @param ownMicros CPU time of this process, microseconds per call
     * @param storeMicros CPU time of the store, likewise
     */
    record Slice(double perSecond, double ownMicros, double storeMicros) {}

    /** One of the things that are compared. */
    record Arm(String name, Call call) {}

    /** What an arm did, round by round. */
    record Measured(String name, List<Slice> slices) {
        List<Double> each(ToDoubleFunction<Slice> part) {
            return slices.stream().mapToDouble(part).boxed().toList();
        }
    }

    /**
     * Runs all arms.
     *
     * @param callers how many virtual threads call without a pause
     * @param storeCpuSeconds CPU time that the store has used since it started
     * @return in the order of the arms
     */
    List<Measured> run(List<Arm> arms, int callers, DoubleSupplier storeCpuSeconds) {
        return run(arms, callers, Thread.ofVirtual().factory(), storeCpuSeconds);
    }

    /** The same with threads of another kind, and the CPU time of whatever stands in the store's place. */
    List<Measured> run(List<Arm> arms, int callers, ThreadFactory threads, DoubleSupplier storeCpuSeconds) {
        List<Measured> results = arms.stream()
                .map(arm -> new Measured(arm.name(), new ArrayList<>()))
                .toList();
        var order = new ArrayList<>(IntStream.range(0, arms.size()).boxed().toList());
        var shuffle = new Random(1);
        for (int round = -warmUp; round < count; round++) {
            Collections.shuffle(order, shuffle);
            for (int arm : order) {
                Slice slice = run(arms.get(arm).call(), callers, threads, storeCpuSeconds);
                if (round >= 0) {
                    results.get(arm).slices().add(slice);
                }
            }
        }
        return results;
    }

    private Slice run(Call call, int callers, ThreadFactory factory, DoubleSupplier storeCpuSeconds) {
        var start = new CountDownLatch(1);
        try (var threads = Executors.newThreadPerTaskExecutor(factory)) {
            var counts = new ArrayList<Future<Long>>();
            for (int i = 0; i < callers; i++) {
                counts.add(threads.submit(() -> {
                    start.await();
                    return callUntil(call, System.nanoTime() + slice.toNanos());
                }));
            }
            double storeBefore = storeCpuSeconds.getAsDouble();
            double ownBefore = ownCpuSeconds();
            long began = System.nanoTime();
            start.countDown();
            long calls = 0;
            for (Future<Long> count : counts) {
                calls += count.get();
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            double own = ownCpuSeconds() - ownBefore;
            double store = storeCpuSeconds.getAsDouble() - storeBefore;
            return new Slice(calls / seconds, own * 1e6 / calls, store * 1e6 / calls);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a measured call failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }

    private static long callUntil(Call call, long end) throws Exception {
        var random = new SplittableRandom();
        long calls = 0;
        do {
            call.run(random);
            calls++;
        } while (System.nanoTime() - end < 0);
        return calls;
    }

    private static double ownCpuSeconds() {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        return system.getProcessCpuTime() / 1e9;
    }
}
