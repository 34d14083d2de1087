package dev.sluice.keys;

import java.util.Locale;

/** Of what type a key is, as {@code TYPE} has it. */
public enum KeyType {
    STRING,
    HASH,
    LIST,
    SET,
    ZSET;

    /** As {@code TYPE} says it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
