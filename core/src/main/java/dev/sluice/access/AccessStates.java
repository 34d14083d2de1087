package dev.sluice.access;

import dev.sluice.cache.Cache;
import dev.sluice.cache.CacheFamily;
import dev.sluice.cache.CacheKey;
import dev.sluice.cache.CacheSettings;
import dev.sluice.cache.Caches;
import dev.sluice.privacy.PersonalData;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether users have access, asked for each update: cached for 45 s, with what {@link Cache} guarantees. Who has just paid has access
 * at the next update, on whichever replica it comes ({@link #invalidate}). Thread-safe; blocks its (virtual) thread.
 */
public final class AccessStates {
    /** The source documents' choice: their users wait no longer for what nobody invalidated. */
    public static final CacheSettings DEFAULT =
            CacheSettings.of("access_state", Duration.ofSeconds(45)).withFamily(CacheFamily.ACCESS_STATE);

    private final Cache<AccessState> cache;
    private final AccessTruth truth;
    private final InstantSource clock;

    /** @param settings as {@link #DEFAULT}, with another TTL or mode */
    public AccessStates(Caches caches, CacheSettings settings, AccessTruth truth, InstantSource clock) {
        this.cache = caches.open(settings, AccessState.CODEC);
        this.truth = truth;
        this.clock = clock;
    }

    /**
     * As of now; {@link AccessState#UNKNOWN} if the user is not known.
     *
     * @param user 1 or more
     * @throws dev.sluice.cache.LoadFailedException if nobody can tell
     */
    public AccessState of(BotId bot, long user) throws InterruptedException {
        return cache.get(key(bot, user), () -> truth.find(bot, user))
                .orElse(AccessState.UNKNOWN)
                .at(clock.instant());
    }

    /**
     * To be called after each change of the truth: a payment, a grant, a ban.
     *
     * @return false if other replicas could not be told yet: see {@link Cache#invalidate}
     */
    public boolean invalidate(BotId bot, long user) {
        return cache.invalidate(key(bot, user));
    }

    /** What is known of users' access, which is no text. */
    public static PersonalData personalData(AccessTruth.Settable truth, AccessStates copies) {
        return new KnownAccess(truth, copies);
    }

    /** Forgets what this process has of users with any bot. */
    void forgetHere(Set<Long> users) {
        Set<String> ends = users.stream().map(user -> CacheKey.of(user).name()).collect(Collectors.toSet());
        cache.forgetHere(key -> ends.contains(key.name().substring(key.name().lastIndexOf('_') + 1)));
    }

    /** Likewise of all users. */
    void forgetEverybodyHere() {
        cache.forgetAllHere();
    }

    private static CacheKey key(BotId bot, long user) {
        if (user <= 0) {
            throw new IllegalArgumentException("user must be positive, not " + user);
        }
        return CacheKey.of(bot.value(), user);
    }
}
