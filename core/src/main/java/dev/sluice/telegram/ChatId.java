package dev.sluice.telegram;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * A chat as callers name it: a numeric id, or the {@code @username} of a channel or group, which is kept in lower case
 * because Telegram ignores case in usernames.
 */
public record ChatId(String value) {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

    public ChatId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("chat id is empty");
        }
        if (value.length() > 64) {
            throw new IllegalArgumentException("chat id is longer than 64 characters");
        }
        value = value.strip();
        value = value.startsWith("@") ? value.toLowerCase(Locale.ROOT) : value;
    }

    public static ChatId of(long id) {
        return new ChatId(Long.toString(id));
    }

    /** Whether it is addressed by name, so that its number is not known yet. */
    public boolean isUsername() {
        return value.startsWith("@");
    }

    /** Whether it is a number, as it is in every answer of Telegram's. */
    public boolean isNumeric() {
        return NUMBER.matcher(value).matches();
    }

    /** Whose private chat it is, which has its user's id; empty for groups, channels and names. */
    public OptionalLong user() {
        return isNumeric() && !isGroup() && Long.parseLong(value) > 0
                ? OptionalLong.of(Long.parseLong(value))
                : OptionalLong.empty();
    }

    /** 32 characters of hex that stand for this id where names must not appear: in keys and logs. */
    public String digest() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Whether group limits hold: groups, supergroups and channels have negative ids; usernames name only those. */
    public boolean isGroup() {
        return value.startsWith("-") || isUsername();
    }

    @Override
    public String toString() {
        return value;
    }
}
