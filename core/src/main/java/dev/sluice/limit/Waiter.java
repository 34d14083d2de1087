package dev.sluice.limit;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * A process that waits for a bucket: one place in line for all its callers, so that processes take turns.
 *
 * @param process an id unique among the processes, 8 of {@code A-Z a-z 0-9}
 * @param stays for how long it keeps a place at most, however far its turn is, up to {@link Limit#LONGEST}: one that outlasts those who
 *     wait holds others up for nobody. On Redis of named limits, and of those who say when they came ({@link Acquisition#cameAgo()})
 */
public record Waiter(String process, Duration stays) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9]{8}");

    public Waiter {
        if (!FORM.matcher(process).matches()) {
            throw new IllegalArgumentException("process id '" + process + "' does not match " + FORM.pattern());
        }
        Durations.require("a stay", stays, Limit.LONGEST);
    }

    /** Until its turn, whenever that is. */
    public Waiter(String process) {
        this(process, Limit.LONGEST);
    }

    /** The same for so long at most. */
    public Waiter staying(Duration newStays) {
        return new Waiter(process, newStays);
    }
}
