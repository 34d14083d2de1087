package dev.sluice.job;

import java.util.Locale;

/** How a job stands. */
public enum JobState {
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELLED,
    /** It has been silent for longer than it may: its process died, or cannot reach the store. It runs again once it is heard of. */
    DEAD;

    /** As stores and programs call it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is none of that word */
    public static JobState of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
