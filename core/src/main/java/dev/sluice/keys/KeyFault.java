package dev.sluice.keys;

/** What is wrong with keys of a family. */
public enum KeyFault {
    /** They are of no family: nobody knows who removes them. */
    UNKNOWN("unknown"),
    /** They have neither a TTL nor an owner. */
    WITHOUT_TTL("without-ttl"),
    /** They are of another type than their family. */
    OTHER_TYPE("other-type");

    private final String word;

    KeyFault(String word) {
        this.word = word;
    }

    /** As programs read it. */
    public String word() {
        return word;
    }
}
