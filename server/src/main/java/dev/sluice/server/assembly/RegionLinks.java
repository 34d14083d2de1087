package dev.sluice.server.assembly;

import dev.sluice.delivery.Deliveries.Elsewhere;
import dev.sluice.redis.Breaker;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisConfigurationException;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.region.Homes;
import dev.sluice.region.RegionLists;
import dev.sluice.region.Regions;
import dev.sluice.server.health.Part;
import dev.sluice.server.health.RegionsPart;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.metrics.RegionMetrics;
import dev.sluice.server.settings.ServerSettings;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The ways to the other regions' Redis, each behind a breaker of its own. Thread-safe. */
final class RegionLinks implements AutoCloseable {
    private final Regions regions;
    private final Map<String, Link> links = new LinkedHashMap<>();

    private record Link(RedisStore store, GuardedRunner guarded, ScriptRunner settling, RegionMetrics shown)
            implements AutoCloseable {
        @Override
        public void close() {
            guarded.close();
            store.close();
        }
    }

    private RegionLinks(Regions regions) {
        this.regions = regions;
    }

    /**
     * Connects to all of them; who does not answer is tried again for ever.
     *
     * @throws StartException if one is there and never will do: a wrong password, too old a version
     */
    static RegionLinks connect(Regions regions, ServerSettings settings, Metrics metrics) {
        var opened = new RegionLinks(regions);
        try {
            for (String region : regions.names()) {
                if (!region.equals(regions.self())) {
                    RedisSettings redis =
                            ComponentSettings.otherRegion(settings.regions().url(region), settings);
                    opened.links.put(region, connect(region, redis, new RegionMetrics(metrics, region)));
                }
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private static Link connect(String region, RedisSettings redis, RegionMetrics shown) {
        try {
            RedisStore store = RedisStore.connect(redis, shown);
            shown.ask(store::isConnected);
            var guarded = new GuardedRunner(store, Breaker.Settings.DEFAULT, shown);
            ScriptRunner settling = (script, keys, args) -> guarded.run(script, keys, args, redis.settleTimeout());
            return new Link(store, guarded, settling, shown);
        } catch (RedisConfigurationException e) {
            throw new StartException("SLUICE_REGIONS, region " + region + ": " + e.getMessage(), e);
        }
    }

    Regions regions() {
        return regions;
    }

    /** Where the keys of other regions are decided; empty for this one. */
    Homes<Optional<Elsewhere>> elsewhere() {
        var all = new HashMap<String, Optional<Elsewhere>>();
        regions.names()
                .forEach(region -> all.put(
                        region,
                        Optional.ofNullable(links.get(region))
                                .map(link -> new Elsewhere(link.guarded(), link.settling()))));
        return new Homes<>(regions, all);
    }

    /**
     * What runs scripts in each region.
     *
     * @param here what runs them in this one
     */
    Homes<ScriptRunner> deciding(ScriptRunner here) {
        return elsewhere().map(other -> other.map(Elsewhere::deciding).orElse(here));
    }

    /** The same with the longer deadline of what must be written down. */
    Homes<ScriptRunner> settling(ScriptRunner here) {
        return elsewhere().map(other -> other.map(Elsewhere::settling).orElse(here));
    }

    /**
     * Watches that all gateways run by one list, and shows this one's.
     *
     * @throws StartException if one runs by another with which this one cannot be right
     */
    RegionWatch watch(ScriptRunner here) {
        return RegionWatch.start(new RegionLists(regions, deciding(here), KeySpace.DEFAULT));
    }

    Part part(RegionWatch watch) {
        var up = new LinkedHashMap<String, BooleanSupplier>();
        links.forEach((region, link) -> up.put(region, link.shown()::isUp));
        return new RegionsPart(regions, up, watch::problem);
    }

    @Override
    public void close() {
        links.values().forEach(Link::close);
    }
}
