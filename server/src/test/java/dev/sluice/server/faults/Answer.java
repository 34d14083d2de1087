package dev.sluice.server.faults;

import java.time.Duration;

/**
 * What a caller got.
 *
 * @param status 0 if the connection broke before there was an answer
 * @param asked when, on the clock of {@link System#nanoTime()}
 * @param took by the caller's clock
 */
record Answer(int status, String body, boolean replay, long asked, Duration took) {
    static final int NONE = 0;

    boolean isSent() {
        return status == 200;
    }

    /** Says with certainty that Telegram was not asked. */
    boolean isNotSent() {
        return status == 429 || status == 502 || status == 503;
    }

    boolean isUnknown() {
        return status == 504;
    }
}
