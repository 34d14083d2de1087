package dev.sluice.redis;

import java.util.function.IntPredicate;

/**
 * What may stand in a part of a key: ids and digests, never text that somebody wrote. Every decision checks a dozen of them,
 * so they are looked at character by character and not by regular expressions.
 */
public enum KeyPart {
    /** What decides the Cluster slot. */
    TAG("[A-Za-z0-9_-]{1,64}", 1, 64, c -> isLower(c) || isUpper(c) || isDigit(c) || c == '_' || c == '-'),
    /** The kind of something. */
    SCOPE("[a-z0-9_-]{1,32}", 1, 32, c -> isLower(c) || isDigit(c) || c == '_' || c == '-'),
    /** Which one of its kind. */
    SUBJECT("[^\\s{}]{1,128}", 1, 128, c -> c > ' ' && c != '{' && c != '}'),
    /** A digest, or half of one. */
    DIGEST("[0-9a-f]{32,64}", 32, 64, c -> isDigit(c) || c >= 'a' && c <= 'f');

    private final String form;
    private final int least;
    private final int most;
    private final IntPredicate allowed;

    KeyPart(String form, int least, int most, IntPredicate allowed) {
        this.form = form;
        this.least = least;
        this.most = most;
        this.allowed = allowed;
    }

    /**
     * @param what what the error calls it, for example {@code bucket tag}
     * @throws IllegalArgumentException if {@code value} has another form
     */
    public void require(String what, String value) {
        if (value.length() < least || value.length() > most) {
            throw refused(what, value);
        }
        for (int i = 0; i < value.length(); i++) {
            if (!allowed.test(value.charAt(i))) {
                throw refused(what, value);
            }
        }
    }

    private IllegalArgumentException refused(String what, String value) {
        // What was to be digested may have been given in place of its digest, and is nobody's business.
        String shown = this == DIGEST ? "" : " '" + value + "'";
        return new IllegalArgumentException(what + shown + " does not match " + form);
    }

    private static boolean isLower(int c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isUpper(int c) {
        return c >= 'A' && c <= 'Z';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
