package dev.sluice.server.assembly;

import dev.sluice.delivery.Pause;
import dev.sluice.redis.Durability;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisInfo;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ReplicaBarrier;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much of what Redis acknowledged outlives its crash: looked at on start and now and then, since somebody may configure it
 * anew or another node take over; what may be lost is said once, and again when it changes. Thread-safe.
 */
final class StoreDurability implements AutoCloseable {
    private static final Duration AGAIN = Duration.ofSeconds(30);
    private static final Logger log = LoggerFactory.getLogger(StoreDurability.class);

    private final Supplier<RedisInfo> redis;
    private final Optional<ReplicaBarrier> replicas;
    private final Thread watch;
    private volatile Optional<RedisInfo> known = Optional.empty();

    private StoreDurability(Supplier<RedisInfo> redis, Optional<ReplicaBarrier> replicas) {
        this.redis = redis;
        this.replicas = replicas;
        this.watch = Thread.ofVirtual().name("redis-durability").unstarted(this::watch);
    }

    /**
     * Looks, and goes on looking until closed.
     *
     * @param redis may throw {@link RedisUnavailableException}
     * @param replicas those that must have what is queued; closed with this
     */
    static StoreDurability watch(Supplier<RedisInfo> redis, Optional<ReplicaBarrier> replicas) {
        var durability = new StoreDurability(redis, replicas);
        durability.look();
        durability.watch.start();
        return durability;
    }

    /** Whether what was just written for a bot outlives a crash of Redis; waits for the replicas. */
    boolean keeps(BotId bot) {
        if (known.isEmpty()) {
            look(); // it was away at the start
        }
        return known.filter(info -> info.durability().survivesRestart()).isPresent()
                && replicas.map(barrier -> barrier.await(KeySpace.DEFAULT.key("msg_queue", bot.toString(), "wait")))
                        .orElse(true);
    }

    private void watch() {
        while (Pause.sleepUnlessInterrupted(AGAIN)) {
            look();
        }
    }

    private synchronized void look() {
        RedisInfo now;
        try {
            now = redis.get();
        } catch (RedisUnavailableException e) {
            return; // what was known goes on to hold
        }
        if (known.map(RedisInfo::durability).filter(now.durability()::equals).isEmpty()) {
            sayDurability(now);
        }
        if (now.evicts() && known.filter(RedisInfo::evicts).isEmpty()) {
            log.warn(
                    "Redis may drop keys when its memory is full (maxmemory-policy {}): queued messages and idempotency keys could"
                            + " vanish; set it to noeviction",
                    now.maxmemoryPolicy());
        }
        known = Optional.of(now);
    }

    private static void sayDurability(RedisInfo now) {
        if (now.durability() == Durability.EVERY_WRITE) {
            log.atInfo().addKeyValue("appendfsync", now.appendFsync()).log("Redis keeps all that it acknowledges");
            return;
        }
        log.atWarn()
                .addKeyValue("appendonly", now.appendOnly() ? "yes" : "no")
                .addKeyValue("appendfsync", now.appendFsync())
                .addKeyValue("save", now.snapshots())
                .log(
                        "if Redis crashes, {} may be lost: queued messages, or that they were sent, so that they are sent again",
                        now.durability().mayLose());
    }

    @Override
    public void close() {
        watch.interrupt();
        replicas.ifPresent(ReplicaBarrier::close);
    }
}
