package dev.sluice.server.bots;

import dev.sluice.limit.Limit;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A strict limit as people write it: {@code 25/1s}, {@code 20/1m}, {@code 1/1500ms}; {@code off} for none. */
public final class LimitText {
    /** What is accepted, for error messages. */
    public static final String ACCEPTED =
            "a limit such as 25/1s: 1 to 10000 messages in 1ms to 31d (seconds, or 500ms, 30s, 5m, 1h, 1d)";

    /** The form alone: the bounds are {@link Limit}'s. */
    public static final String FORM = "[1-9][0-9]{0,4}/[1-9][0-9]{0,9}(ms|s|m|h|d)?";

    public static final String OFF = "off";

    private static final Pattern PARTS = Pattern.compile("([0-9]{1,5})/([0-9]{1,10})(ms|s|m|h|d)?");
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    private LimitText() {}

    /** Empty if it is none. */
    public static Optional<Limit> parse(String text) {
        Matcher parts = PARTS.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        long unit = MILLIS.getOrDefault(parts.group(3) == null ? "s" : parts.group(3), 1L);
        long millis = Long.parseLong(parts.group(2)) * unit;
        int capacity = Integer.parseInt(parts.group(1));
        if (capacity < 1 || capacity > 10_000 || millis < 1 || millis > Limit.LONGEST_SPAN.toMillis()) {
            return Optional.empty();
        }
        return Optional.of(Limit.atMost(capacity, Duration.ofMillis(millis)));
    }

    /** In the largest unit that has no remainder; whole milliseconds, rounded up. */
    public static String show(Limit limit) {
        Duration window = switch (limit) {
            case Limit.StrictWindow(int capacity, Duration length) -> length;
            case Limit.Gcra(int capacity, Duration interval) -> interval.multipliedBy(capacity);
        };
        long millis = window.plusNanos(999_999).toMillis();
        for (String unit : new String[] {"d", "h", "m", "s"}) {
            long length = MILLIS.getOrDefault(unit, 1L);
            if (millis % length == 0) {
                return limit.capacity() + "/" + millis / length + unit;
            }
        }
        return limit.capacity() + "/" + millis + "ms";
    }

    /** The same, {@link #OFF} for none. */
    public static String show(Optional<Limit> limit) {
        return limit.map(LimitText::show).orElse(OFF);
    }
}
