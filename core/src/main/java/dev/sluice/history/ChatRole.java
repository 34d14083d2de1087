package dev.sluice.history;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Who said something, as language models call it. */
public enum ChatRole {
    /** A person. */
    USER,
    /** The bot. */
    ASSISTANT,
    /** Nobody: what the bot tells its model. */
    SYSTEM;

    /** What it is called outside: {@code user}, {@code assistant} or {@code system}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is no such role */
    public static ChatRole of(String word) {
        return Arrays.stream(values())
                .filter(role -> role.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a role must be one of "
                        + Arrays.stream(values()).map(ChatRole::word).collect(Collectors.joining(", "))));
    }
}
