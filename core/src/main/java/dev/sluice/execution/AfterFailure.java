package dev.sluice.execution;

/** What work that threw leaves behind for those who ask again. */
public sealed interface AfterFailure {
    /** Characters of a reason that are kept. */
    int LONGEST_REASON = 1_000;

    /** It is final: repeats are told so and do not try. */
    record Remember(String reason) implements AfterFailure {
        /** @param reason kept for repeats, up to {@link #LONGEST_REASON} characters of it; should hold no secret */
        public Remember {
            reason = reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
        }
    }

    /** Nothing happened, or it does no harm twice: the next caller tries, at once. */
    record Retry() implements AfterFailure {}

    /** It may have happened: repeats are told that nobody knows, and do not try. */
    record InDoubt() implements AfterFailure {}
}
