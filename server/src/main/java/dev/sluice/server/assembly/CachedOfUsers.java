package dev.sluice.server.assembly;

import dev.sluice.cache.CacheKey;
import dev.sluice.cache.LeasedAnswer;
import dev.sluice.cache.LeasedCache;
import dev.sluice.privacy.PersonalData;
import dev.sluice.state.JsonValue;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What bots have cached under a user's id alone, which may be a text of theirs. Thread-safe. */
final class CachedOfUsers implements PersonalData {
    private final List<LeasedCache<JsonValue>> caches;

    CachedOfUsers(List<LeasedCache<JsonValue>> caches) {
        this.caches = List.copyOf(caches);
    }

    @Override
    public String family() {
        return "cache";
    }

    @Override
    public long forget(long user) {
        CacheKey key = CacheKey.of(user);
        long removed = 0;
        boolean told = true;
        for (LeasedCache<JsonValue> cache : caches) {
            removed += isThere(cache, key) ? 1 : 0;
            told &= cache.cache().invalidate(key);
        }
        if (!told) {
            throw new IllegalStateException("not all replicas could be told to forget what is cached of a user");
        }
        return removed;
    }

    @Override
    public void forgetHere(long user) {
        caches.forEach(cache -> cache.cache().forgetHere(CacheKey.of(user)));
    }

    @Override
    public void forgetCopiesHere(long user) {
        forgetHere(user);
    }

    @Override
    public void forgetEverybodyHere() {
        caches.forEach(cache -> cache.cache().forgetAllHere());
    }

    private static boolean isThere(LeasedCache<JsonValue> cache, CacheKey key) {
        // Who has left already gets no lease.
        var gone = CompletableFuture.<Void>completedFuture(null);
        try {
            return switch (cache.ask(key, Duration.ZERO, false, gone)) {
                case LeasedAnswer.Found<JsonValue> found -> found.value().isPresent();
                case LeasedAnswer.Load<JsonValue>(var lease, Optional<JsonValue> old) -> old.isPresent();
                case LeasedAnswer.Busy<JsonValue> busy -> false;
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the look was cut short", e);
        }
    }
}
