package dev.sluice.benchmarks;

import dev.sluice.budget.Budget;
import dev.sluice.budget.BudgetUser;
import dev.sluice.budget.Budgets;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.RedisIdempotencyGuard;
import dev.sluice.limit.LocalShare;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.namedlimit.NamedLimit;
import dev.sluice.namedlimit.NamedLimits;
import dev.sluice.namedlimit.UnknownLimitException;
import dev.sluice.namedlimit.Use;
import dev.sluice.redis.Breaker;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisWatch;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * How long decisions take while Redis freezes or is killed: the slowest may take its deadline and 10 ms more, and none may hang. Callers come at
 * a steady pace, so that what is measured is waiting, not a busy machine.
 */
final class OutageDecisions {
    private static final int CALLERS = 64;
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final Duration BEFORE = Duration.ofMillis(1_000);
    private static final Duration OUTAGE = Duration.ofMillis(1_500);
    private static final Duration AFTER = Duration.ofMillis(1_000);

    /** As long as a deadline. */
    private static final Duration SLEEP = Duration.ofMillis(50);

    /** No answer by then is a hang. */
    private static final Duration HANG = Duration.ofSeconds(10);

    private static final double TOLERANCE_MILLIS = 10;
    private static final KeySpace KEYS = KeySpace.DEFAULT;

    /** A guard's decision; that Redis cannot be asked is one, too. */
    private interface Decide {
        void decide(RandomGenerator random);
    }

    /**
     * What was asked while one guard met one fault.
     *
     * @param millis of each decision
     * @param slept the longest that a thread took meanwhile to sleep for a deadline's length: what this machine adds by itself
     */
    private record Took(List<Double> millis, int hung, double slept) {}

    private enum Fault {
        FROZEN,
        KILLED;

        void begin(FaultyRedis redis) throws InterruptedException {
            switch (this) {
                case FROZEN -> redis.freeze();
                case KILLED -> redis.kill();
            }
        }

        void end(FaultyRedis redis) {
            switch (this) {
                case FROZEN -> redis.thaw();
                case KILLED -> redis.restart();
            }
        }
    }

    Section measure(int rounds) throws Exception {
        var figures = new ArrayList<Figure>();
        Duration deadline;
        try (var redis = new FaultyRedis();
                var store = RedisStore.connect(RedisSettings.parse(redis.url()), RedisEvents.NONE);
                var guarded = new GuardedRunner(store, Breaker.Settings.DEFAULT, RedisEvents.NONE);
                var watch = new RedisWatch(guarded, KEYS, RedisEvents.NONE, new SecureRandom())) {
            watch.start();
            deadline = store.decisionTimeout();
            double bound = millis(deadline.toNanos()) + TOLERANCE_MILLIS;
            for (Map.Entry<String, Decide> guard : guards(guarded, watch).entrySet()) {
                for (Fault fault : Fault.values()) {
                    figures.addAll(figures(
                            guard.getKey() + ", " + fault.name().toLowerCase(Locale.ROOT),
                            took(redis, guarded, guard.getValue(), fault, rounds),
                            bound));
                }
            }
        }
        return new Section(
                "Decisions while Redis is gone, deadline " + String.format("%.1f ms", millis(deadline.toNanos())),
                CALLERS + " callers that pause " + PAUSE.toMillis() + " ms after each decision, " + rounds
                        + " outages of "
                        + OUTAGE.toMillis() + " ms each; all that was asked from "
                        + BEFORE.toMillis() + " ms before until " + AFTER.toMillis() + " ms after",
                figures);
    }

    private static List<Figure> figures(String name, Took took, double bound) {
        double slowest =
                took.millis().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        return List.of(
                Figure.of(name + ": slowest", "ms", List.of(slowest)).atMost(bound),
                Figure.of(name + ": slowest sleep of 50 ms meanwhile", "ms", List.of(took.slept())),
                Figure.of(name + ": p99", "ms", List.of(Spread.percentile(took.millis(), 99))),
                Figure.of(
                        name + ": decisions", "", List.of((double) took.millis().size())),
                Figure.of(name + ": hung", "", List.of((double) took.hung())).atMost(0));
    }

    private static Map<String, Decide> guards(GuardedRunner redis, RedisWatch watch) {
        var guards = new LinkedHashMap<String, Decide>();
        var share = new LocalShare(() -> 1);
        watch.tell(share.watched(OutageListener.NONE));
        RateLimiter limiter = RateLimiters.onRedisOr(redis, KEYS, share, OnStoreFailure.LOCAL, OutageListener.NONE);
        guards.put("limits", random -> limiter.tryAcquire(Workload.fourBuckets(random)));
        NamedLimits named =
                NamedLimits.onRedisOr(redis, KEYS, OnStoreFailure.LOCAL, () -> 1, OutageListener.NONE, watch::tell);
        NamedLimit api = NamedLimit.atMost("api", 1_000, Duration.ofSeconds(1));
        named.define(api);
        guards.put("named limits", random -> {
            try {
                named.acquire(Use.of("api"));
            } catch (UnknownLimitException e) {
                // A Redis that was killed has forgotten it.
                named.define(api);
            }
        });
        Budgets budgets = Budgets.onRedisOr(
                redis,
                KEYS,
                OnStoreFailure.OPEN,
                () -> 1,
                OutageListener.NONE,
                watch::tell,
                Thread::startVirtualThread);
        Budget daily = Budget.of("messages", 30, Duration.ofDays(1));
        guards.put("budgets", random -> budgets.consume(daily, BudgetUser.of(1 + random.nextInt(10_000))));
        IdempotencyGuard claims = new RedisIdempotencyGuard(redis, KEYS);
        guards.put("keyed claims", random -> {
            ClaimRequest request = Workload.claim(Long.toString(random.nextInt(1_000)), random);
            claims.claim(request);
        });
        return guards;
    }

    private static Took took(FaultyRedis redis, GuardedRunner guarded, Decide guard, Fault fault, int rounds)
            throws Exception {
        // Compiled and connected before anything is measured.
        outage(redis, guarded, guard, fault);
        var millis = new ArrayList<Double>();
        int hung = 0;
        double slept = 0;
        for (int round = 0; round < rounds; round++) {
            Took took = outage(redis, guarded, guard, fault);
            millis.addAll(took.millis());
            hung += took.hung();
            slept = Math.max(slept, took.slept());
        }
        return new Took(millis, hung, slept);
    }

    private static Took outage(FaultyRedis redis, GuardedRunner guarded, Decide guard, Fault fault) throws Exception {
        awaitClosed(guarded, guard);
        Queue<Double> millis = new ConcurrentLinkedQueue<>();
        var stopped = new CountDownLatch(1);
        var callers = new ArrayList<Future<?>>();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        for (int i = 0; i < CALLERS; i++) {
            callers.add(threads.submit(() -> {
                RandomGenerator random = ThreadLocalRandom.current();
                while (!stopped.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                    long began = System.nanoTime();
                    decide(guard, random);
                    millis.add(millis(System.nanoTime() - began));
                }
                return stopped;
            }));
        }
        var sleeper = threads.submit(() -> slowestSleep(stopped));
        TimeUnit.NANOSECONDS.sleep(BEFORE.toNanos());
        fault.begin(redis);
        TimeUnit.NANOSECONDS.sleep(OUTAGE.toNanos());
        fault.end(redis);
        TimeUnit.NANOSECONDS.sleep(AFTER.toNanos());
        stopped.countDown();
        int hung = 0;
        long end = System.nanoTime() + HANG.toNanos();
        for (Future<?> caller : callers) {
            try {
                caller.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                hung++;
            } catch (ExecutionException e) {
                throw new IllegalStateException("a decision failed", e);
            }
        }
        double slept = sleeper.get(HANG.toSeconds(), TimeUnit.SECONDS);
        threads.shutdownNow();
        return new Took(List.copyOf(millis), hung, slept);
    }

    private static double slowestSleep(CountDownLatch stopped) throws InterruptedException {
        double slowest = 0;
        long began = System.nanoTime();
        while (!stopped.await(SLEEP.toMillis(), TimeUnit.MILLISECONDS)) {
            long now = System.nanoTime();
            slowest = Math.max(slowest, millis(now - began));
            began = now;
        }
        return slowest;
    }

    private static void decide(Decide guard, RandomGenerator random) {
        try {
            guard.decide(random);
        } catch (RedisUnavailableException e) {
            // In time, that is an answer as well.
        }
    }

    /** The outage before is over, for this guard as well. */
    private static void awaitClosed(GuardedRunner guarded, Decide guard) throws InterruptedException {
        long end = System.nanoTime() + HANG.toNanos();
        while (true) {
            decide(guard, ThreadLocalRandom.current());
            if (guarded.isClosed()) {
                return;
            }
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("Redis was not found again");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }
}
