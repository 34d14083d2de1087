package dev.sluice.lock;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Who wants or holds a lock: one attempt, not one process. Whoever knows it can renew and release, so it is not shown or logged.
 *
 * @param id 16 to 64 of {@code A-Z a-z 0-9 _ -}, which nobody can guess
 */
public record LockOwner(String id) {
    /** What {@code id} matches. */
    public static final String FORM = "[A-Za-z0-9_-]{16,64}";

    private static final Pattern PATTERN = Pattern.compile(FORM);
    private static final int RANDOM_BYTES = 16;

    public LockOwner {
        if (!PATTERN.matcher(id).matches()) {
            throw new IllegalArgumentException("a lock's owner does not match " + FORM);
        }
    }

    /** A new one; {@code random} must be unpredictable where others may ask. */
    public static LockOwner random(RandomGenerator random) {
        var bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return new LockOwner(HexFormat.of().formatHex(bytes));
    }

    @Override
    public String toString() {
        return "LockOwner[...]";
    }
}
