package dev.sluice.limit;

import java.util.regex.Pattern;

/**
 * A process that waits for a bucket: one place in line for all its callers, so that processes take turns.
 *
 * @param process an id unique among the processes, 8 of {@code A-Z a-z 0-9}
 */
public record Waiter(String process) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9]{8}");

    public Waiter {
        if (!FORM.matcher(process).matches()) {
            throw new IllegalArgumentException("process id '" + process + "' does not match " + FORM.pattern());
        }
    }
}
