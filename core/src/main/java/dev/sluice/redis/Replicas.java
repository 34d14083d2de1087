package dev.sluice.redis;

/**
 * Who shares the limits.
 *
 * @param self this replica's id, 8 of {@code A-Z a-z 0-9}
 * @param count how many replicas live, this one included; 1 or more
 * @param current whether the count is fresh; false while Redis cannot be reached and the count is the last known
 */
public record Replicas(String self, int count, boolean current) {
    public Replicas {
        if (count < 1) {
            throw new IllegalArgumentException("replica count " + count + " must be 1 or more");
        }
    }
}
