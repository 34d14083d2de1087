package dev.sluice.telegram;

import java.util.Locale;

/**
 * A chat as callers name it: a numeric id, or the {@code @username} of a channel or group, which is kept in lower case
 * because Telegram ignores case in usernames.
 */
public record ChatId(String value) {
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

    /** Whether group limits hold: groups, supergroups and channels have negative ids; usernames name only those. */
    public boolean isGroup() {
        return value.startsWith("-") || isUsername();
    }

    @Override
    public String toString() {
        return value;
    }
}
