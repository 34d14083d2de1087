package dev.sluice.idempotency;

import dev.sluice.SluiceException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The records of the in-memory guard, within bounds. Not thread-safe.
 *
 * <p>Two timelines, so that nothing is ever scanned: claims under a lease by its end, all others by the record's end. Each
 * step first moves on what has become due, a bounded number of records; since a step adds one at most, none stays for
 * want of traffic to its key. When a bound is reached the record nearest its end goes; a claim under a lease never does.
 */
final class ClaimRecords {
    private static final int SWEPT_PER_STEP = 64;

    private final int maxRecords;
    private final long maxBytes;
    private final Map<IdempotencyKey, ClaimRecord> byKey = new HashMap<>();
    private final TreeSet<ClaimRecord> leased = timeline(Comparator.comparingLong(ClaimRecords::leaseEnd));
    private final TreeSet<ClaimRecord> ending =
            timeline(Comparator.comparingLong(record -> record.state().ends()));
    private long bytes;
    private long evicted;

    ClaimRecords(int maxRecords, long maxBytes) {
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
    }

    private static TreeSet<ClaimRecord> timeline(Comparator<ClaimRecord> order) {
        // Fences of Redis are told apart by their keys alone.
        return new TreeSet<>(order.thenComparingLong(record -> record.fence().number())
                .thenComparing(record -> record.key().digest())
                .thenComparing(record -> record.key().tag()));
    }

    int size() {
        return byKey.size();
    }

    long evicted() {
        return evicted;
    }

    /** Forgets what is past its end, and lets what is past its lease be evicted. */
    void moveOn(long now) {
        for (int i = 0; i < SWEPT_PER_STEP && !leased.isEmpty() && leaseEnd(leased.getFirst()) <= now; i++) {
            ending.add(leased.removeFirst());
        }
        for (int i = 0;
                i < SWEPT_PER_STEP
                        && !ending.isEmpty()
                        && ending.getFirst().state().ends() <= now;
                i++) {
            remove(ending.getFirst());
        }
    }

    /** The record, unless it is past its end. */
    Optional<ClaimRecord> find(IdempotencyKey key, long now) {
        return Optional.ofNullable(byKey.get(key))
                .filter(record -> record.state().ends() > now);
    }

    /** @throws SluiceException if the bound is reached by claims in progress alone */
    void requireRoomFor(IdempotencyKey key) {
        if (byKey.size() >= maxRecords && ending.isEmpty() && !byKey.containsKey(key)) {
            throw new SluiceException(
                    "idempotency guard in memory is full: all of its " + maxRecords + " claims are in progress");
        }
    }

    /** Puts a record in the place of its predecessor under the same key, if there is one. */
    void put(ClaimRecord record) {
        ClaimRecord before = byKey.get(record.key());
        if (before != null) {
            remove(before);
        }
        while (!ending.isEmpty() && (byKey.size() >= maxRecords || bytes + record.bytes() > maxBytes)) {
            remove(ending.getFirst());
            evicted++;
        }
        byKey.put(record.key(), record);
        bytes += record.bytes();
        timelineOf(record).add(record);
    }

    void remove(ClaimRecord record) {
        byKey.remove(record.key());
        bytes -= record.bytes();
        if (!leased.remove(record)) {
            ending.remove(record);
        }
    }

    private TreeSet<ClaimRecord> timelineOf(ClaimRecord record) {
        return record.state() instanceof ClaimRecord.State.Leased ? leased : ending;
    }

    private static long leaseEnd(ClaimRecord record) {
        return record.state() instanceof ClaimRecord.State.Leased lease ? lease.deadline() : Long.MIN_VALUE;
    }
}
