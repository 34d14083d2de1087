package dev.sluice.server.embedded;

import java.util.Comparator;

/** A version of Redis, such as 6.2.6. */
record RedisVersion(int major, int minor, int patch) implements Comparable<RedisVersion> {
    /** What every script is tested on. */
    static final RedisVersion OLDEST = new RedisVersion(6, 2, 0);

    /**
     * Reads three numbers with dots.
     *
     * @throws IllegalArgumentException for anything else
     */
    static RedisVersion parse(String text) {
        var parts = text.strip().split("\\.", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not a version: " + text);
        }
        return new RedisVersion(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    /** Whether data written by {@code other} can be read: files of a newer line are ignored or refused by an older one. */
    boolean reads(RedisVersion other) {
        return major > other.major || (major == other.major && minor >= other.minor);
    }

    @Override
    public int compareTo(RedisVersion other) {
        return Comparator.comparingInt(RedisVersion::major)
                .thenComparingInt(RedisVersion::minor)
                .thenComparingInt(RedisVersion::patch)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
