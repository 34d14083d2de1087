package dev.sluice.queue;

import java.util.List;
import java.util.OptionalLong;

/**
 * Some of a list, oldest first.
 *
 * @param items what was found; may be fewer than asked for, even none, though there is more
 * @param next where to go on; empty at the end
 */
public record Page(List<MessageDetails> items, OptionalLong next) {
    public Page {
        items = List.copyOf(items);
    }
}
