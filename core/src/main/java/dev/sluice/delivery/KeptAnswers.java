package dev.sluice.delivery;

/** What of Telegram's answers may be kept for repeats. Thread-safe; must not block for longer than a decision. */
@FunctionalInterface
public interface KeptAnswers {
    /** All of each. */
    KeptAnswers WHOLE = (call, reply) -> reply;

    /**
     * What is kept of the answer to a call; asked just before it is written down.
     *
     * @return the same, or less of it with the same status
     */
    Reply kept(OutboundCall call, Reply reply);
}
