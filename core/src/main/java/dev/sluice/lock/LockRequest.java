package dev.sluice.lock;

import java.time.Duration;
import java.util.Optional;

/**
 * What somebody wants of a lock.
 *
 * @param lease how long it is held without a renewal, 1 s to 10 min of whole milliseconds
 * @param maxHold after how long it is renewed no more, so that it is lost at the latest then; at least {@code lease}. Empty for as long as
 *     the process lives
 * @param onLost is run once, on a thread of its own, if the lock is lost while it is held
 */
public record LockRequest(LockName name, Duration lease, Optional<Duration> maxHold, Runnable onLost) {
    public LockRequest {
        Lease.requireLength(lease);
        if (maxHold.isPresent() && maxHold.get().compareTo(lease) < 0) {
            throw new IllegalArgumentException(
                    "a lock's longest hold must be its lease of " + lease + " or more, not " + maxHold.get());
        }
    }

    /** @param name 1 to {@link LockName#LONGEST} characters */
    public static LockRequest of(String name) {
        return new LockRequest(new LockName(name), Lease.USUAL, Optional.empty(), () -> {});
    }

    public LockRequest withLease(Duration newLease) {
        return new LockRequest(name, newLease, maxHold, onLost);
    }

    public LockRequest withMaxHold(Duration newMaxHold) {
        return new LockRequest(name, lease, Optional.of(newMaxHold), onLost);
    }

    public LockRequest onLost(Runnable newOnLost) {
        return new LockRequest(name, lease, maxHold, newOnLost);
    }
}
