package dev.sluice.server.settings;

import java.time.Duration;
import java.util.List;

/**
 * How long results are remembered.
 *
 * @param ttl of a keyed result, unless the call says otherwise
 * @param ambiguousWindow how long twins of an ambiguous attempt without a key are joined; zero turns it off
 */
public record IdempotencySettings(Duration ttl, Duration ambiguousWindow) {
    /** The source's value: half an hour outlasts any client's retries. */
    private static final String DEFAULT_TTL = "1800";

    /** Clients give up or repeat within a minute. */
    private static final String DEFAULT_AMBIGUOUS_WINDOW = "60";

    static final Setting<Duration> TTL = Setting.of(
            "IDEMPOTENCY_TTL",
            Forms.duration(Duration.ofSeconds(1), Duration.ofDays(31)),
            DEFAULT_TTL,
            "How long the result of a call with an `Idempotency-Key` is replayed.");
    static final Setting<Duration> AMBIGUOUS_WINDOW = Setting.of(
            "SLUICE_AMBIGUOUS_WINDOW",
            Forms.duration(Duration.ZERO, Duration.ofHours(1)),
            DEFAULT_AMBIGUOUS_WINDOW,
            "How long identical calls without a key are joined after an attempt whose outcome or caller was lost; 0 turns it off.");

    static final List<Setting<?>> ALL = List.of(TTL, AMBIGUOUS_WINDOW);

    static IdempotencySettings read(Reading reading) {
        return new IdempotencySettings(reading.get(TTL), reading.get(AMBIGUOUS_WINDOW));
    }
}
