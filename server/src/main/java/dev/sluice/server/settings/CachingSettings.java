package dev.sluice.server.settings;

import dev.sluice.access.AccessStates;
import dev.sluice.cache.CacheMode;
import dev.sluice.cache.CacheSettings;
import dev.sluice.cache.LeasedCache;
import dev.sluice.retrieval.RetrievalCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where caches are, and how long what they keep holds.
 *
 * @param redisUrl another Redis than {@code REDIS_URL}, in the same form
 * @param accessState whether users have access
 * @param named those that bots fill over HTTP
 */
public record CachingSettings(Optional<String> redisUrl, CacheSettings accessState, List<CacheSettings> named) {
    private static final String MODE_MEANING =
            "Where: in Redis and in this process, in this process only (other replicas hear of no change), or nowhere.";

    static final Setting<String> REDIS_URL = Setting.withoutDefault(
                    "REDIS_CACHE_URL",
                    StoreSettings.redisUrlForm(),
                    "Another Redis for caches, which may evict what it likes; REDIS_URL's unless set (docs/cache.md).")
            .holdingCredentials();

    /** What is set of one cache. */
    private record Named(CacheSettings usual, Setting<Duration> ttl, Setting<CacheMode> mode) {
        static Named of(CacheSettings usual, String modeName, String meaning) {
            return new Named(
                    usual,
                    Setting.of(
                            "REDIS_TTL_" + upper(usual),
                            Forms.duration(Duration.ofMillis(1), Duration.ofDays(31)),
                            Long.toString(usual.ttl().toSeconds()),
                            meaning),
                    Setting.of(modeName, Forms.choice(CacheMode.class), "redis", MODE_MEANING));
        }

        static Named filled(CacheSettings usual, String modeName) {
            return of(usual, modeName, "How long a value of `/v1/cache/" + usual.name() + "` holds (docs/cache.md).");
        }

        static String upper(CacheSettings usual) {
            return usual.name().toUpperCase(Locale.ROOT);
        }

        CacheSettings read(Reading reading) {
            return CacheSettings.of(usual.name(), reading.get(ttl))
                    .withFamily(usual.family())
                    .withSealed(usual.sealed())
                    .withMode(reading.get(mode));
        }
    }

    private static final Named ACCESS_STATE = Named.of(
            AccessStates.DEFAULT,
            LaterSettings.CACHE_PREFIX + "ACCESS_STATE",
            "How long it is cached whether a user has access.");
    private static final List<Named> NAMED = Stream.concat(
                    Stream.of(
                                    CacheSettings.LOCATIONS,
                                    CacheSettings.SERVERS,
                                    CacheSettings.USER,
                                    CacheSettings.SUBSCRIPTIONS)
                            .map(usual -> Named.filled(usual, LaterSettings.CACHE_PREFIX + Named.upper(usual))),
                    Stream.of(Named.filled(RetrievalCache.RAG, "SLUICE_RAG_CACHE")))
            .toList();

    static final List<Setting<?>> ALL = all();

    private static List<Setting<?>> all() {
        var all = new ArrayList<Setting<?>>();
        all.add(REDIS_URL);
        Stream.concat(Stream.of(ACCESS_STATE), NAMED.stream()).forEach(cache -> {
            all.add(cache.ttl());
            all.add(cache.mode());
        });
        return List.copyOf(all);
    }

    static CachingSettings read(Reading reading) {
        return new CachingSettings(
                reading.find(REDIS_URL),
                ACCESS_STATE.read(reading),
                NAMED.stream()
                        .map(cache -> cache.read(reading).withLease(LeasedCache.USUAL_LEASE))
                        .toList());
    }
}
