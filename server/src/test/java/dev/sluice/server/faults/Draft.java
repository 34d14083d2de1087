package dev.sluice.server.faults;

/**
 * A message to be queued, and the way on which it goes there. No two of a bench have the same text.
 *
 * @param priority high, normal or low
 */
record Draft(long chat, String text, Way way, String priority) {
    enum Way {
        /** A call with {@code Prefer: respond-async}: not repeated when nobody knows whether it was queued. */
        CALL,
        /** The same under an {@code Idempotency-Key}: repeated until it is known to be queued. */
        KEYED_CALL,
        /** Through {@code /v1}, under a key. */
        MESSAGE,
        /** The same, to be sent again when nobody knows whether it was sent. */
        SURE_MESSAGE
    }

    boolean isKeyed() {
        return way != Way.CALL;
    }

    boolean isSentAgain() {
        return way == Way.SURE_MESSAGE;
    }
}
