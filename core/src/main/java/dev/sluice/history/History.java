package dev.sluice.history;

import java.util.List;

/**
 * What was said last in a chat.
 *
 * @param entries in the order in which they were appended, the newest last
 * @param version greater after each change; 0 if nothing is known
 * @param complete false if something may be missing: Redis or the store did not answer, an entry was encrypted with a key that is not known here,
 *     or the chat's texts are in processes' own memory only
 */
public record History(List<HistoryEntry> entries, long version, boolean complete) {
    public History {
        entries = List.copyOf(entries);
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Of all entries together. */
    public int tokens() {
        return entries.stream().mapToInt(HistoryEntry::tokens).sum();
    }
}
