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

    /**
     * What was set aside in a step.
     *
     * @param gone how many that had been set aside before are gone for it
     */
    record Aside(List<AsideBundle> bundles, int gone) {
        static final Aside NOTHING = new Aside(List.of(), 0);
    }

    /** How a message was taken; arrivals are microseconds since 1970. What was there of the same person and could not be read is set aside. */
    sealed interface Answer {
        record Added(long arrival, Aside aside) implements Answer {
            Added(long arrival) {
                this(arrival, Aside.NOTHING);
            }
        }

        record Duplicate(long arrival) implements Answer {}

        record Full(Aside aside) implements Answer {
            Full() {
                this(Aside.NOTHING);
            }
        }
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
    record Claimed(List<Leased> bundles, Optional<Duration> next, Aside aside) {
        Claimed(List<Leased> bundles, Optional<Duration> next) {
            this(bundles, next, Aside.NOTHING);
        }
    }

    /** What became of a bundle that was put back. */
    enum Return {
        BACK,
        GIVEN_UP,
        LOST
    }

    /** @param aside what was there of the same person and could not be read */
    record Requeued(AsideBundles.Requeue answer, Aside aside) {}

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

    /** Sets a bundle aside that cannot be read; nothing if it is another's, or gone. */
    Aside setAside(Conversation conversation, long fence);

    /**
     * Bundles that are set aside, the oldest first.
     *
     * @param after when the last of the page before was set aside, microseconds since 1970; 0 to begin
     */
    List<AsideBundle> aside(BotId bot, long after, int most);

    /** How many bundles of a bot are set aside. */
    long asideCount(BotId bot);

    /** Lets a bundle be handed over again that was set aside, before all that its person said after it and that is not out. */
    Requeued requeue(BundleId id);

    /** Drops a bundle that was set aside. @return whether it was there */
    boolean drop(BundleId id);

    Standing standing(BotId bot);

    /** Where a person has something, be it set aside, whatever the bot, or somebody has in their private chat; as many steps as there are keys. */
    Set<Conversation> conversations(long user);

    /** Where a person has something unhandled, or set aside, chat by chat; in several steps, each of which is bounded. */
    List<Conversation> conversations(BotId bot, long user);

    /** Also what is set aside. @return whether there was anything */
    boolean forget(Conversation conversation);

    /** @param heard hears of bots that have something earlier than anything before; must not block */
    Subscription listen(Consumer<BotId> heard);
}
