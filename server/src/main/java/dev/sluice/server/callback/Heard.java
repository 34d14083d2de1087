package dev.sluice.server.callback;

/** What came of one call. */
sealed interface Heard {
    /** The receiver answered. */
    record Status(int code) implements Heard {}

    /**
     * It did not.
     *
     * @param reason a class of reasons
     */
    record Nothing(String reason) implements Heard {}
}
