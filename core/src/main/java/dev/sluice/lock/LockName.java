package dev.sluice.lock;

import dev.sluice.redis.KeyDigest;
import dev.sluice.redis.KeySpace;
import java.util.List;

/**
 * What a lock is called.
 *
 * @param text 1 to {@value #LONGEST} characters of any kind; only a digest of it is kept
 */
public record LockName(String text) {
    public static final int LONGEST = 128;

    private static final String FAMILY = "locks";

    public LockName {
        int length = text.codePointCount(0, text.length());
        if (length < 1 || length > LONGEST) {
            throw new IllegalArgumentException(
                    "a lock's name must be 1 to " + LONGEST + " characters long, not " + length);
        }
    }

    String digest() {
        return KeyDigest.hex(text);
    }

    /** Lock, line and places, as {@code lock.lua} takes them; all in one slot. */
    List<String> keys(KeySpace keys) {
        String tag = digest();
        return List.of(keys.key(FAMILY, tag, "lock"), keys.key(FAMILY, tag, "line"), keys.key(FAMILY, tag, "places"));
    }

    /** Where those are named who are next; one channel for all locks. */
    static String channel(KeySpace keys) {
        return keys.prefix() + FAMILY + ":next";
    }

    /** Without the text, which may be somebody's name. */
    @Override
    public String toString() {
        return "LockName[" + digest() + "]";
    }
}
