package dev.sluice.server.metrics;

import dev.sluice.redis.Breaker;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisUnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and times what goes to another region's Redis, and says in one line each time it is lost or found again. Thread-safe. */
public final class RegionMetrics implements RedisEvents {
    private static final Logger log = LoggerFactory.getLogger("region");

    /** What gateways look at without being asked is no call's round trip. */
    private static final String WATCHING = "region/";

    private final String region;
    private final Timer roundTrips;
    private final Timer watching;
    private final Counter errors;
    private final Set<String> open = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean away = new AtomicBoolean();
    private volatile BooleanSupplier connected = () -> false;

    public RegionMetrics(Metrics metrics, String region) {
        this.region = region;
        this.roundTrips = timer(metrics, region, "call");
        this.watching = timer(metrics, region, "watch");
        this.errors = metrics.counter(
                "sluice.region.errors", "Steps in other regions without a reply, by region.", "region", region);
        metrics.gauge(
                "sluice.region.up",
                "1 while another region's Redis can be asked, by region.",
                () -> isUp() ? 1 : 0,
                "region",
                region);
    }

    private static Timer timer(Metrics metrics, String region, String by) {
        return metrics.timer(
                "sluice.region.script",
                "Round trips to other regions, by region, and whether calls or the gateway itself asked.",
                "region",
                region,
                "by",
                by);
    }

    /** Who knows whether there is a connection. */
    public void ask(BooleanSupplier isConnected) {
        connected = isConnected;
    }

    /** Whether it can be asked, as far as is known. */
    public boolean isUp() {
        return connected.getAsBoolean() && !away.get();
    }

    @Override
    public void answered(String script, Duration roundTrip) {
        (script.startsWith(WATCHING) ? watching : roundTrips).record(roundTrip);
    }

    @Override
    public void failed(String script, RedisUnavailableException.Reason reason) {
        errors.increment();
    }

    @Override
    public void scriptFailed(String script) {
        errors.increment();
        log.atError()
                .addKeyValue("region", region)
                .addKeyValue("script", script)
                .log("a script failed: a defect, or a key of another program");
    }

    @Override
    public void breakerChanged(String shard, Breaker.State state) {
        if (state == Breaker.State.CLOSED) {
            open.remove(shard);
        } else {
            open.add(shard);
        }
        boolean now = !open.isEmpty();
        if (away.compareAndSet(!now, now)) {
            if (now) {
                log.atWarn()
                        .addKeyValue("region", region)
                        .log("the region cannot be asked: keys whose home it is go by SLUICE_ON_STORE_FAILURE_KEYED");
            } else {
                log.atInfo().addKeyValue("region", region).log("the region can be asked again");
            }
        }
    }
}
