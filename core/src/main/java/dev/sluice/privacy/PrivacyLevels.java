package dev.sluice.privacy;

import dev.sluice.SteadyClock;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.MendListener;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;

/**
 * The privacy level of each user, {@link PrivacyLevel#FULL} unless set. Thread-safe. Looking up seldom waits, and never longer than
 * Redis' deadline for decisions.
 *
 * <p>Guarantee: from one second after {@link #set} returned, no process that shares the store decides by the old level. What was decided
 * before may still be written until its own deadline: see {@link Privacy#set}.
 */
public interface PrivacyLevels extends AutoCloseable {
    /** Nobody's level can be set: for parts that are used alone. */
    PrivacyLevels EVERYBODY_FULL = new PrivacyLevels() {
        @Override
        public PrivacyLevel find(long user) {
            requireUser(user);
            return PrivacyLevel.FULL;
        }

        @Override
        public boolean set(long user, PrivacyLevel level) {
            throw new UnsupportedOperationException("nobody's privacy level can be set here");
        }
    };

    /**
     * The level, at most a second old.
     *
     * @param user 1 or more
     * @throws RedisUnavailableException if nobody can tell just now: for parts that would keep a user's data somewhere else, and rather
     *     refuse than have it in two places
     */
    PrivacyLevel find(long user);

    /**
     * As {@link #find}, but {@link PrivacyLevel#NONE} if nobody can tell: for parts that can do without a text.
     *
     * @param user 1 or more
     */
    default PrivacyLevel of(long user) {
        try {
            return find(user);
        } catch (RedisUnavailableException | RedisScriptException e) {
            return PrivacyLevel.NONE;
        }
    }

    /** {@link #of} the user whose private chat it is; {@link PrivacyLevel#FULL} for groups and channels, whose ids are negative. */
    default PrivacyLevel ofChat(long chat) {
        return chat > 0 ? of(chat) : PrivacyLevel.FULL;
    }

    /**
     * Sets the level; purges nothing by itself ({@link Privacy#set} does).
     *
     * @param user 1 or more
     * @return whether it was another one before
     * @throws RedisUnavailableException if the store does not answer: then it may have been set
     * @throws TooManyLevelsException if there are too many users whose level is {@code none}
     */
    boolean set(long user, PrivacyLevel level);

    /** Asks no more. */
    @Override
    default void close() {}

    /** @throws IllegalArgumentException if this is no user's id */
    static void requireUser(long user) {
        if (user < 1) {
            throw new IllegalArgumentException("user must be 1 or more, not " + user);
        }
    }

    /** Of one process, until it ends: at most 1,000,000 users with {@code none}. */
    static PrivacyLevels inMemory() {
        return new InMemoryPrivacyLevels(InMemoryPrivacyLevels.MOST, SteadyClock.micros());
    }

    /**
     * Shared by all processes on one Redis, which must not evict it. Asks from now on, until closed.
     *
     * @param redis with deadlines, and best behind a breaker
     */
    static PrivacyLevels onRedis(ScriptRunner redis, KeySpace keys) {
        return RedisPrivacyLevels.start(redis, keys, new PersonalDataRegistry(), MendListener.NONE);
    }
}
