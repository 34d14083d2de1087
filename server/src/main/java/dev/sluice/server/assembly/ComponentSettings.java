package dev.sluice.server.assembly;

import dev.sluice.delivery.Backoff;
import dev.sluice.delivery.DeliverySettings;
import dev.sluice.redis.RedisSettings;
import dev.sluice.server.gateway.BotRules;
import dev.sluice.server.gateway.GatewaySettings;
import dev.sluice.server.gateway.Repetition;
import dev.sluice.server.gateway.SpoolSettings;
import dev.sluice.server.gateway.UpstreamSettings;
import dev.sluice.server.settings.ServerSettings;
import java.nio.file.Path;

/** What was set, in each component's own words. */
final class ComponentSettings {
    private ComponentSettings() {}

    static DeliverySettings delivery(ServerSettings settings) {
        var telegram = settings.telegram();
        return DeliverySettings.DEFAULT
                .withLimits(settings.limits().telegram())
                .withAmbiguousWindow(settings.idempotency().ambiguousWindow())
                .withRetries(telegram.maxRetries(), new Backoff(telegram.baseDelay(), telegram.maxDelay()));
    }

    static RedisSettings redis(String url, ServerSettings settings) {
        return RedisSettings.parse(url).withCommandTimeout(settings.store().redisTimeout());
    }

    static UpstreamSettings upstream(ServerSettings settings) {
        return UpstreamSettings.of(settings.telegram().apiUrl())
                .withTimeout(settings.telegram().timeout());
    }

    static GatewaySettings gateway(ServerSettings settings, Path spool) {
        var telegram = settings.telegram();
        var access = settings.access();
        return GatewaySettings.defaults(spool)
                .withServed(bot -> access.bots().isEmpty() || access.bots().contains(bot))
                .withRules(bot -> new BotRules(
                        access.skipLimits().contains(bot),
                        method -> access.dedupeContent().contains(bot)))
                .withMaxWait(telegram.rateLimitWait())
                .withKeep(settings.idempotency().ttl())
                .withSpool(SpoolSettings.in(spool)
                        .withUpload(settings.uploads().perRequest())
                        .withTotal(settings.uploads().total()))
                .withRepetition(new Repetition(
                        telegram.maxRetries(), telegram.baseDelay(), telegram.maxDelay(), telegram.timeout()));
    }
}
