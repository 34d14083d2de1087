package dev.sluice.cache;

import java.time.Duration;

/**
 * The right to say what the value of a key is, on any replica; it ends when somebody else writes or forgets that value.
 *
 * @param id nobody can guess it
 * @param length how long it holds without a renewal
 */
public record FillLease(String id, Duration length) {
    /** What an id looks like. */
    public static final String FORM = "[0-9a-f-]{36}";

    /** Without the id: who has it may write. */
    @Override
    public String toString() {
        return "FillLease[" + length + "]";
    }
}
