package dev.sluice.budget;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/** For how long what was consumed counts. */
public sealed interface Window {
    /** The longest: an unused counter must not stay for ever. */
    Duration LONGEST = Duration.ofDays(31);

    /**
     * From the first message on: it ends {@code length} later, whatever comes in between.
     *
     * @param length 1 ms to {@link #LONGEST}
     */
    record FirstMessage(Duration length) implements Window {
        public FirstMessage {
            requireLength(length);
        }
    }

    /** A day of the calendar, which has 23 or 25 hours when the zone's clocks change. */
    record CalendarDay(ZoneId zone) implements Window {}

    /**
     * Until nothing has passed for {@code length}: each message that passes moves the end, one that is rejected does not.
     *
     * @param length 1 ms to {@link #LONGEST}
     */
    record Idle(Duration length) implements Window {
        public Idle {
            requireLength(length);
        }
    }

    /** When a window ends that begins at {@code from}. */
    default Instant end(Instant from) {
        return switch (this) {
            case FirstMessage(Duration length) -> from.plus(length);
            case Idle(Duration length) -> from.plus(length);
            case CalendarDay(ZoneId zone) -> endOfDay(from, zone);
        };
    }

    private static Instant endOfDay(Instant from, ZoneId zone) {
        LocalDate day = from.atZone(zone).toLocalDate();
        Instant end;
        do {
            // A zone that moved over the date line has left out a day: its start is the next day's.
            day = day.plusDays(1);
            end = day.atStartOfDay(zone).toInstant();
        } while (!end.isAfter(from));
        return end;
    }

    private static void requireLength(Duration length) {
        if (length.compareTo(Duration.ofMillis(1)) < 0 || length.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a window must be 1 ms to " + LONGEST + ", not " + length);
        }
    }
}
