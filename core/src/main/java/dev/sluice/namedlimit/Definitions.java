package dev.sluice.namedlimit;

import dev.sluice.limit.Limit;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A named limit as {@code definition.lua} reads it, which explains the form. */
final class Definitions {
    private static final Pattern FORM =
            Pattern.compile("([WG]) ([0-9]{1,9}) [0-9]{1,16} (on|shadow) ([0-9]{1,9}) ([0-9]{1,16})");

    private Definitions() {}

    static String write(NamedLimit named) {
        Limit limit = named.limit();
        long nanos = switch (limit) {
            case Limit.StrictWindow(int capacity, Duration window) -> window.toNanos();
            case Limit.Gcra(int capacity, Duration interval) -> interval.toNanos();
        };
        return (limit instanceof Limit.StrictWindow ? "W" : "G") + " " + limit.capacity() + " "
                + Math.ceilDiv(nanos, 1_000) + " " + (named.shadow() ? "shadow" : "on") + " " + named.count() + " "
                + named.window().toMillis();
    }

    /** @throws IllegalStateException if somebody else wrote it */
    static NamedLimit read(String name, String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalStateException("the definition of limit '" + name + "' cannot be read");
        }
        OptionalInt burst =
                form.group(1).equals("W") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(form.group(2)));
        return new NamedLimit(
                name,
                Integer.parseInt(form.group(4)),
                Duration.ofMillis(Long.parseLong(form.group(5))),
                burst,
                form.group(3).equals("shadow"));
    }
}
