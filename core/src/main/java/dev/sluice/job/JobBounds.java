package dev.sluice.job;

/** What is said of counters beyond their bounds. */
final class JobBounds {
    private JobBounds() {}

    static IllegalArgumentException tooManyCounters() {
        return new IllegalArgumentException(
                "a job may have " + JobUpdate.MOST_COUNTERS + " counters, and would have more");
    }

    static IllegalArgumentException tooGreat() {
        return new IllegalArgumentException("a counter must be less than 2^53 up or down, and one would not be");
    }
}
