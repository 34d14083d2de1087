package dev.sluice.redis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Waits until replicas have what was written ({@code WAIT}), over a connection of its own, since Redis lets nothing else pass on
 * a connection that waits. Those who come while others wait are answered together by the next round. Thread-safe.
 *
 * <p>It narrows what a failover loses and does not end it: a replica that has it may not be the one that is promoted.
 */
public final class ReplicaBarrier implements AutoCloseable {
    private final RedisStore store;
    private final int wanted;
    private final Duration longest;
    private final ConcurrentMap<String, Shard> shards = new ConcurrentHashMap<>();

    /** One question, for all who came before it was asked. */
    private static final class Round {
        private boolean over;
        private boolean replicated;
    }

    private static final class Shard {
        private final ReentrantLock asking = new ReentrantLock();
        private volatile Round next = new Round();
    }

    private ReplicaBarrier(RedisStore store, int wanted, Duration longest) {
        this.store = store;
        this.wanted = wanted;
        this.longest = longest;
    }

    /**
     * Connects.
     *
     * @param wanted how many replicas, 1 or more
     * @param longest how long one round waits for them
     */
    public static ReplicaBarrier connect(RedisSettings settings, RedisEvents events, int wanted, Duration longest) {
        return new ReplicaBarrier(RedisStore.connect(settings, events), wanted, longest);
    }

    /**
     * Waits until enough replicas have what the caller wrote before; at most two rounds.
     *
     * @param key in the slot of what was written; it is written itself
     * @return false if not enough have it in time, or Redis does not answer
     */
    public boolean await(String key) {
        Shard shard = shards.computeIfAbsent(store.shardOf(List.of(key)), any -> new Shard());
        // Joined after the caller's write and before it is asked, since whoever asks puts another in its place first.
        Round mine = shard.next;
        shard.asking.lock();
        try {
            if (!mine.over) {
                shard.next = new Round();
                mine.replicated = ask(key);
                mine.over = true;
            }
            return mine.replicated;
        } finally {
            shard.asking.unlock();
        }
    }

    private boolean ask(String key) {
        try {
            return store.awaitReplicas(key, wanted, longest) >= wanted;
        } catch (RedisUnavailableException e) {
            return false;
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
