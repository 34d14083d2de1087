package dev.sluice.server.settings;

import dev.sluice.access.AccessStates;
import dev.sluice.cache.CacheMode;
import dev.sluice.cache.CacheSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where caches are, and how long what they keep holds.
 *
 * @param redisUrl another Redis than {@code REDIS_URL}, in the same form
 * @param accessState whether users have access
 */
public record CachingSettings(Optional<String> redisUrl, CacheSettings accessState) {
    static final Setting<String> REDIS_URL = Setting.withoutDefault(
                    "REDIS_CACHE_URL",
                    StoreSettings.redisUrlForm(),
                    "Another Redis for caches, which may evict what it likes; REDIS_URL's unless set (docs/cache.md).")
            .holdingCredentials();
    static final Setting<Duration> ACCESS_STATE_TTL = Setting.of(
            "REDIS_TTL_ACCESS_STATE",
            Forms.duration(Duration.ofMillis(1), Duration.ofDays(31)),
            Long.toString(AccessStates.DEFAULT.ttl().toSeconds()),
            "How long it is cached whether a user has access.");
    static final Setting<CacheMode> ACCESS_STATE_MODE = Setting.of(
            LaterSettings.CACHE_PREFIX + "ACCESS_STATE",
            Forms.choice(CacheMode.class),
            "redis",
            "Where: in Redis and in this process, in this process only (other replicas hear of no change), or nowhere.");

    static final List<Setting<?>> ALL = List.of(REDIS_URL, ACCESS_STATE_TTL, ACCESS_STATE_MODE);

    static CachingSettings read(Reading reading) {
        CacheSettings usual = AccessStates.DEFAULT;
        Duration ttl = reading.get(ACCESS_STATE_TTL);
        return new CachingSettings(
                reading.find(REDIS_URL),
                CacheSettings.of(usual.name(), ttl)
                        .withFamily(usual.family())
                        .withMode(reading.get(ACCESS_STATE_MODE)));
    }
}
