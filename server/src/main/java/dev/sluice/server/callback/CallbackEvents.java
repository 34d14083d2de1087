package dev.sluice.server.callback;

import java.time.Duration;

/** What becomes of callbacks, for metrics. Called from many threads at once; implementations never block. */
public interface CallbackEvents {
    CallbackEvents NONE = new CallbackEvents() {};

    /** A receiver was called: {@code told}, {@code again} or {@code given-up}. */
    default void tried(String outcome, Duration took) {}

    /** So many were not told for a day, and are given up. */
    default void lapsed(long callbacks) {}
}
