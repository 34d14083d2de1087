package dev.sluice.redis;

import dev.sluice.redis.ScriptRunner.Shard;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where a {@code SCAN} over all parts of Redis goes on. When slots move meanwhile it begins anew at the part that has the slot now: rather
 * find something twice than not at all.
 *
 * @param slot the first slot of a part
 * @param cursor that part's own, 0 at its beginning
 */
public record ScanPosition(int slot, String cursor) {
    /** Before everything, as text. */
    public static final String START = "0";

    private static final String BEGINNING = "0";

    /**
     * What {@link #toString} wrote, or {@link #START}.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static ScanPosition parse(String text) {
        if (text.equals(START)) {
            return new ScanPosition(0, BEGINNING);
        }
        if (!text.matches("[0-9]{1,5}-[0-9]{1,20}")) {
            throw noCursor();
        }
        int dash = text.indexOf('-');
        try {
            Long.parseUnsignedLong(text.substring(dash + 1));
        } catch (NumberFormatException e) {
            throw noCursor();
        }
        return new ScanPosition(Integer.parseInt(text.substring(0, dash)), text.substring(dash + 1));
    }

    /** What a text is refused with that is no position. */
    public static IllegalArgumentException noCursor() {
        return new IllegalArgumentException("the cursor is none of an earlier page of this store");
    }

    /** The part that has the slot. */
    public Shard shard(List<Shard> shards) {
        return shards.stream()
                .filter(shard -> shard.firstSlot() <= slot)
                .max(Comparator.comparingInt(Shard::firstSlot))
                .orElse(shards.getFirst());
    }

    /** Where to go on there. */
    public String cursorOn(Shard shard) {
        return shard.firstSlot() == slot ? cursor : BEGINNING;
    }

    /** After a step on a part that said where to go on; empty at the end of the last one. */
    public Optional<ScanPosition> after(Shard shard, String next, List<Shard> shards) {
        if (!next.equals(BEGINNING)) {
            return Optional.of(new ScanPosition(shard.firstSlot(), next));
        }
        return shards.stream()
                .filter(other -> other.firstSlot() > shard.firstSlot())
                .min(Comparator.comparingInt(Shard::firstSlot))
                .map(other -> new ScanPosition(other.firstSlot(), BEGINNING));
    }

    @Override
    public String toString() {
        return slot + "-" + cursor;
    }
}
