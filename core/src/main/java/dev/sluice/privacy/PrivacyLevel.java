package dev.sluice.privacy;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How much of a user may be kept. */
public enum PrivacyLevel {
    /** What parts keep by themselves: texts encrypted, for as long as each part says. */
    FULL,
    /** No text of theirs stands in Redis or in a database; only this process' bounded memory may have it. */
    NONE;

    /** What it is called outside: {@code full} or {@code none}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is no such level */
    public static PrivacyLevel of(String word) {
        return Arrays.stream(values())
                .filter(level -> level.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("privacy must be one of "
                        + Arrays.stream(values()).map(PrivacyLevel::word).collect(Collectors.joining(", "))
                        + ", not '"
                        + word
                        + "'"));
    }
}
