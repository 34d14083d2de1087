package dev.sluice.queue;

import dev.sluice.privacy.PersonalData;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Messages that wait for their turn: one queue per bot, in it one lane per chat. Thread-safe.
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>What was {@link Enqueued.Added} ends as sent, failed or unknown, once; the {@link QueueStatistics} say so at every
 *       moment. It is lost only with the store's data.
 *   <li>A claim leases a message and charges all its limits in one step, or neither. One message of a chat is leased at a
 *       time. Within chat and priority they leave in the order of acceptance, except by what {@link Ending} puts back behind
 *       a higher priority. A higher priority overtakes; a message between two attempts is not overtaken.
 *   <li>VIPs go first; the other priorities share as 16 : 4 : 1 while all of them have something to send; within a priority
 *       chats take turns by what they cost.
 *   <li>Under {@link DeliveryPolicy#AT_MOST_ONCE} a message is leased again only if its last lease was settled as not having
 *       reached Telegram, or somebody requeues it.
 *   <li>Time is the store's (Redis' own clock), never the caller's.
 * </ul>
 *
 * <p>On Redis every method throws {@link RedisUnavailableException} when it does not answer; whether it may have run says
 * {@link RedisUnavailableException#mayHaveRun()}. To enqueue again is safe under a key, to settle again always; what a lost
 * claim leased comes back when its lease is over, or is then unknown.
 */
public interface MessageQueue {
    /** How many messages one call enqueues, claims, settles or extends. */
    int MAX_BATCH = 500;

    /** How many messages are sent together with another. */
    int MAX_ALONG = 100;

    /** How many chats of one bot are known by another id. */
    int MAX_ALIASES = 100_000;

    /** As {@link #enqueueAll} of one. */
    default Enqueued enqueue(BotId bot, NewMessage message) {
        return enqueueAll(bot, List.of(message)).getFirst();
    }

    /**
     * Accepts messages, each for itself.
     *
     * @param messages up to {@link #MAX_BATCH}
     * @return what became of each, in order
     */
    List<Enqueued> enqueueAll(BotId bot, List<NewMessage> messages);

    /**
     * Leases what may be sent now, under the limits that hold now.
     *
     * @param max 1 to {@link #MAX_BATCH}
     */
    Claims claim(BotId bot, int max);

    /**
     * Lets what waits for a limit be judged by the present ones at once, instead of when the old ones said. Whoever changed them calls it;
     * again after a moment, since a claim by the old ones may be under way.
     */
    void limitsChanged(BotId bot);

    /**
     * Leases what may be sent together with a message that is leased, as one: those right behind it in its lane that have the same
     * {@link Joint#kind}, priority and kind of lane, and whose texts, with one character between two, are no longer than {@link
     * Joint#LONGEST} together. They are charged nothing. Each is settled for itself, and what is put back returns to its place.
     *
     * @param lease of a message that is sent once at most
     * @param behind how many must wait behind it, at least
     * @return in their order, up to {@link #MAX_ALONG}; none if the lease is no longer the holder's
     */
    List<Leased> claimAlong(Lease lease, int behind);

    /**
     * As {@link #claim}, waiting until there is something: until the wake-up of the last claim, an enqueue of any process, or 2 s (250 ms
     * while other processes cannot be heard), whatever is first.
     *
     * @return as soon as there is a message; without any after {@code atMost}
     */
    Claims awaitWork(BotId bot, int max, Duration atMost) throws InterruptedException;

    /**
     * Ends leases. The same again changes nothing and has the same answer, as long as the message is remembered and was not
     * leased again. A worker whose lease ran out may still settle what nobody has leased or resolved since. That it was sent is believed
     * also of what was cancelled, expired or superseded since: then it counts as sent, and not as failed or unknown any more.
     *
     * @param settlements up to {@link #MAX_BATCH}, all of this bot
     * @return the state of each message after it; empty if the lease is no longer the holder's, and nothing changed
     */
    List<Optional<MessageState>> settle(BotId bot, List<Settlement> settlements);

    /**
     * Lets leases end {@code lease} from now.
     *
     * @param leases up to {@link #MAX_BATCH}, all of this bot
     * @param lease 10 ms to 1 h
     * @return for each whether it still holds; if not, nothing changed
     */
    List<Boolean> extend(BotId bot, List<Lease> leases, Duration lease);

    /**
     * Takes back what is not in flight: {@link FailureClass#CANCELLED}, and its key is free again; or {@link Change#UNKNOWN} if an
     * attempt may have reached Telegram, which can be under {@link DeliveryPolicy#AT_LEAST_ONCE}.
     */
    Change cancel(MessageId id);

    /** Gives another priority to what has not been dispatched, at its place by acceptance; a VIP's message becomes ordinary. */
    Change reprioritise(MessageId id, Priority priority);

    /** What is known of a message; empty if there is none, or no more. */
    Optional<MessageDetails> find(MessageId id);

    /** What holds a message now; empty if there is none, or no more. */
    Optional<Why> why(MessageId id);

    /** The queue in numbers; all zero if there is none. */
    QueueStatistics statistics(BotId bot);

    /** Lets nothing in scope be claimed until it is resumed. What is in flight goes on. */
    void pause(BotId bot, PauseScope scope);

    void resume(BotId bot, PauseScope scope);

    /**
     * Says that Telegram knows a chat by an id other than it is called by: the number of a {@code @username}, or what a group has
     * become. What waits for the chat joins the id's lane, each message at its place by acceptance, and so does what is enqueued
     * from now on; a pause, charges and parks go along. Up to {@link #MAX_ALIASES} chats of a bot are remembered, as long as the bot is.
     *
     * @param chat a group or channel
     * @param id its number
     */
    void identify(BotId bot, ChatId chat, ChatId id);

    /** The id that a chat is known by; {@code chat} itself if no other is known. */
    ChatId identity(BotId bot, ChatId chat);

    /**
     * Hears from now on of bots that may have got work, through other processes or through whoever else uses this queue. News may be
     * lost.
     *
     * @param news must not block
     */
    void listen(Consumer<BotId> news);

    /** Whether a listener hears all that other processes do, as far as anybody can tell. */
    boolean isListening();

    /** All bots that ever enqueued and were not forgotten since, and perhaps some that were about to. */
    Set<BotId> bots();

    /**
     * Forgets bots for {@link #bots} that have nothing any more: no message but such as have ended, no callback that is owed, nothing
     * paused. Their counters and the other names of their chats go, too; the next enqueue names them again. Looks at some of them only: to be
     * called again and again.
     *
     * @param unused how long nobody must have enqueued for them or claimed anything; 1 h to 3650 days
     * @return who was forgotten
     */
    Set<BotId> forgetUnused(Duration unused);

    DeadLetters deadLetters();

    UnknownMessages unknowns();

    Callbacks callbacks();

    Snapshots snapshots();

    /**
     * The messages to users' private chats. To forget a user cancels what waits for theirs and removes what is kept of it, the counters apart;
     * nobody is called back for those. What is in flight goes on, and loses its content when it ends; what is kept of that goes by itself.
     */
    PersonalData personalData();
}
