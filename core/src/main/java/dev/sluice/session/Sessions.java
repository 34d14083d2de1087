package dev.sluice.session;

import dev.sluice.SteadyClock;
import dev.sluice.encryption.Sealer;
import dev.sluice.privacy.PersonalData;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.state.ContendedException;
import dev.sluice.state.StateEvents;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What a bot keeps of its users for a while. Thread-safe; may block.
 *
 * <p>Guarantees: a write happens whole or not at all; of writes at the same time none is lost; lists keep the newest, in the order in which the
 * store took them; a session is kept for its time from the last touch, and every look and every write is one.
 *
 * <p>On Redis every method may throw {@link dev.sluice.redis.RedisUnavailableException}, within the runner's deadline; it says whether a write
 * may have been done. Nothing goes on without Redis.
 */
public interface Sessions extends PersonalData {
    /** A day: whoever comes back tomorrow at the same time is still known. */
    Duration USUAL_KEEP = Duration.ofHours(24);

    Duration SHORTEST_KEEP = Duration.ofSeconds(1);
    Duration LONGEST_KEEP = Duration.ofDays(31);

    int MOST_ACTIONS = 20;
    int MOST_SETTINGS = 50;
    int MOST_HISTORY = 50;

    /** The most bytes of one entry's JSON text: more than a message's 4,096 characters of a two-byte script. */
    int LARGEST = 10 << 10;

    /** Of n callers at once each write lets one through, so none of them needs more attempts than there are callers. */
    int MOST_ATTEMPTS = 100;

    /**
     * What is kept; {@link Session#NEW} if nothing is.
     *
     * @throws dev.sluice.state.UnreadableStateException if it was encrypted with a key that is not known here
     */
    Session find(SessionKey key);

    /**
     * Changes it in one step.
     *
     * @throws dev.sluice.state.TooMuchStateException if there would be more than {@link #MOST_SETTINGS} settings
     * @throws dev.sluice.state.StateFullException if it is in memory, and there is no room
     */
    SessionAnswer write(SessionKey key, SessionWrite write);

    @Override
    default String family() {
        return "session";
    }

    /** Removes their sessions with all bots. */
    @Override
    long forget(long user);

    /**
     * Changes it by what is there, as often as others come in between.
     *
     * @param change says what to write; may be called several times and must do nothing else. Its version is added
     * @throws ContendedException if others were first {@link #MOST_ATTEMPTS} times
     */
    default SessionAnswer.Changed update(SessionKey key, Function<Session, SessionWrite> change) {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            Session seen = find(key);
            if (write(key, change.apply(seen).ifVersion(seen.version())) instanceof SessionAnswer.Changed changed) {
                return changed;
            }
        }
        throw new ContendedException(MOST_ATTEMPTS);
    }

    /** For one process, until it ends. */
    static Sessions inMemory(Duration keep, StateEvents events) {
        return inMemory(keep, SteadyClock.micros(), events);
    }

    /**
     * For one process, until it ends; holds up to 100,000 sessions and 64 MB.
     *
     * @param keep from the last touch, 1 s to 31 days
     * @param microClock microseconds since 1970
     */
    static Sessions inMemory(Duration keep, LongSupplier microClock, StateEvents events) {
        return new WatchedSessions(
                new InMemorySessions(
                        keep, microClock, InMemorySessions.MOST_SESSIONS, InMemorySessions.MOST_BYTES_OF_ALL),
                events);
    }

    /**
     * Shared by all processes on one Redis, by its clock.
     *
     * @param keep from the last touch, 1 s to 31 days
     * @param sealer encrypts every entry
     */
    static Sessions onRedis(ScriptRunner redis, KeySpace keys, Duration keep, Sealer sealer, StateEvents events) {
        return new WatchedSessions(new RedisSessions(redis, keys, keep, sealer), events);
    }

    /**
     * The same, but for users whose level is {@link PrivacyLevel#NONE}: theirs are in this process' memory only, end with it, and are not
     * there for other processes. Memory is bounded as of {@link #inMemory(Duration, LongSupplier, StateEvents)}. When nobody can tell a level,
     * neither is asked, and {@link dev.sluice.redis.RedisUnavailableException} thrown.
     */
    static Sessions onRedis(
            ScriptRunner redis, KeySpace keys, Duration keep, Sealer sealer, PrivacyLevels levels, StateEvents events) {
        var memory = new InMemorySessions(
                keep, SteadyClock.micros(), InMemorySessions.MOST_SESSIONS, InMemorySessions.MOST_BYTES_OF_ALL);
        return new WatchedSessions(
                new SessionsByPrivacy(new RedisSessions(redis, keys, keep, sealer), memory, levels), events);
    }

    /** @throws IllegalArgumentException if it is none */
    static void requireKeep(Duration keep) {
        if (keep.compareTo(SHORTEST_KEEP) < 0 || keep.compareTo(LONGEST_KEEP) > 0) {
            throw new IllegalArgumentException("a session must be kept for 1 s to 31 days, not " + keep);
        }
    }
}
