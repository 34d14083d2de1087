package dev.sluice.queue;

import dev.sluice.limit.Decision;
import java.time.Duration;

/**
 * Why a message has not been sent yet.
 *
 * @param state where it is
 * @param hold what holds it
 * @param ahead how many messages of its own chat go before it
 */
public record Why(MessageState state, Hold hold, long ahead) {

    /** What holds a message. Of several, the one that is looked at first. */
    public sealed interface Hold {
        /** Its time comes after this. */
        record NotBefore(Duration remaining) implements Hold {}

        /** It is being sent; its worker has this long to say more. */
        record InFlight(Duration remaining) implements Hold {}

        /** Bot, chat or priority are paused by hand. */
        record Paused(PauseScope scope) implements Hold {}

        /** Others of its chat go first, {@link Why#ahead} of them; the one in front is held by {@code first}. */
        record Behind(Hold first) implements Hold {}

        /** A failed attempt, its own, is followed by the next one after this. */
        record Backoff(Duration remaining) implements Hold {}

        /**
         * A limit is reached.
         *
         * @param scope which one: {@code bot}, {@code paid}, {@code replies}, {@code chat}, {@code group}, {@code user}
         * @param cause whether it is full, parked by a 429, or others are ahead in its line
         * @param remaining the earliest time at which it may pass
         */
        record Limited(String scope, Decision.Cause cause, Duration remaining) implements Hold {}

        /** Nothing: the next claims take it, after those of other chats whose turn is before. */
        record Nothing() implements Hold {}

        /** It is not queued any more. */
        record Ended() implements Hold {}
    }
}
