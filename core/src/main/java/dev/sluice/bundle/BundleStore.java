package dev.sluice.bundle;

import dev.sluice.redis.Announcements.Subscription;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where bundles lie: each method is one atomic step. Thread-safe; may block, and throw
 * {@link dev.sluice.redis.RedisUnavailableException}.
 */
interface BundleStore {
    /**
     * A message on its way in.
     *
     * @param size what it counts for, bytes
     * @param passes whether it is handed over at once, by itself
     * @param quiet its quiet window
     */
    record Incoming(Conversation conversation, long id, int size, boolean passes, Duration quiet, byte[] content) {}

    /** How a message was taken; arrivals are microseconds since 1970. */
    sealed interface Answer {
        record Added(long arrival) implements Answer {}

        record Duplicate(long arrival) implements Answer {}

        record Full() implements Answer {}
    }

    /**
     * A message as it lies there.
     *
     * @param number of its arrival, which grows within its conversation
     * @param arrival microseconds since 1970
     */
    record Held(long number, long arrival, long id, byte[] content) {}

    /** A bundle under a lease; its messages in the order of their arrival. */
    record Leased(Conversation conversation, long fence, int failures, List<Held> messages) {
        BundleId id() {
            return new BundleId(conversation, messages.getFirst().number());
        }
    }

    /** @param next until somebody must look again; empty if nothing is there */
    record Claimed(List<Leased> bundles, Optional<Duration> next) {}

    /** What became of a bundle that was put back. */
    enum Return {
        BACK,
        GIVEN_UP,
        LOST
    }

    /**
     * @param people how many have something unhandled
     * @param due how many of them somebody should look at
     */
    record Standing(long people, long due) {}

    Answer add(Incoming message);

    /** @param most how many bundles, 1 to 32 */
    Claimed claim(BotId bot, int most, Duration lease);

    /** @return false if it is another's, or gone */
    boolean renew(Conversation conversation, long fence, Duration lease);

    /** @return false if it is another's, or gone; true also if it had been settled so before */
    boolean settle(Conversation conversation, long fence);

    /**
     * @param after when it is handed over again
     * @param failed whether that counts as a failure
     */
    Return putBack(Conversation conversation, long fence, Duration after, boolean failed);

    Standing standing(BotId bot);

    /** Where a person has something, whatever the bot, or somebody has in their private chat; as many steps as there are keys. */
    Set<Conversation> conversations(long user);

    /** Where a person has something unhandled, chat by chat; in several steps, each of which is bounded. */
    List<Conversation> conversations(BotId bot, long user);

    /** @return whether there was anything */
    boolean forget(Conversation conversation);

    /** @param heard hears of bots that have something earlier than anything before; must not block */
    Subscription listen(Consumer<BotId> heard);
}
