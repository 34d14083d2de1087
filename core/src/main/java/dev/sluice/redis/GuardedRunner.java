package dev.sluice.redis;

import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Runs scripts behind a breaker for each part of Redis that can fail alone. Thread-safe.
 *
 * <p>Only silence opens a breaker. A Redis that answers "out of memory" or "loading" costs no caller any time, and with
 * full memory the scripts that only delete must still come through.
 */
public final class GuardedRunner implements ScriptRunner, AutoCloseable {
    private final ShardedRunner runner;
    private final Breaker.Settings settings;
    private final Breaker.Timer timer;
    private final RedisEvents events;
    private final Map<String, Breaker> breakers = new ConcurrentHashMap<>();

    public GuardedRunner(ShardedRunner runner, Breaker.Settings settings, RedisEvents events) {
        this(runner, settings, events, Breaker.Timer.VIRTUAL_THREADS);
    }

    GuardedRunner(ShardedRunner runner, Breaker.Settings settings, RedisEvents events, Breaker.Timer timer) {
        this.runner = runner;
        this.settings = settings;
        this.events = events;
        this.timer = timer;
    }

    @Override
    public ScriptReply run(Script script, List<String> keys, List<byte[]> args) {
        return guard(script, keys, () -> runner.run(script, keys, args));
    }

    @Override
    public ScriptReply run(Script script, List<String> keys, List<byte[]> args, Duration timeout) {
        return guard(script, keys, () -> runner.run(script, keys, args, timeout));
    }

    @Override
    public Optional<Duration> deadline() {
        return runner.deadline();
    }

    @Override
    public List<Shard> shards() {
        return runner.shards();
    }

    @Override
    public String shardOf(List<String> keys) {
        return runner.shardOf(keys);
    }

    /**
     * The breakers that have been needed so far, by shard: {@code redis}, or the ids of Cluster nodes. A node that left the
     * Cluster stays listed, closed.
     */
    public Map<String, Breaker> breakers() {
        return Map.copyOf(breakers);
    }

    /** Whether every breaker is closed, so that all keys can be reached as far as is known. */
    public boolean isClosed() {
        return breakers.values().stream().allMatch(breaker -> breaker.state() == Breaker.State.CLOSED);
    }

    /** Ends the probes; the runner behind stays open. */
    @Override
    public void close() {
        breakers.values().forEach(Breaker::close);
    }

    private ScriptReply guard(Script script, List<String> keys, Supplier<ScriptReply> call) {
        Breaker breaker = breakerOf(runner.shardOf(keys));
        if (!breaker.allows()) {
            events.failed(script.name(), Reason.BREAKER_OPEN);
            throw new RedisUnavailableException(
                    Reason.BREAKER_OPEN, "Redis has not been answering, " + script.name() + " not sent", false, null);
        }
        try {
            ScriptReply reply = call.get();
            breaker.answered();
            return reply;
        } catch (RedisScriptException e) {
            breaker.answered();
            throw e;
        } catch (RedisUnavailableException e) {
            switch (e.reason()) {
                case NO_REPLY, CONNECTION_LOST, OVERLOADED -> breaker.unanswered();
                case NOT_CONNECTED -> breaker.refused();
                case OUT_OF_MEMORY, READ_ONLY, REFUSED, MOVING -> breaker.answered();
                case BREAKER_OPEN, INTERRUPTED -> {
                    // Says nothing about Redis.
                }
            }
            throw e;
        }
    }

    private Breaker breakerOf(String shard) {
        Breaker known = breakers.get(shard);
        return known != null ? known : breakers.computeIfAbsent(shard, this::newBreaker);
    }

    private Breaker newBreaker(String shard) {
        return new Breaker(
                settings,
                () -> runner.ping(shard),
                state -> events.breakerChanged(shard, state),
                timer,
                System::nanoTime,
                // Not ThreadLocalRandom.current(), which belongs to the thread that calls it.
                () -> ThreadLocalRandom.current().nextLong());
    }
}
