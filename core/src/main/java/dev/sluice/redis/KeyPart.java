package dev.sluice.redis;

/**
 * What may stand in a part of a key: ids and digests, never text that somebody wrote. Every decision checks a dozen of them,
 * so they are looked at character by character and not by regular expressions.
 */
public enum KeyPart {
    /** What decides the Cluster slot. */
    TAG("[A-Za-z0-9_-]{1,64}", 1, 64) {
        @Override
        boolean allows(char c) {
            return SCOPE.allows(c) || c >= 'A' && c <= 'Z';
        }
    },
    /** The kind of something. */
    SCOPE("[a-z0-9_-]{1,32}", 1, 32) {
        @Override
        boolean allows(char c) {
            return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-';
        }
    },
    /** Which one of its kind. */
    SUBJECT("[^\\s{}]{1,128}", 1, 128) {
        @Override
        boolean allows(char c) {
            return c > ' ' && c != '{' && c != '}';
        }
    },
    /** A digest, or half of one. */
    DIGEST("[0-9a-f]{32,64}", 32, 64) {
        @Override
        boolean allows(char c) {
            return c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
        }
    };

    private final String form;
    private final int least;
    private final int most;

    KeyPart(String form, int least, int most) {
        this.form = form;
        this.least = least;
        this.most = most;
    }

    abstract boolean allows(char c);

    /**
     * @param what what the error calls it, for example {@code bucket tag}
     * @throws IllegalArgumentException if {@code value} has another form
     */
    public void require(String what, String value) {
        boolean fits = value.length() >= least && value.length() <= most;
        for (int i = 0; fits && i < value.length(); i++) {
            fits = allows(value.charAt(i));
        }
        if (!fits) {
            // What was to be digested may have been given in place of its digest, and is nobody's business.
            String shown = this == DIGEST ? "" : " '" + value + "'";
            throw new IllegalArgumentException(what + shown + " does not match " + form);
        }
    }
}
