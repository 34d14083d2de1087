package dev.sluice.broadcast;

import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A broadcast in numbers, all from counters. At every moment {@code accepted = waiting + queued + } the sum of all outcomes.
 *
 * @param accepted how many recipients it has
 * @param duplicates how many more were named and left out
 * @param waiting whose messages are not queued yet
 * @param queued whose messages are
 * @param outcomes how many came to what, final outcomes only; what nobody came to is not there
 * @param created when it was started
 * @param ended when its last message had ended
 * @param pausedByRefusals whether it paused itself, since Telegram refused its messages one after the other
 * @param rate how many came to an end per second lately; 0 if that is not known
 * @param read when these numbers were, by the store's clock
 */
public record Progress(
        BroadcastId id,
        BroadcastStatus status,
        Priority priority,
        boolean paid,
        int accepted,
        long duplicates,
        int waiting,
        int queued,
        Map<RecipientOutcome, Integer> outcomes,
        Instant created,
        Optional<Instant> ended,
        boolean pausedByRefusals,
        double rate,
        Instant read) {

    private static final Duration FOREVER = Duration.ofDays(366);

    public Progress {
        outcomes = Map.copyOf(outcomes);
    }

    /** How many came to this. */
    public int count(RecipientOutcome outcome) {
        return outcomes.getOrDefault(outcome, 0);
    }

    /** How many have no outcome yet. */
    public int pending() {
        return waiting + queued;
    }

    /** When it will have ended, if it goes on as it went lately. */
    public Optional<Instant> expectedEnd() {
        if (status != BroadcastStatus.RUNNING || rate <= 0) {
            return Optional.empty();
        }
        double seconds = pending() / rate;
        return seconds > FOREVER.toSeconds()
                ? Optional.empty()
                : Optional.of(read.plusMillis(Math.round(seconds * 1000)));
    }
}
