package dev.sluice.queue;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** The queue of this process alone, beside which a call may be decided. Thread-safe. */
public interface LocalMessageQueue extends MessageQueue {
    /** Does something while nothing changes of the bot's queue. */
    <T> T beside(LanePlace place, Function<Ahead, T> step);

    /**
     * The claims of calls, which know the keys of this queue's messages as the queue knows theirs: a keyed message is accepted
     * while all claims wait.
     */
    InMemoryIdempotencyGuard claims();

    /**
     * The message that a key belongs to, unless it has come to its end, be it dead or unknown, {@code keep} ago.
     *
     * @param keep zero if that has no end
     */
    Optional<Keyed> holder(IdempotencyKey key, Duration keep);

    /**
     * A message that has a key.
     *
     * @param content what tells a repeat from another message under the same key
     * @param pending whether it is still to be sent
     */
    record Keyed(MessageId id, Fingerprint content, boolean pending) {}

    /**
     * What goes before a call to the same chat. What a pause by hand holds is before nobody: a pause is the queue's, and calls
     * go on.
     *
     * @param messages how many wait before it; counted to {@link #MOST_COUNTED}
     * @param underWay whether one is under way to Telegram
     */
    record Ahead(int messages, boolean underWay) {
        static final Ahead NOTHING = new Ahead(0, false);
        static final int MOST_COUNTED = 1_000;
    }
}
