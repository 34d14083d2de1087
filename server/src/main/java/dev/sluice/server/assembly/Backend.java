package dev.sluice.server.assembly;

import dev.sluice.delivery.Deliveries;
import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.DeliverySettings;
import dev.sluice.encryption.KeyRing;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.Waiter;
import dev.sluice.redis.Breaker;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisConfigurationException;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.ReplicaRegistry;
import dev.sluice.server.bots.BotRules;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.bots.TokenCheck;
import dev.sluice.server.health.Part;
import dev.sluice.server.health.PartHealth;
import dev.sluice.server.health.PartHealth.Status;
import dev.sluice.server.health.RedisPart;
import dev.sluice.server.metrics.RedisMetrics;
import dev.sluice.server.settings.StoreFailureSettings;
import dev.sluice.telegram.BotId;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.Function;

/**
 * What remembers: limits, claims, and the delivery that is built on them; registered bots. Closing closes all of it.
 *
 * @param delivery what the gateway sends through
 * @param registry makes the registry of bots in the same store
 * @param part how the store is
 * @param store closed after the delivery
 */
record Backend(Deliveries.Closeable delivery, Registry registry, Part part, Runnable store) implements AutoCloseable {

    /** Makes the registry of bots, for which Telegram must be within reach. */
    @FunctionalInterface
    interface Registry {
        Bots open(TokenCheck telegram, Function<BotId, BotRules> settings);
    }

    /** For one process, until it ends. */
    static Backend inMemory(DeliverySettings settings, KeyRing ring, DeliveryEvents events) {
        var health = PartHealth.of("store", Status.OK, "memory")
                .survivingRestart(false)
                .with("replicas", 1);
        return new Backend(
                Deliveries.inMemory(settings, events),
                (telegram, rules) -> Bots.inMemory(ring, telegram, rules, InstantSource.system()),
                () -> health,
                () -> {});
    }

    /**
     * Shared by all processes on one Redis.
     *
     * @throws StartException if Redis is there and never will do: a wrong password, too old a version
     */
    static Backend onRedis(
            RedisSettings redis,
            DeliverySettings settings,
            KeyRing ring,
            StoreFailureSettings onFailure,
            DeliveryEvents events,
            RedisMetrics metrics) {
        RedisStore store;
        try {
            store = RedisStore.connect(redis, metrics);
        } catch (RedisConfigurationException e) {
            throw new StartException("REDIS_URL: " + e.getMessage(), e);
        }
        var guarded = new GuardedRunner(store, Breaker.Settings.DEFAULT, metrics);
        var registry = new ReplicaRegistry(guarded, KeySpace.DEFAULT, metrics, new SecureRandom());
        registry.start();
        var failure = new Deliveries.StoreFailure(
                () -> registry.alive().count(),
                policy(onFailure.limits()),
                policy(onFailure.keyed()),
                policy(onFailure.unkeyed()),
                metrics);
        var delivery = Deliveries.onRedis(
                guarded,
                (script, keys, args) -> guarded.run(script, keys, args, redis.settleTimeout()),
                KeySpace.DEFAULT,
                settings,
                events,
                new Waiter(registry.alive().self()),
                failure,
                ring);
        Registry bots = (telegram, rules) ->
                Bots.onRedis(guarded, KeySpace.DEFAULT, ring, telegram, rules, InstantSource.system());
        return new Backend(delivery, bots, new RedisPart(store, metrics::replicas, metrics::openBreakers), () -> {
            metrics.closing();
            registry.close();
            guarded.close();
            store.close();
        });
    }

    private static OnStoreFailure policy(StoreFailureSettings.Policy policy) {
        return switch (policy) {
            case LOCAL -> OnStoreFailure.LOCAL;
            case OPEN -> OnStoreFailure.OPEN;
            case CLOSED -> OnStoreFailure.CLOSED;
        };
    }

    @Override
    public void close() {
        delivery.close();
        store.run();
    }
}
