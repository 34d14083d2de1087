package dev.sluice.server.settings;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * How Telegram is called.
 *
 * @param apiUrl the Bot API server, without a slash at its end
 * @param rateLimitWait how long a call may wait for its turn unless it says otherwise, 0 to 600 s
 * @param maxRetries how often a method that is safe to repeat is tried again, 0 to 100
 * @param baseDelay the first backoff
 * @param maxDelay the longest backoff
 * @param timeout the deadline of one attempt
 */
public record TelegramSettings(
        URI apiUrl, Duration rateLimitWait, int maxRetries, Duration baseDelay, Duration maxDelay, Duration timeout) {
    private static final String PUBLIC_API = "https://api.telegram.org";

    /** The source's value: a person waiting for an answer hardly notices two seconds. */
    private static final String DEFAULT_RATE_LIMIT_WAIT = "2.0";

    /** The source's value. */
    private static final String DEFAULT_MAX_RETRIES = "5";

    /** The source's value: 1, 2, 4 ... seconds. */
    private static final String DEFAULT_BASE_DELAY = "1.0";

    /** The source's value: a service down for longer is not found up any sooner by asking more often. */
    private static final String DEFAULT_MAX_DELAY = "60.0";

    /** The source's value. */
    private static final String DEFAULT_TIMEOUT = "20";

    /** What the header of a single call allows at most, too. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(600);

    static final Setting<URI> API_URL = Setting.of(
            "TELEGRAM_API_URL", Forms.url("https", "http"), PUBLIC_API, "The Bot API server that calls are passed to.");
    static final Setting<Duration> RATE_LIMIT_WAIT = Setting.of(
            "TELEGRAM_RATE_LIMIT_WAIT",
            Forms.duration(Duration.ZERO, LONGEST_WAIT),
            DEFAULT_RATE_LIMIT_WAIT,
            "How long a call may wait for its turn; `X-Sluice-Max-Wait` overrides it per call.");
    static final Setting<Integer> MAX_RETRIES = Setting.of(
            "TELEGRAM_MAX_RETRIES",
            Forms.integer(0, 100),
            DEFAULT_MAX_RETRIES,
            "How often a method that is safe to repeat is tried again after a 5xx.");
    static final Setting<Duration> BASE_DELAY = Setting.of(
            "TELEGRAM_BASE_DELAY",
            Forms.duration(Duration.ofMillis(1), Duration.ofHours(1)),
            DEFAULT_BASE_DELAY,
            "First backoff between tries; it doubles, with full jitter.");
    static final Setting<Duration> MAX_DELAY = Setting.of(
            "TELEGRAM_MAX_DELAY",
            Forms.duration(Duration.ofMillis(1), Duration.ofHours(1)),
            DEFAULT_MAX_DELAY,
            "Longest backoff between tries.");
    static final Setting<Duration> TIMEOUT = Setting.of(
            "TELEGRAM_TIMEOUT",
            Forms.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
            DEFAULT_TIMEOUT,
            "Deadline of one attempt; getUpdates has its own, uploads are timed by idleness.");

    static final List<Setting<?>> ALL = List.of(API_URL, RATE_LIMIT_WAIT, MAX_RETRIES, BASE_DELAY, MAX_DELAY, TIMEOUT);

    static TelegramSettings read(Reading reading) {
        var settings = new TelegramSettings(
                reading.get(API_URL),
                reading.get(RATE_LIMIT_WAIT),
                reading.get(MAX_RETRIES),
                reading.get(BASE_DELAY),
                reading.get(MAX_DELAY),
                reading.get(TIMEOUT));
        if (settings.baseDelay.compareTo(settings.maxDelay) > 0) {
            reading.refuse(
                    reading.isSet(BASE_DELAY) ? BASE_DELAY : MAX_DELAY,
                    "TELEGRAM_BASE_DELAY (" + Forms.show(settings.baseDelay) + ") is longer than TELEGRAM_MAX_DELAY ("
                            + Forms.show(settings.maxDelay) + ")");
        }
        return settings;
    }

    /** The same towards another Bot API server. */
    public TelegramSettings at(URI url) {
        return new TelegramSettings(url, rateLimitWait, maxRetries, baseDelay, maxDelay, timeout);
    }
}
