package dev.sluice.telegram;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A bot's secret. Its text is reachable only through {@link #reveal()}, which nothing but a call to Telegram may use.
 */
public final class BotToken {
    /** What a token looks like, as a regular expression. */
    public static final String FORM = "([1-9][0-9]{0,15}):([A-Za-z0-9_-]{1,128})";

    private static final Pattern PATTERN = Pattern.compile(FORM);

    private final BotId bot;
    private final String text;

    private BotToken(BotId bot, String text) {
        this.bot = bot;
        this.text = text;
    }

    /** The token in {@code text}, or empty if it has not the form {@code <id>:<secret>}. */
    public static Optional<BotToken> parse(String text) {
        var match = PATTERN.matcher(text);
        return match.matches()
                ? Optional.of(new BotToken(new BotId(Long.parseLong(match.group(1))), text))
                : Optional.empty();
    }

    public BotId bot() {
        return bot;
    }

    /** The secret itself. Never log it. */
    public String reveal() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BotToken token && token.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return bot + ":[redacted]";
    }
}
