package dev.sluice.lock;

import java.time.Duration;

/** A write under a lock, as {@link Fences} takes it. */
record FencedWrite(LockName resource, long fence, byte[] value, Duration keep) {
    FencedWrite {
        if (fence < 1 || fence > Fences.GREATEST) {
            throw new IllegalArgumentException("a fence must be 1 to 2^53, not " + fence);
        }
        if (value.length > Fences.LARGEST) {
            throw new IllegalArgumentException(
                    "a fenced value must be at most " + Fences.LARGEST + " bytes, not " + value.length);
        }
        if (!keep.isPositive()
                || keep.compareTo(Fences.LONGEST_KEEP) > 0
                || !keep.equals(Duration.ofMillis(keep.toMillis()))) {
            throw new IllegalArgumentException("a fenced value must be kept for whole milliseconds up to "
                    + Fences.LONGEST_KEEP + ", not " + keep);
        }
    }
}
