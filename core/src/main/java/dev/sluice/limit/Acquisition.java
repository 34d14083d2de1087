package dev.sluice.limit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One all-or-nothing question: may an action pass all of these buckets now?
 *
 * @param charges 1 to 16, of distinct buckets that share one tag
 * @param enforcement what becomes of it where the buckets are full
 * @param waiter who takes a place in the line of the limiting bucket when denied, if anyone waits
 * @param cameAgo how long ago it came, if its place in line is given by that; else by when it was denied. Negative lets those
 *     go first who come within that time
 */
public record Acquisition(
        List<Charge> charges, Enforcement enforcement, Optional<Waiter> waiter, Optional<Duration> cameAgo) {
    public static final int MAX_CHARGES = 16;

    /** What becomes of a question about full buckets. Parks deny whatever is said here. */
    public enum Enforcement {
        /** It is denied. */
        ENFORCED,
        /** It is charged all the same; GCRA keeps the debt. */
        OVERDRAWN,
        /** It passes uncharged, and the answer names the bucket that would have denied it. */
        SHADOWED
    }

    public Acquisition {
        charges = List.copyOf(charges);
        if (charges.isEmpty() || charges.size() > MAX_CHARGES) {
            throw new IllegalArgumentException("an acquisition takes 1 to 16 charges, not " + charges.size());
        }
        Bucket first = charges.getFirst().bucket();
        for (int i = 1; i < charges.size(); i++) {
            Bucket bucket = charges.get(i).bucket();
            if (!bucket.tag().equals(first.tag())) {
                throw new IllegalArgumentException(
                        "one decision cannot span two hash tags: " + first + " and " + bucket);
            }
            for (int earlier = 0; earlier < i; earlier++) {
                if (bucket.equals(charges.get(earlier).bucket())) {
                    throw new IllegalArgumentException("bucket charged twice in one decision: " + bucket);
                }
            }
        }
    }

    public static Acquisition of(List<Charge> charges) {
        return new Acquisition(charges, Enforcement.ENFORCED, Optional.empty(), Optional.empty());
    }

    public static Acquisition of(Charge... charges) {
        return of(List.of(charges));
    }

    /** The same question, charged even when the buckets are full. */
    public Acquisition overdrawing() {
        return new Acquisition(charges, Enforcement.OVERDRAWN, Optional.empty(), cameAgo);
    }

    /** The same question, which passes uncharged where the buckets are full: nobody waits, but for parks. */
    public Acquisition shadowed() {
        return new Acquisition(charges, Enforcement.SHADOWED, Optional.empty(), cameAgo);
    }

    /** Whether it is charged even when the buckets are full. */
    public boolean overdraft() {
        return enforcement == Enforcement.OVERDRAWN;
    }

    /** The same question by someone who will come back: a denial keeps a place in line among processes. */
    public Acquisition waitingAs(Waiter newWaiter) {
        return new Acquisition(charges, enforcement, Optional.of(newWaiter), cameAgo);
    }

    /** The same question, whose place in line is given by when it came. */
    public Acquisition cameAgo(Duration ago) {
        return new Acquisition(charges, enforcement, waiter, Optional.of(ago));
    }

    /** For how long whoever waits keeps its place at most. */
    Duration stays() {
        return waiter.map(Waiter::stays).orElse(Limit.LONGEST);
    }

    /** The hash tag all buckets share. */
    public String tag() {
        return charges.getFirst().bucket().tag();
    }
}
