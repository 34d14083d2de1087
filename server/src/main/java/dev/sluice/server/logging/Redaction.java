package dev.sluice.server.logging;

import java.util.regex.Pattern;

/**
 * Masks whatever has the shape of a bot token. The last line of defence only: nothing is meant to put one there.
 */
public final class Redaction {
    // A secret of 16 or more characters after a number and a colon (plain or percent-encoded), or any after a path's
    // "bot".
    private static final Pattern TOKEN = Pattern.compile(
            "(?<![0-9])([1-9][0-9]{2,15})(:|%3[Aa])[A-Za-z0-9_-]{16,}|(?<=[/\"' ]bot)([1-9][0-9]{0,15})(:|%3[Aa])[A-Za-z0-9_%-]+");

    private static final String COLON = ":";

    private Redaction() {}

    /** The same text with every token's secret replaced; the bot's id stays. */
    public static String mask(String text) {
        // Most lines hold nothing like it: looking for the separator first is much cheaper than the pattern.
        if (!text.contains(COLON) && !text.contains("%3")) {
            return text;
        }
        var match = TOKEN.matcher(text);
        if (!match.find()) {
            return text;
        }
        return match.replaceAll(
                found -> (found.group(1) != null ? found.group(1) + found.group(2) : found.group(3) + found.group(4))
                        + "[redacted]");
    }
}
