package dev.sluice.history;

import java.time.Instant;
import java.util.OptionalLong;

/**
 * What was said, as it is kept.
 *
 * @param id as it was brought; one of its own if none was
 * @param time when it was said, to the microsecond
 * @param user whose text it is, if that is known
 * @param tokens how many a model counts for it
 */
public record HistoryEntry(ChatRole role, String text, String id, Instant time, OptionalLong user, int tokens) {
    /** Not the text, and not the id, which may be somebody's. */
    @Override
    public String toString() {
        return "HistoryEntry[" + role + ", " + text.length() + " characters, " + tokens + " tokens]";
    }
}
