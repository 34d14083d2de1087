package dev.sluice.delivery;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Charge;
import dev.sluice.limit.WaitingRoom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The buckets that this replica decided about while Redis could not be asked: among several replicas such a one may count as spent for its
 * whole window, which Redis may know better. Thread-safe. Bounded: who waits for one beyond that waits until the time that it was told.
 */
final class DecidedAlone {
    /** As many as may wait, several times over. */
    private static final int MOST = 10_000;

    private final Set<Bucket> buckets = ConcurrentHashMap.newKeySet();

    /** To be called before it is decided, so that whoever is denied just when Redis is back tries again. */
    void note(Acquisition question) {
        for (Charge charge : question.charges()) {
            if (buckets.size() < MOST) {
                buckets.add(charge.bucket());
            }
        }
    }

    /** Redis is back: lets those who wait for these buckets ask, and none of the others. */
    void reopen(WaitingRoom room) {
        Set<Bucket> decided = Set.copyOf(buckets);
        buckets.removeAll(decided);
        decided.stream()
                .map(Bucket::tag)
                .collect(Collectors.toSet())
                .forEach(tag -> room.reopen(tag, decided::contains));
    }
}
