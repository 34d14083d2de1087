package dev.sluice.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows how many replicas of Sluice use this Redis, by heartbeats on the server's clock. Thread-safe.
 *
 * <p>The answer is always at hand: while Redis cannot be reached it is the last one known, at first this replica alone. A
 * Redis that was away, lost its data or had its clock moved may know of no one for a moment: whoever believed that would
 * take all of the limits for its share. So after that the count does not fall until everybody had the time to beat again.
 */
public final class ReplicaRegistry implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReplicaRegistry.class);

    /** How often a replica shows itself: two beats may be lost before it counts as gone. */
    public static final Duration BEAT = Duration.ofSeconds(2);

    /** How long a replica counts as alive after its last beat. */
    public static final Duration ALIVE = Duration.ofSeconds(6);

    /** The beats within which all that live have shown themselves. */
    private static final int BEATS_TO_SHOW_UP = Math.toIntExact(ALIVE.dividedBy(BEAT));

    private static final Script HEARTBEAT =
            Script.of("redis/replica-heartbeat", new Script.Part(ReplicaRegistry.class, "replica-heartbeat.lua"));

    private static final String ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int ID_LENGTH = 8;

    private final ScriptRunner runner;
    private final String key;
    private final RedisEvents events;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread heart = Thread.ofVirtual().name("replica-heartbeat").unstarted(this::beatUntilStopped);
    private volatile Replicas replicas;

    // Of the heart's thread alone.
    private boolean everCounted;
    private int doubtfulBeats;

    /**
     * @param runner in production behind a breaker, so that a beat fails at once while Redis is down
     * @param random for this replica's id: a {@link java.security.SecureRandom}, since ids must differ between machines
     */
    public ReplicaRegistry(ScriptRunner runner, KeySpace keys, RedisEvents events, RandomGenerator random) {
        this.runner = runner;
        this.key = keys.key("replicas", "all", "heartbeats");
        this.events = events;
        this.replicas = new Replicas(newId(random), 1, false);
    }

    /** Beats from now on, every {@link #BEAT}, until closed. To be called once. */
    public void start() {
        heart.start();
    }

    /** Who is alive, as far as is known. Never waits. */
    public Replicas alive() {
        return replicas;
    }

    /** Stops beating and leaves, so that the others need not wait for this replica to grow stale. */
    @Override
    public void close() {
        stopped.countDown();
        try {
            // A beat still under way would bring this replica back after it left.
            if (heart.getState() != Thread.State.NEW) {
                heart.join(BEAT);
            }
            run("leave");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RedisUnavailableException e) {
            // Its last beat grows stale by itself.
        }
    }

    /** Shows itself once and counts the living. */
    void beat() {
        Replicas before = replicas;
        Replicas now;
        try {
            ScriptReply reply = run("stay");
            boolean lostSight = everCounted && (!before.current() || reply.number(1) == 1);
            doubtfulBeats = lostSight ? BEATS_TO_SHOW_UP : Math.max(0, doubtfulBeats - 1);
            everCounted = true;
            int counted = Math.toIntExact(reply.number(0));
            now = new Replicas(before.self(), doubtfulBeats > 0 ? Math.max(before.count(), counted) : counted, true);
        } catch (RedisUnavailableException e) {
            now = new Replicas(before.self(), before.count(), false);
        }
        replicas = now;
        if (now.count() != before.count()) {
            events.replicasChanged(before.count(), now.count());
        }
    }

    private void beatUntilStopped() {
        try {
            do {
                try {
                    beat();
                } catch (RuntimeException e) {
                    // Anything but unavailability is a defect; it must not end the heartbeat.
                    log.error("replica heartbeat failed", e);
                }
            } while (!stopped.await(BEAT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ScriptReply run(String intent) {
        List<byte[]> args =
                List.of(bytes(replicas.self()), bytes(intent), bytes(Long.toString(ALIVE.toNanos() / 1_000)));
        return runner.run(HEARTBEAT, List.of(key), args);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String newId(RandomGenerator random) {
        var id = new StringBuilder(ID_LENGTH);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_CHARACTERS.charAt(random.nextInt(ID_CHARACTERS.length())));
        }
        return id.toString();
    }
}
