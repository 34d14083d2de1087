package dev.sluice.redis;

import dev.sluice.redis.RedisUnavailableException.Reason;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Redis, of any topology, as a place to run scripts. Thread-safe; close it last.
 *
 * <p>It connects by itself and again after every loss, for as long as it lives; meanwhile every call fails at once. No call
 * outlives its deadline, and none that may have run is ever sent again: a script runs at most once per call.
 */
public final class RedisStore implements ShardedRunner, Announcements, KeyWatch, AutoCloseable {

    /** A connection that opens while a command waits for it (a Cluster node's first use, a move) is worth this many tries. */
    private static final int TRIES_WHILE_OPENING = 3;

    private static final Script MARK = Script.of("redis/mark", new Script.Part(RedisStore.class, "mark.lua"));
    /** Moving a slot takes from milliseconds to minutes, and nobody says when it is over. */
    private static final Duration BETWEEN_TRIES_WHILE_MOVING = Duration.ofMillis(10);

    private final RedisSettings settings;
    private final RedisEvents events;
    private final Semaphore room;
    private final Connection connection;
    private volatile boolean closed;

    private RedisStore(RedisSettings settings, RedisEvents events, Bounds bounds) {
        this.settings = settings;
        this.events = events;
        this.room = new Semaphore(bounds.scriptsUnderWay());
        this.connection = new Connection(settings, new Connector(settings, events, bounds.silence()));
    }

    /**
     * What protects this process from a Redis that does not keep up.
     *
     * @param scriptsUnderWay how many calls may wait for Redis at once; more are refused unsent
     * @param silence how long a connection may owe a reply before it is given up
     */
    record Bounds(int scriptsUnderWay, Duration silence) {
        /**
         * At 50 ms per call 10,000 calls are 200,000 a second: more is a jam, and refusing beats queueing. 5 s are far beyond
         * any deadline and any sane script: a Redis that is silent for so long is down.
         */
        static final Bounds DEFAULT = new Bounds(10_000, Duration.ofSeconds(5));
    }

    /**
     * Connects, waiting for at most {@link RedisSettings#startWait}. If Redis does not answer by then, the store is handed out
     * all the same and connects as soon as it can.
     *
     * @throws RedisConfigurationException if Redis answered in that time, and waiting would not help: wrong password,
     *     untrusted certificate, a version before 6.2, a Cluster addressed as a single server or the other way round
     */
    public static RedisStore connect(RedisSettings settings, RedisEvents events) {
        return connect(settings, events, Bounds.DEFAULT);
    }

    static RedisStore connect(RedisSettings settings, RedisEvents events, Bounds bounds) {
        var store = new RedisStore(settings, events, bounds);
        try {
            store.connection.awaitFirst(settings.startWait());
        } catch (RedisConfigurationException e) {
            store.close();
            throw e;
        }
        return store;
    }

    @Override
    public ScriptReply run(Script script, List<String> keys, List<byte[]> args) {
        return run(script, keys, args, decisionTimeout());
    }

    @Override
    public ScriptReply run(Script script, List<String> keys, List<byte[]> args, Duration timeout) {
        requireOneSlot(script, keys);
        var deadline = Deadline.in(timeout);
        try {
            List<Object> values = evaluateIfRoom(script, keys, args, deadline);
            events.answered(script.name(), deadline.elapsed());
            return new ScriptReply(script.name(), Collections.unmodifiableList(values));
        } catch (RedisUnavailableException e) {
            events.failed(script.name(), e.reason());
            throw e;
        } catch (RedisScriptException e) {
            events.scriptFailed(script.name());
            throw e;
        }
    }

    @Override
    public Optional<Duration> deadline() {
        return Optional.of(decisionTimeout());
    }

    /** How long a decision may take: the configured time and the round trip measured when the connection was first made. */
    public Duration decisionTimeout() {
        return settings.commandTimeout().plus(connection.roundTrip().orElse(Duration.ZERO));
    }

    /** The round trip measured when the connection was first made; empty while Redis has not been reached. */
    public Optional<Duration> roundTrip() {
        return connection.roundTrip();
    }

    /** Whether there is a connection now; it may still be to a Redis that does not answer. */
    public boolean isConnected() {
        return connection.isOpen();
    }

    /** What stands between this store and its first connection, in words without secrets; empty once connected. */
    public Optional<String> problem() {
        return connection.problem();
    }

    /** Where this store connects to, without user and password. */
    public String address() {
        return settings.address();
    }

    /**
     * Asks Redis (in a Cluster: any node) for a sign of life.
     *
     * @return how long it took
     * @throws RedisUnavailableException if it does not answer within the deadline for decisions
     */
    public Duration ping() {
        return ping(Link.WHOLE);
    }

    @Override
    public Duration ping(String shard) {
        return Requests.ping(connection.link(), shard, Deadline.in(decisionTimeout()));
    }

    /**
     * What the server (in a Cluster: any node) says of itself, within the deadline for settling.
     *
     * @throws RedisUnavailableException if it does not answer
     */
    public RedisInfo info() {
        return Requests.info(connection.link(), settings.topology(), Deadline.in(settings.settleTimeout()));
    }

    /**
     * Waits until replicas have what was written to the key's part of Redis before, by whatever connection. Meanwhile nothing
     * else passes on this store's connection: it is for stores that do nothing else.
     *
     * @param key written with a TTL of some seconds: a connection that wrote nothing has nothing to wait for
     * @param longest from 1 ms
     * @return how many have it
     * @throws RedisUnavailableException if Redis does not answer
     */
    long awaitReplicas(String key, int wanted, Duration longest) {
        run(MARK, List.of(key), List.of(), settings.settleTimeout());
        return Requests.replicas(
                connection.link(),
                shardOf(List.of(key)),
                wanted,
                longest,
                Deadline.in(longest.plus(settings.settleTimeout())));
    }

    @Override
    public String shardOf(List<String> keys) {
        Optional<Link> link = connection.linkIfAny();
        return keys.isEmpty() || link.isEmpty() ? Link.WHOLE : link.get().shardOf(keys.getFirst());
    }

    @Override
    public List<Shard> shards() {
        return connection.link().shards();
    }

    @Override
    public Subscription listen(String channel, Consumer<String> heard) {
        return connection.listen(channel, heard);
    }

    @Override
    public Watch watch(List<String> prefixes, String channel, Watcher watcher) {
        return connection.watch(prefixes, channel, watcher);
    }

    /** Closes all connections; calls under way fail. */
    @Override
    public void close() {
        closed = true;
        connection.close();
    }

    private List<Object> evaluateIfRoom(Script script, List<String> keys, List<byte[]> args, Deadline deadline) {
        if (!room.tryAcquire()) {
            throw new RedisUnavailableException(
                    Reason.OVERLOADED, script.name() + " not sent: too many under way", false, null);
        }
        try {
            if (closed) {
                throw closed(script, null);
            }
            return evaluate(script, keys, args, deadline);
        } catch (IllegalStateException e) {
            // The driver has no better word for a connection that was closed meanwhile.
            throw closed ? closed(script, e) : e;
        } finally {
            room.release();
        }
    }

    private static RedisUnavailableException closed(Script script, @Nullable Throwable cause) {
        return new RedisUnavailableException(
                Reason.NOT_CONNECTED, script.name() + " not sent: this store is closed", false, cause);
    }

    private List<Object> evaluate(Script script, List<String> keys, List<byte[]> args, Deadline deadline) {
        try {
            return send(script, CommandType.EVALSHA, script.sha1(), keys, args, deadline);
        } catch (Requests.NoScript e) {
            // EVAL runs it and leaves it cached on this node, in one round trip; each node learns each script once.
            return send(script, CommandType.EVAL, script.source(), keys, args, deadline);
        }
    }

    private List<Object> send(
            Script script, CommandType how, String text, List<String> keys, List<byte[]> args, Deadline deadline) {
        for (int attempt = 1; ; attempt++) {
            Link link = connection.link();
            var commandArgs = new CommandArgs<>(Connector.CODEC)
                    .add(text)
                    .add(keys.size())
                    .addKeys(keys)
                    .addValues(args);
            try {
                return Requests.await(
                        link, SentOnceCommand.script(how, Connector.CODEC, commandArgs), script.name(), deadline);
            } catch (RedisUnavailableException e) {
                if (e.reason() == Reason.READ_ONLY) {
                    connection.lookForTheMaster();
                }
                boolean again = switch (e.reason()) {
                    case NOT_CONNECTED -> attempt < TRIES_WHILE_OPENING && Requests.awaitOpening(link, keys, deadline);
                    case MOVING -> pausesWithin(deadline);
                    default -> false;
                };
                if (!again) {
                    throw e;
                }
            }
        }
    }

    private static boolean pausesWithin(Deadline deadline) {
        if (deadline.remainingNanos() <= BETWEEN_TRIES_WHILE_MOVING.toNanos()) {
            return false;
        }
        LockSupport.parkNanos(BETWEEN_TRIES_WHILE_MOVING.toNanos());
        return !Thread.currentThread().isInterrupted();
    }

    private static void requireOneSlot(Script script, List<String> keys) {
        for (int i = 1; i < keys.size(); i++) {
            if (!sameTag(keys.getFirst(), keys.get(i))) {
                int first = SlotHash.getSlot(keys.getFirst());
                int other = SlotHash.getSlot(keys.get(i));
                if (first != other) {
                    throw new IllegalArgumentException(
                            "script " + script.name() + " was given keys of two slots, " + first + " and " + other);
                }
            }
        }
    }

    private static boolean sameTag(String one, String other) {
        int open = one.indexOf('{');
        int close = one.indexOf('}', open + 1);
        return open >= 0 && close > open + 1 && other.indexOf('{') == other.indexOf(one.substring(open, close + 1));
    }
}
