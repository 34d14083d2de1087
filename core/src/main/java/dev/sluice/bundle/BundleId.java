package dev.sluice.bundle;

import dev.sluice.telegram.BotId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a bundle, and stays the same however often it is handed over: what has handled it remembers it by this.
 *
 * @param number grows within its conversation; about when its first message came, in microseconds since 1970
 */
public record BundleId(Conversation conversation, long number) {
    /** What {@link #toString} writes. */
    public static final String FORM = "(-?[0-9]{1,18})_(-?[0-9]{1,18})_([0-9]{1,16})";

    private static final Pattern TEXT = Pattern.compile(FORM);

    public BundleId {
        if (number <= 0) {
            throw new IllegalArgumentException("a bundle's number must be positive, not " + number);
        }
    }

    /**
     * @param text as {@link #toString} writes it
     * @throws IllegalArgumentException if it is none
     */
    public static BundleId parse(BotId bot, String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("a bundle's id must be <chat>_<user>_<number>");
        }
        return new BundleId(
                new Conversation(bot, Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2))),
                Long.parseLong(parts.group(3)));
    }

    /** Without the bot: {@code <chat>_<user>_<number>}. */
    @Override
    public String toString() {
        return conversation.chat() + "_" + conversation.user() + "_" + number;
    }
}
