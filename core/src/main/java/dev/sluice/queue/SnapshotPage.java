package dev.sluice.queue;

import java.util.List;
import java.util.Optional;

/**
 * Some messages of a queue.
 *
 * @param messages may be none though there are more
 * @param next where to go on; empty at the end
 */
public record SnapshotPage(List<SavedMessage> messages, Optional<String> next) {
    public SnapshotPage {
        messages = List.copyOf(messages);
    }
}
