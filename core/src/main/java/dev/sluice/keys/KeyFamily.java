package dev.sluice.keys;

/**
 * One kind of key.
 *
 * @param name what follows the prefix; in braces what decides the Cluster slot, in angle brackets what differs from key to key:
 *     {@code msg_queue:{<bot>}:lane:<lane>}
 * @param owned whether keys may be without a TTL, since somebody removes them
 * @param goes who that is, or when the TTL ends
 * @param writer the simple name of the class that names these keys
 * @param holds what is in them
 */
public record KeyFamily(
        String name, KeyType type, boolean owned, String goes, KeyContent content, String writer, String holds) {

    /** What all keys of a feature begin with, such as {@code msg_queue}. */
    public String word() {
        return name.substring(0, name.indexOf(':'));
    }
}
