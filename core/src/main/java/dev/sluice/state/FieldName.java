package dev.sluice.state;

import java.nio.charset.StandardCharsets;

/** What the name of a field may be. */
public final class FieldName {
    /** The longest, in characters. */
    public static final int LONGEST = 64;

    private FieldName() {}

    /** @throws IllegalArgumentException if it is none; does not say which, since somebody may have put a text where a name belongs */
    public static void require(String name) {
        int length = name.codePointCount(0, name.length());
        if (length < 1
                || length > LONGEST
                || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException(
                    "a field's name must be 1 to " + LONGEST + " whole characters, not " + length);
        }
    }
}
