package dev.sluice.server.assembly;

import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.encryption.KeyRing;
import dev.sluice.limit.Learning;
import dev.sluice.server.embedded.EmbeddedRedis;
import dev.sluice.server.metrics.LearningMetrics;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.metrics.RedisMetrics;
import dev.sluice.server.settings.ServerSettings;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store that the settings ask for: this process' memory, Redis as its child, or Redis elsewhere. */
final class StoreStart {
    private static final Logger log = LoggerFactory.getLogger(StoreStart.class);

    private final ServerSettings settings;
    private final OpenedParts parts;

    StoreStart(ServerSettings settings, OpenedParts parts) {
        this.settings = settings;
        this.parts = parts;
    }

    /** Opens it, and says once what it does not keep or hide. */
    Backend backend(KeyRing keys, BindingLimits limits, Metrics metrics, DeliveryEvents events) {
        var learning = (settings.limits().learns() ? Learning.ON : Learning.OFF).heardBy(new LearningMetrics(metrics));
        var delivery = ComponentSettings.delivery(settings, limits).withLearning(learning);
        var queue = ComponentSettings.queue(settings).withLearning(learning);
        var redisUrl = settings.store().embedded()
                ? Optional.of(embeddedRedis().url())
                : settings.store().redisUrl();
        if (redisUrl.isEmpty()) {
            log.warn(
                    "limits, idempotency keys and queues live in this process' memory: they end with it, and other replicas do not"
                            + " share them; set REDIS_URL, or start with --embedded");
            return parts.opened(Backend.inMemory(delivery, queue, keys, events), Backend::close);
        }
        if (!keys.isChosen()) {
            log.warn(
                    "whoever reads Redis can read bots' tokens and kept answers: the key that encrypts them lies there, too;"
                            + " set SLUICE_SECRET_KEY");
        }
        var redis = ComponentSettings.redis(redisUrl.get(), settings);
        return parts.opened(
                Backend.onRedis(
                        redis,
                        delivery,
                        queue,
                        ComponentSettings.replication(settings),
                        keys,
                        settings.onStoreFailure(),
                        events,
                        new RedisMetrics(metrics)),
                Backend::close);
    }

    private EmbeddedRedis embeddedRedis() {
        var redis = parts.opened(
                EmbeddedRedis.start(
                        settings.store().dataDirectory(), settings.store().appendFsync()),
                EmbeddedRedis::close);
        log.atInfo()
                .addKeyValue("version", redis.version())
                .addKeyValue("folder", redis.folder())
                .log("embedded Redis");
        return redis;
    }
}
