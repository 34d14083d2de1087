package dev.sluice.server.settings;

import dev.sluice.event.DedupeWindow;
import java.time.Duration;
import java.util.List;

/**
 * How events of streams are told apart.
 *
 * @param window within which each counts once
 */
public record EventSettings(DedupeWindow window) {
    /** Longer than any source that we know delivers again. */
    private static final String DEFAULT_LENGTH = "1d";

    /** Some 13 MB of Redis for each stream at worst. */
    private static final String DEFAULT_MOST = "100000";

    /** What a process without Redis can hold, too. */
    private static final int MOST = 1_000_000;

    static final Setting<Duration> LENGTH = Setting.of(
            "SLUICE_EVENTS_WINDOW",
            Forms.duration(DedupeWindow.SHORTEST, DedupeWindow.LONGEST),
            DEFAULT_LENGTH,
            "How long an event of `/v1/events` is known at least (docs/idempotency.md).");
    static final Setting<Integer> COUNT = Setting.of(
            "SLUICE_EVENTS_MOST",
            Forms.integer(DedupeWindow.LEAST, MOST),
            DEFAULT_MOST,
            "After how many newer ones of its stream it may be forgotten before that.");

    static final List<Setting<?>> ALL = List.of(LENGTH, COUNT);

    static EventSettings read(Reading reading) {
        return new EventSettings(new DedupeWindow(reading.get(LENGTH), reading.get(COUNT)));
    }
}
