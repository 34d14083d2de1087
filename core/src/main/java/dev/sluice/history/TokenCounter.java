package dev.sluice.history;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Says how many tokens a model counts for a text. Thread-safe; must not block. */
@FunctionalInterface
public interface TokenCounter {
    /**
     * A quarter of the text's bytes in UTF-8, rounded up, and 4 for what stands around it: the rule of thumb of one token for four English letters,
     * or two Cyrillic ones. Bots that must not go beyond a model's window count exactly.
     */
    TokenCounter ESTIMATE = (role, text) -> 4 + Math.ceilDiv(text.getBytes(UTF_8).length, 4);

    /** @return 0 to {@link NewEntry#MOST_TOKENS}; what is beyond is taken for the nearest of these */
    int count(ChatRole role, String text);
}
