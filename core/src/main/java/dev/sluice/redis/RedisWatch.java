package dev.sluice.redis;

import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.redis.ScriptRunner.Shard;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks several times a second whether Redis answers and takes writes, and what time it has there, so that guards whom nobody asks anything
 * notice an outage and its end, too, and a clock that jumped. Thread-safe; one virtual thread from {@link #start} until closed.
 *
 * <pre>
 *   there ──a refusal, no connection, an open breaker, or two looks in a row unanswered──▶ away
 *   away  ──every part answers and takes writes──▶ there
 * </pre>
 *
 * <p>While a breaker is open a look costs nothing: the breaker's own probes, which are jittered, find Redis back, and the next look tells
 * it. Where some parts of a Cluster answer and others do not, neither is told, but just that: what is asked there shows it.
 */
public final class RedisWatch implements AutoCloseable {
    /** Guards count on hearing within a second: two looks in a row and their deadlines fit into half of it. */
    static final Duration BEAT = Duration.ofMillis(250);

    private static final Logger log = LoggerFactory.getLogger(RedisWatch.class);

    private static final Script LOOK = Script.of("redis/watch", new Script.Part(RedisWatch.class, "watch.lua"));

    /** What goes on without Redis. Called on the thread of the watch, over and over; must be quick. */
    public interface Guard {
        /**
         * Redis cannot be asked, or takes no writes.
         *
         * @param ago how long ago that was asked: what was heard since is newer
         */
        void lost(RedisUnavailableException cause, Duration ago);

        /** Some parts of Redis answer and others do not: what fails there is still failing. */
        default void partLost() {}

        /** All of Redis answers and takes writes. */
        void found();

        /**
         * What time it is on a part of Redis.
         *
         * @param micros microseconds of its clock, taken at most {@code ago} ago
         */
        default void time(String part, long micros, Duration ago) {}
    }

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final RedisEvents events;
    private final RandomGenerator random;
    private final List<Guard> guards = new CopyOnWriteArrayList<>();
    private final ServerClocks clocks = new ServerClocks();
    private final CountDownLatch stopped = new CountDownLatch(1);

    // Of the watch's thread alone.
    private int unanswered;

    /**
     * @param redis in production behind a breaker, so that a look fails at once while Redis is down
     * @param random spreads the looks of many replicas
     */
    public RedisWatch(ScriptRunner redis, KeySpace keys, RedisEvents events, RandomGenerator random) {
        this.redis = redis;
        this.keys = keys;
        this.events = events;
        this.random = random;
    }

    /** Tells a guard from now on, until closed. */
    public void tell(Guard guard) {
        guards.add(guard);
    }

    /** Looks from now on. To be called once. */
    public void start() {
        Thread.ofVirtual().name("redis-watch").start(this::lookUntilStopped);
    }

    @Override
    public void close() {
        stopped.countDown();
    }

    /** Looks once at every part. */
    void look() {
        Optional<RedisUnavailableException> failure = Optional.empty();
        int answers = 0;
        long asked = System.nanoTime();
        try {
            for (Shard shard : redis.shards()) {
                try {
                    lookAt(shard);
                    answers++;
                } catch (RedisUnavailableException e) {
                    failure = Optional.of(e);
                }
            }
        } catch (RedisUnavailableException e) {
            failure = Optional.of(e);
        }
        if (stopped.getCount() == 0) {
            // Whoever stops closes the store next: that is no outage.
            return;
        }
        if (failure.isEmpty()) {
            unanswered = 0;
            guards.forEach(Guard::found);
        } else if (answers > 0) {
            guards.forEach(Guard::partLost);
        } else if (isLost(failure.get())) {
            RedisUnavailableException cause = failure.get();
            guards.forEach(guard -> guard.lost(cause, Duration.ofNanos(System.nanoTime() - asked)));
        }
    }

    private void lookAt(Shard shard) {
        // No budget, bucket or claim is of this family.
        String nothing = keys.key("watch", shard.tag(), "~");
        long asked = System.nanoTime();
        long server = redis.run(LOOK, List.of(nothing), List.of()).number(0);
        long answered = System.nanoTime();
        String part = redis.shardOf(List.of(nothing));
        clocks.read(part, asked / 1_000, server, answered / 1_000).ifPresent(jump -> events.clockJumped(part, jump));
        guards.forEach(guard -> guard.time(part, server, Duration.ofNanos(System.nanoTime() - asked)));
    }

    /** One unanswered look may be a hiccup, of this process as well; guards would take all limits for spent. */
    private boolean isLost(RedisUnavailableException cause) {
        if (cause.reason() == Reason.INTERRUPTED) {
            return false;
        }
        boolean silence = switch (cause.reason()) {
            case NO_REPLY, CONNECTION_LOST, OVERLOADED -> true;
            default -> false;
        };
        unanswered++;
        return !silence || unanswered > 1;
    }

    private void lookUntilStopped() {
        try {
            do {
                try {
                    look();
                } catch (RuntimeException e) {
                    // Anything but unavailability is a defect; it must not end the watch.
                    log.error("the look at Redis failed", e);
                }
            } while (!stopped.await(pauseNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long pauseNanos() {
        return BEAT.toNanos() / 2 + random.nextLong(BEAT.toNanos() / 2 + 1);
    }
}
