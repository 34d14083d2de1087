package dev.sluice.server.bots;

import java.util.Locale;
import java.util.Optional;

/** What becomes of a call that does not ask for anything itself, and may be queued. */
public enum Overflow {
    /** Its caller waits, and is told 429 if its turn does not come in time. */
    WAIT,
    /** Its caller waits; if its turn does not come in time it is queued. */
    QUEUE,
    /** It is queued at once. */
    ASYNC;

    /** The one of that name in any case. */
    public static Optional<Overflow> parse(String text) {
        for (Overflow overflow : values()) {
            if (overflow.name().equalsIgnoreCase(text)) {
                return Optional.of(overflow);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
