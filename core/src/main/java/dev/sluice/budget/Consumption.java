package dev.sluice.budget;

import java.time.Duration;
import java.time.Instant;

/** What became of one message that wanted to pass a budget; each answer says what is left, and until when. */
public sealed interface Consumption {
    /** After this message. */
    Usage usage();

    /** Passes: it was counted. */
    record Allowed(Usage usage) implements Consumption {}

    /** Passes: it was counted, and nobody asked whether there was room. */
    record Exempt(Usage usage) implements Consumption {}

    /** Does not pass: it was counted among the rejected ones and changed nothing else. */
    record Exhausted(Usage usage) implements Consumption {}

    default boolean passes() {
        return switch (this) {
            case Allowed a -> true;
            case Exempt e -> true;
            case Exhausted e -> false;
        };
    }

    default long remaining() {
        return usage().remaining();
    }

    default Duration resetsIn() {
        return usage().resetsIn();
    }

    default Instant resetsAt() {
        return usage().resetsAt();
    }
}
