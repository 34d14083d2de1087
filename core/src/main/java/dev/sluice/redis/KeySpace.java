package dev.sluice.redis;

/**
 * Names every key: one prefix, the family's name, then a hash tag, so that all a script touches lies in one Cluster
 * slot: {@code sluice:rate_limit:{123456}:chat:-100}.
 *
 * @param prefix what every key starts with, {@code sluice:} by default
 */
public record KeySpace(String prefix) {
    public static final KeySpace DEFAULT = new KeySpace("sluice:");

    public KeySpace {
        if (prefix.indexOf('{') >= 0 || prefix.indexOf('}') >= 0) {
            throw new IllegalArgumentException("key prefix '" + prefix + "' must not contain braces");
        }
    }

    /**
     * @param family a name of the documented layout, for example {@code idempotency}
     * @param tag what decides the Cluster slot: a bot's id, a user's id
     * @param rest the rest of the key; an id or a digest, never a token, a name or text
     */
    public String key(String family, String tag, String rest) {
        return prefix + family + ":{" + tag + "}:" + rest;
    }

    /** A pattern, as {@code SCAN} takes it, that means the text itself. */
    public static String literal(String text) {
        return text.replaceAll("([\\\\*?\\[\\]^-])", "\\\\$1");
    }
}
