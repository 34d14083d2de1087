package dev.sluice.fsm;

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
 * Where each conversation of a bot is: its state and its data. Thread-safe; may block.
 *
 * <p>Guarantees: a write happens whole or not at all, on the state, version and fence that it asks for; of writes at the same time none is lost;
 * what was put is there until its time from the last touch is over, and every look and every write is a touch.
 *
 * <p>On Redis every method may throw {@link dev.sluice.redis.RedisUnavailableException}, within the runner's deadline; it says whether a write
 * may have been done. Nothing goes on without Redis: a state from this process' memory could be long past.
 */
public interface FsmStorage extends PersonalData {
    /** As {@code REDIS_TTL_FSM}. */
    Duration USUAL_KEEP = Duration.ofHours(1);

    Duration SHORTEST_KEEP = Duration.ofSeconds(1);
    Duration LONGEST_KEEP = Duration.ofDays(31);

    /** How many fields the data of a conversation may have. */
    int MOST_FIELDS = 100;

    /** How many bytes they may have together; each counts with its name, its JSON text and 35 more. */
    int MOST_BYTES = 64 << 10;

    /** Of n callers at once each write lets one through, so none of them needs more attempts than there are callers. */
    int MOST_ATTEMPTS = 100;

    /**
     * Where it is; {@link Conversation#NEW} if nothing is known of it.
     *
     * @throws dev.sluice.state.UnreadableStateException if its data were encrypted with a key that is not known here
     */
    Conversation find(ConversationKey key);

    /**
     * Changes it in one step.
     *
     * @throws dev.sluice.state.TooMuchStateException if its data would be more than {@link #MOST_FIELDS} or {@link #MOST_BYTES}
     * @throws dev.sluice.state.StateFullException if it is in memory, and there is no room
     */
    FsmAnswer write(ConversationKey key, FsmWrite write);

    @Override
    default String family() {
        return "fsm";
    }

    /** Removes their conversations with all bots in all chats. */
    @Override
    long forget(long user);

    /**
     * Changes it by what is there, as often as others come in between.
     *
     * @param change is given the conversation as it is and says what to write; may be called several times and must do nothing else. Its version
     *     is added
     * @return what became of the last attempt: {@link FsmAnswer.Unexpected} only if the write itself expects another state
     * @throws ContendedException if others were first {@link #MOST_ATTEMPTS} times
     */
    default FsmAnswer update(ConversationKey key, Function<Conversation, FsmWrite> change) {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            Conversation seen = find(key);
            FsmAnswer answer = write(key, change.apply(seen).ifVersion(seen.version()));
            if (!(answer instanceof FsmAnswer.Unexpected unexpected) || unexpected.version() == seen.version()) {
                return answer;
            }
        }
        throw new ContendedException(MOST_ATTEMPTS);
    }

    /** For one process, until it ends. */
    static FsmStorage inMemory(Duration keep, StateEvents events) {
        return inMemory(keep, SteadyClock.micros(), events);
    }

    /**
     * For one process, until it ends; holds up to 100,000 conversations and 64 MB.
     *
     * @param keep from the last touch, 1 s to 31 days
     * @param microClock microseconds since 1970
     */
    static FsmStorage inMemory(Duration keep, LongSupplier microClock, StateEvents events) {
        return new WatchedFsmStorage(
                new InMemoryFsmStorage(
                        keep, microClock, InMemoryFsmStorage.MOST_CONVERSATIONS, InMemoryFsmStorage.MOST_BYTES_OF_ALL),
                events);
    }

    /**
     * Shared by all processes on one Redis, by its clock.
     *
     * @param keep from the last touch, 1 s to 31 days
     * @param sealer encrypts the data; states are kept in plain text
     */
    static FsmStorage onRedis(ScriptRunner redis, KeySpace keys, Duration keep, Sealer sealer, StateEvents events) {
        return new WatchedFsmStorage(new RedisFsmStorage(redis, keys, keep, sealer), events);
    }

    /**
     * The same, but for users whose level is {@link PrivacyLevel#NONE}: theirs are in this process' memory only, end with it, and are not
     * there for other processes. Memory is bounded as of {@link #inMemory(Duration, LongSupplier, StateEvents)}. When nobody can tell a level,
     * neither is asked, and {@link dev.sluice.redis.RedisUnavailableException} thrown.
     */
    static FsmStorage onRedis(
            ScriptRunner redis, KeySpace keys, Duration keep, Sealer sealer, PrivacyLevels levels, StateEvents events) {
        var memory = new InMemoryFsmStorage(
                keep,
                SteadyClock.micros(),
                InMemoryFsmStorage.MOST_CONVERSATIONS,
                InMemoryFsmStorage.MOST_BYTES_OF_ALL);
        return new WatchedFsmStorage(
                new FsmStorageByPrivacy(new RedisFsmStorage(redis, keys, keep, sealer), memory, levels), events);
    }

    /** @throws IllegalArgumentException if it is none */
    static void requireKeep(Duration keep) {
        if (keep.compareTo(SHORTEST_KEEP) < 0 || keep.compareTo(LONGEST_KEEP) > 0) {
            throw new IllegalArgumentException("a conversation must be kept for 1 s to 31 days, not " + keep);
        }
    }
}
