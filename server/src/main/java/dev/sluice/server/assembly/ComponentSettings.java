package dev.sluice.server.assembly;

import dev.sluice.delivery.Backoff;
import dev.sluice.delivery.DeliverySettings;
import dev.sluice.encryption.KeyRing;
import dev.sluice.queue.QueueSettings;
import dev.sluice.queue.RetryPolicy;
import dev.sluice.redis.RedisSettings;
import dev.sluice.server.bots.BotRules;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.bots.MethodSet;
import dev.sluice.server.callback.AllowedTargets;
import dev.sluice.server.callback.CallbackSettings;
import dev.sluice.server.gateway.GatewaySettings;
import dev.sluice.server.gateway.Repetition;
import dev.sluice.server.gateway.Serving;
import dev.sluice.server.gateway.SpoolSettings;
import dev.sluice.server.gateway.UpstreamSettings;
import dev.sluice.server.settings.ServerSettings;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.nio.file.Path;
import java.util.Optional;

/** What was set, in each component's own words. */
final class ComponentSettings {
    private ComponentSettings() {}

    static DeliverySettings delivery(ServerSettings settings, BindingLimits limits) {
        var telegram = settings.telegram();
        return DeliverySettings.DEFAULT
                .withLimits(limits)
                .withAmbiguousWindow(settings.idempotency().ambiguousWindow())
                .withRetries(telegram.maxRetries(), new Backoff(telegram.baseDelay(), telegram.maxDelay()));
    }

    static QueueSettings queue(ServerSettings settings) {
        var queue = settings.queue();
        var retry = QueueSettings.DEFAULT.retry();
        return QueueSettings.DEFAULT
                .withBound(queue.most())
                .withKeep(queue.keep())
                .withLease(queue.lease())
                .withRetry(new RetryPolicy(queue.maxRetries(), retry.base(), retry.max(), retry.jitter()));
    }

    /** Empty if nobody waits for replicas. */
    static Optional<Backend.Replication> replication(ServerSettings settings) {
        var queue = settings.queue();
        return queue.waitReplicas() == 0
                ? Optional.empty()
                : Optional.of(new Backend.Replication(queue.waitReplicas(), queue.waitTimeout()));
    }

    static RedisSettings redis(String url, ServerSettings settings) {
        return RedisSettings.parse(url).withCommandTimeout(settings.store().redisTimeout());
    }

    static UpstreamSettings upstream(ServerSettings settings) {
        return UpstreamSettings.of(settings.telegram().apiUrl())
                .withTimeout(settings.telegram().timeout());
    }

    /** Empty if nobody is to be called back. */
    static Optional<CallbackSettings> callbacks(ServerSettings settings) {
        var chosen = settings.callbacks();
        return chosen.secret().map(secret -> CallbackSettings.of(secret, AllowedTargets.of(chosen.targets())));
    }

    static KeyRing keys(ServerSettings settings) {
        var chosen = settings.encryption().keys();
        return chosen.isEmpty() ? KeyRing.random() : KeyRing.of(chosen);
    }

    /** What the settings grant a bot; its registration may say otherwise. */
    static BotRules rules(ServerSettings settings, BotId bot) {
        var access = settings.access();
        return BotRules.NONE
                .withSkipLimits(access.skipLimits().contains(bot))
                .withDedupeContent(access.dedupeContent().contains(bot) ? MethodSet.ALL : MethodSet.NONE);
    }

    static GatewaySettings gateway(ServerSettings settings, Bots bots, Path spool) {
        var telegram = settings.telegram();
        return GatewaySettings.defaults(spool)
                .withServed(bot -> serving(settings, bots, bot))
                .withRules(bots::rules)
                .withVips(chat -> isVip(settings, chat))
                .withMaxWait(telegram.rateLimitWait())
                .withKeep(settings.idempotency().ttl())
                .withSpool(SpoolSettings.in(spool)
                        .withUpload(settings.uploads().perRequest())
                        .withTotal(settings.uploads().total()))
                .withRepetition(new Repetition(
                        telegram.maxRetries(), telegram.baseDelay(), telegram.maxDelay(), telegram.timeout()));
    }

    /** A user's private chat has the user's id. */
    private static boolean isVip(ServerSettings settings, ChatId chat) {
        var vips = settings.limits().vipUsers();
        return !vips.isEmpty() && chat.isNumeric() && vips.contains(Long.parseLong(chat.value()));
    }

    private static Serving serving(ServerSettings settings, Bots bots, BotId bot) {
        if (settings.servesEveryBot() || settings.access().bots().contains(bot)) {
            return Serving.SERVED;
        }
        return switch (bots.standing(bot)) {
            case REGISTERED -> Serving.SERVED;
            case NOT_REGISTERED -> Serving.NOT_SERVED;
            case NOT_KNOWN -> Serving.NOT_KNOWN;
        };
    }
}
