package dev.sluice.telegram;

import java.util.Locale;
import java.util.Optional;

/** How urgent a message is: an order within the limits, never a way past them. */
public enum Priority {
    HIGH,
    NORMAL,
    LOW;

    /** The priority of that name in any case, or empty. */
    public static Optional<Priority> parse(String text) {
        for (Priority priority : values()) {
            if (priority.name().equalsIgnoreCase(text.strip())) {
                return Optional.of(priority);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
