package dev.sluice.server.metrics;

import dev.sluice.limit.OutageListener;
import dev.sluice.redis.Breaker;
import dev.sluice.redis.MendListener;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisUnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and times what goes to Redis, and says in one line each time it goes away or comes back. Thread-safe. */
public final class RedisMetrics implements RedisEvents, OutageListener, MendListener {
    private static final Logger log = LoggerFactory.getLogger("redis");

    private final Metrics metrics;
    private final Map<String, Timer> roundTrips = new ConcurrentHashMap<>();
    private final Map<String, Counter> errors = new ConcurrentHashMap<>();
    private final Map<String, Breaker.State> breakers = new ConcurrentHashMap<>();
    private final Counter connections;
    private final Counter outages;
    private final Counter jumps;
    private volatile int replicas = 1;
    private volatile boolean closing;
    private volatile Optional<String> problem = Optional.empty();

    public RedisMetrics(Metrics metrics) {
        this.metrics = metrics;
        connections =
                metrics.counter("sluice.redis.connections.made", "Connections to Redis, first ones and later ones.");
        outages = metrics.counter("sluice.redis.outages", "Times that decisions had to go on without Redis.");
        jumps = metrics.counter(
                "sluice.redis.clock.jumps", "Times that Redis' clock was found to show another time than before.");
        metrics.gauge(
                "sluice.redis.store.away", "1 while calls go on without Redis.", () -> problem.isPresent() ? 1 : 0);
        metrics.gauge(
                "sluice.redis.breaker.open",
                "Parts of Redis that are not asked because they did not answer.",
                this::openBreakers);
        metrics.gauge("sluice.replicas", "Living replicas of Sluice that share this Redis.", () -> replicas);
    }

    @Override
    public void answered(String script, Duration roundTrip) {
        roundTrips
                .computeIfAbsent(
                        script, name -> metrics.timer("sluice.redis.script", "Round trips of scripts.", "script", name))
                .record(roundTrip);
    }

    @Override
    public void failed(String script, RedisUnavailableException.Reason reason) {
        error(reason.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void scriptFailed(String script) {
        error("script");
        log.atError().addKeyValue("script", script).log("a script failed: a defect, or a key of another program");
    }

    @Override
    public void connected() {
        connections.increment();
        log.info("connected");
    }

    @Override
    public void disconnected() {
        if (!closing) {
            log.info("connection lost; connecting again");
        }
    }

    /** From now on a lost connection is meant. */
    public void closing() {
        closing = true;
    }

    @Override
    public void breakerChanged(String shard, Breaker.State state) {
        breakers.put(metrics.bounded("shard", shard), state);
        log.atInfo().addKeyValue("part", shard).addKeyValue("state", state).log("breaker");
    }

    @Override
    public void outageBegan(RedisUnavailableException cause) {
        String reason = cause.reason().name().toLowerCase(Locale.ROOT);
        problem = Optional.of(reason);
        outages.increment();
        log.atWarn()
                .addKeyValue("reason", reason)
                .log("Redis cannot be asked: guards go on without it, as SLUICE_ON_STORE_FAILURE_* say");
    }

    @Override
    public void outageEnded(Duration lasted) {
        problem = Optional.empty();
        log.atWarn()
                .addKeyValue("lasted_ms", lasted.toMillis())
                .log("Redis answers again: limits count for all replicas");
    }

    @Override
    public void clockJumped(String shard, Duration by) {
        jumps.increment();
        log.atWarn()
                .addKeyValue("part", shard)
                .addKeyValue("by_ms", by.toMillis())
                .log("Redis' clock jumped: for one window this replica keeps to its share of the limits, too");
    }

    @Override
    public void replicasChanged(int before, int now) {
        replicas = now;
        log.atInfo().addKeyValue("before", before).addKeyValue("now", now).log("replicas");
    }

    @Override
    public void mended(String family, String what, long count) {
        metrics.counter(
                        "sluice.redis.mended",
                        "What another program had written into Sluice's keys, and that was taken out.",
                        "family",
                        family,
                        "what",
                        what)
                .increment(count);
    }

    /** Why calls go on without Redis at present; empty if they do not. */
    public Optional<String> problem() {
        return problem;
    }

    /** How many replicas share this Redis. */
    public int replicas() {
        return replicas;
    }

    /** Parts of Redis that are not asked at present. */
    public int openBreakers() {
        return (int) breakers.values().stream()
                .filter(state -> state != Breaker.State.CLOSED)
                .count();
    }

    private void error(String reason) {
        errors.computeIfAbsent(
                        reason,
                        name -> metrics.counter(
                                "sluice.redis.errors", "Scripts without a reply, by reason.", "reason", name))
                .increment();
    }
}
