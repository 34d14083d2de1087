package dev.sluice.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What was said, as it is brought: by whoever appends it, or by a {@link HistoryStore}.
 *
 * @param text at most {@link #LARGEST} bytes of UTF-8; half characters in it become U+FFFD
 * @param id tells repeats, 1 to {@link #LONGEST_ID} characters: Telegram's id of the message, or whatever else is the same when the same is
 *     brought again; what has none is always new
 * @param time when it was said; when it is written unless given, and never after that
 * @param user whose text it is; in a private chat its user's unless given
 * @param tokens how many a model counts for it, 0 to {@link #MOST_TOKENS}; estimated unless given
 */
public record NewEntry(
        ChatRole role,
        String text,
        Optional<String> id,
        Optional<Instant> time,
        OptionalLong user,
        OptionalInt tokens) {
    /** Four messages of Telegram's greatest length in a script of four bytes a character. */
    public static final int LARGEST = 64 << 10;

    public static final int LONGEST_ID = 128;
    public static final int MOST_TOKENS = 1_000_000;
    private static final int REPLACEMENT = 0xFFFD;

    public NewEntry {
        text = whole(text);
        int bytes = text.getBytes(UTF_8).length;
        if (bytes > LARGEST) {
            throw new IllegalArgumentException(
                    "an entry's text must be at most " + LARGEST + " bytes of UTF-8, not " + bytes);
        }
        id.ifPresent(NewEntry::requireId);
        if (time.isPresent() && time.get().isBefore(Instant.EPOCH)) {
            throw new IllegalArgumentException("an entry must have been said after 1970, not at " + time.get());
        }
        if (user.isPresent() && (user.getAsLong() < 1 || user.getAsLong() > HistoryKey.GREATEST_ID)) {
            throw new IllegalArgumentException("a user's id must be 1 to 2^53, not " + user.getAsLong());
        }
        if (tokens.isPresent() && (tokens.getAsInt() < 0 || tokens.getAsInt() > MOST_TOKENS)) {
            throw new IllegalArgumentException(
                    "an entry's tokens must be 0 to " + MOST_TOKENS + ", not " + tokens.getAsInt());
        }
    }

    public static NewEntry of(ChatRole role, String text) {
        return new NewEntry(role, text, Optional.empty(), Optional.empty(), OptionalLong.empty(), OptionalInt.empty());
    }

    /** Tells repeats. */
    public NewEntry id(String newId) {
        return new NewEntry(role, text, Optional.of(newId), time, user, tokens);
    }

    /** Tells repeats by Telegram's id of the message. */
    public NewEntry id(long message) {
        return id(Long.toString(message));
    }

    public NewEntry at(Instant newTime) {
        return new NewEntry(role, text, id, Optional.of(newTime), user, tokens);
    }

    /** Whose text it is: also of an answer that is about nobody else. */
    public NewEntry from(long newUser) {
        return new NewEntry(role, text, id, time, OptionalLong.of(newUser), tokens);
    }

    public NewEntry tokens(int newTokens) {
        return new NewEntry(role, text, id, time, user, OptionalInt.of(newTokens));
    }

    /** Not the text, and not the id, which may be somebody's. */
    @Override
    public String toString() {
        return "NewEntry[" + role + ", " + text.length() + " characters]";
    }

    /** UTF-8 has no half characters, as JSON's escapes can make them and clients that cut texts. */
    private static String whole(String text) {
        if (UTF_8.newEncoder().canEncode(text)) {
            return text;
        }
        return text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static void requireId(String id) {
        int length = id.codePointCount(0, id.length());
        if (length < 1 || length > LONGEST_ID) {
            throw new IllegalArgumentException(
                    "an entry's id must be 1 to " + LONGEST_ID + " characters, not " + length);
        }
    }
}
