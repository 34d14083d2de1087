package dev.sluice.queue;

/**
 * What a message may be sent together with: others of the same kind that are right behind it in its lane, as one message
 * ({@link MessageQueue#claimAlong}).
 *
 * @param kind a digest of all that they must have in common, 32 to 64 characters of lower-case hex, of an even number
 * @param length of its text, 1 to {@link #LONGEST}; what is sent as one has a bound
 */
public record Joint(String kind, int length) implements Relation {
    public static final int LONGEST = 4096;

    public Joint {
        NewMessage.requireDigest("digest of what is joined", kind);
        if (length < 1 || length > LONGEST) {
            throw new IllegalArgumentException("a text that is joined has 1 to 4096 characters, not " + length);
        }
    }
}
