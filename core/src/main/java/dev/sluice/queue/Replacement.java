package dev.sluice.queue;

/**
 * What a message changes, so that a newer one can take its place: a message replaces an older one of the same target that waits in
 * the same lane, if it sets all that the older one sets.
 *
 * @param target a digest, 32 to 64 characters of lower-case hex, of an even number
 * @param parts what of it is set, a bit each, 1 to {@link #ALL_PARTS}
 */
public record Replacement(String target, int parts) implements Relation {
    public static final int ALL_PARTS = 127;

    public Replacement {
        NewMessage.requireDigest("digest of what is replaced", target);
        if (parts < 1 || parts > ALL_PARTS) {
            throw new IllegalArgumentException("parts must be 1 to " + ALL_PARTS + ", not " + parts);
        }
    }

    /** Whether whatever {@code older} sets is set by this one, too. */
    boolean covers(Replacement older) {
        return target.equals(older.target) && (older.parts & parts) == older.parts;
    }
}
