package dev.sluice.broadcast;

import java.util.List;

/** Recipients that wait, all of one chunk, and what their messages are made of. */
public final class Unfed {
    private final List<Integer> recipients;
    private final byte[] chunk;
    private final byte[] template;

    Unfed(List<Integer> recipients, byte[] chunk, byte[] template) {
        this.recipients = List.copyOf(recipients);
        this.chunk = chunk;
        this.template = template;
    }

    /** Their numbers, ascending. The place in the chunk is the rest by {@link BroadcastStore#CHUNK}. */
    public List<Integer> recipients() {
        return recipients;
    }

    /** As it was added; empty if it was lost. */
    public byte[] chunk() {
        return chunk.clone();
    }

    /** As it was given; empty if it was lost. */
    public byte[] template() {
        return template.clone();
    }
}
