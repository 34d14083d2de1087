package dev.sluice.benchmarks;

import dev.sluice.lock.HeldLock;
import dev.sluice.lock.Leases;
import dev.sluice.lock.LockAnswer;
import dev.sluice.lock.LockEvents;
import dev.sluice.lock.LockRequest;
import dev.sluice.lock.Locks;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** How long it takes from a lock's release until the next in line has it, in another process as far as Redis can tell. */
final class LockHandovers {
    private static final int WARM_UP = 300;
    private static final int EACH_ROUND = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Well within what people notice, and far from the 100 ms of whoever only looks now and then. */
    private static final double AIM_MILLIS = 20;

    private final BenchmarkRedis redis;

    LockHandovers(BenchmarkRedis redis) {
        this.redis = redis;
    }

    Section measure(int rounds) throws Exception {
        redis.forgetEverything();
        var figures = new ArrayList<Figure>();
        try (var one = new Client(redis.url());
                var other = new Client(redis.url());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            figures.addAll(handovers("one waits", one, other, threads, 1, rounds, true));
            figures.addAll(handovers("16 wait", one, other, threads, 16, rounds, false));
            figures.add(Figure.of("taken and released, nobody waits", "us", uncontended(one, rounds)));
        }
        redis.forgetEverything();
        return new Section(
                "Locks on Redis: from a release until the next has it",
                "the waiting on a connection of their own, " + rounds + " rounds of " + EACH_ROUND + " handovers",
                figures);
    }

    /** A process, as far as Redis can tell. */
    private static final class Client implements AutoCloseable {
        final RedisStore store;
        final Leases leases;
        final Locks locks;

        Client(String url) {
            store = RedisStore.connect(RedisSettings.parse(url).withCommandTimeout(PATIENCE), RedisEvents.NONE);
            leases = Leases.onRedis(store, store, KeySpace.DEFAULT, store, LockEvents.NONE);
            locks = new Locks(leases, new SecureRandom());
        }

        HeldLock acquire(LockRequest request) throws InterruptedException {
            return switch (locks.acquire(request, PATIENCE)) {
                case LockAnswer.Acquired(HeldLock lock) -> lock;
                case LockAnswer.Busy busy -> throw new IllegalStateException("no lock within " + PATIENCE);
            };
        }

        @Override
        public void close() {
            locks.close();
            leases.close();
            store.close();
        }
    }

    private static List<Figure> handovers(
            String name, Client holder, Client waiter, ExecutorService threads, int waiting, int rounds, boolean aims)
            throws Exception {
        LockRequest request = LockRequest.of(name);
        var medians = new ArrayList<Double>();
        var slowest = new ArrayList<Double>();
        for (int round = -1; round < rounds; round++) {
            var millis = new ArrayList<Double>();
            for (int i = 0; i < (round < 0 ? WARM_UP : EACH_ROUND) / waiting; i++) {
                millis.addAll(handover(request, holder, waiter, threads, waiting));
            }
            if (round >= 0) {
                millis.sort(Double::compare);
                medians.add(millis.get(millis.size() / 2));
                slowest.add(millis.get(millis.size() * 95 / 100));
            }
        }
        Figure p95 = Figure.of(name + ": 95 of 100 within", "ms", slowest);
        return List.of(Figure.of(name + ": median", "ms", medians), aims ? p95.atMost(AIM_MILLIS) : p95);
    }

    /** The time from each release to the next one's start. */
    private static List<Double> handover(
            LockRequest request, Client holder, Client waiter, ExecutorService threads, int waiting) throws Exception {
        HeldLock first = holder.acquire(request);
        var nexts = new ArrayList<Future<long[]>>();
        for (int i = 0; i < waiting; i++) {
            nexts.add(threads.submit(() -> {
                try (HeldLock lock = waiter.acquire(request)) {
                    long had = System.nanoTime();
                    return new long[] {lock.fence(), had, System.nanoTime()};
                }
            }));
        }
        while (holder.locks.look(request.name()).waiting() < waiting) {
            Thread.onSpinWait();
        }
        long released = System.nanoTime();
        first.close();
        var all = new ArrayList<long[]>();
        for (Future<long[]> next : nexts) {
            all.add(next.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
        all.sort((a, b) -> Long.compare(a[0], b[0]));
        var millis = new ArrayList<Double>();
        for (long[] one : all) {
            millis.add((one[1] - released) / 1e6);
            released = one[2];
        }
        return millis;
    }

    private static List<Double> uncontended(Client client, int rounds) throws InterruptedException {
        LockRequest request = LockRequest.of("nobody waits");
        var micros = new ArrayList<Double>();
        for (int round = -1; round < rounds; round++) {
            int count = round < 0 ? 10 * WARM_UP : 10 * EACH_ROUND;
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                client.acquire(request).close();
            }
            if (round >= 0) {
                micros.add((System.nanoTime() - start) / 1e3 / count);
            }
        }
        return micros;
    }
}
