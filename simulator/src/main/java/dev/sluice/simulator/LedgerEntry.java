package dev.sluice.simulator;

import java.util.Map;

/**
 * One call that had a chat, as the simulator answered it.
 *
 * @param sequence ascending over all bots, in the order in which the calls were decided
 * @param bot the bot's id
 * @param chat the chat's id; a {@code @username} by the id it stands for
 * @param method in the spelling of Telegram's documentation
 * @param outcome what became of it
 * @param errorCode 0 if accepted, else the HTTP status
 * @param retryAfter of a {@link Outcome#FLOODED} call, in units of {@link FloodLimits#retryAfterUnit}; else 0
 * @param messageId of the first message, 0 if the call made none
 * @param weight how many messages it counted as; 0 if it was not accepted or is not metered
 * @param digest of method, parameters and files
 * @param monotonicMicros when it was decided, since the simulator's start, on the clock that flood control uses
 * @param wallMicros the same, since 1970
 * @param parameters as sent, empty once more than {@link SimulatorSettings.Bounds#ledgerParameters} newer entries of its bot exist
 */
public record LedgerEntry(
        long sequence,
        long bot,
        long chat,
        String method,
        Outcome outcome,
        int errorCode,
        int retryAfter,
        int messageId,
        int weight,
        ContentDigest digest,
        long monotonicMicros,
        long wallMicros,
        Map<String, String> parameters) {

    /** What became of a call. */
    public enum Outcome {
        /** The chat has it, whether or not the caller ever saw an answer. */
        ACCEPTED,
        /** Answered with 429, by flood control or by an injected fault. */
        FLOODED,
        /** Answered with another error; the chat does not have it. */
        REFUSED
    }

    /** The parameter {@code text} or {@code caption}, empty if there is none or it is no longer kept. */
    public String text() {
        return parameters.getOrDefault("text", parameters.getOrDefault("caption", ""));
    }

    LedgerEntry withoutParameters() {
        return new LedgerEntry(
                sequence,
                bot,
                chat,
                method,
                outcome,
                errorCode,
                retryAfter,
                messageId,
                weight,
                digest,
                monotonicMicros,
                wallMicros,
                Map.of());
    }
}
