package dev.sluice.namedlimit;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Waiter;
import dev.sluice.redis.KeyDigest;
import java.util.Optional;

/**
 * What somebody wants of a named limit.
 *
 * @param limit its name
 * @param subject who or what is counted apart, 1-{@value #LONGEST_SUBJECT} characters; only a digest of it is kept. Empty for one count
 *     over all
 * @param weight what it costs, 1 to {@link Charge#MAX_WEIGHT}
 */
public record Use(String limit, Optional<String> subject, int weight) {
    /** The longest subject. */
    public static final int LONGEST_SUBJECT = 128;

    /** All definitions and all buckets lie in one slot, since one script reads both. */
    static final String TAG = "limits";

    private static final String NO_SUBJECT = "-";

    public Use {
        NamedLimit.requireName(limit);
        subject.ifPresent(text -> {
            int length = text.codePointCount(0, text.length());
            if (length < 1 || length > LONGEST_SUBJECT) {
                throw new IllegalArgumentException(
                        "a subject must be 1 to " + LONGEST_SUBJECT + " characters long, not " + length);
            }
        });
        if (weight < 1 || weight > Charge.MAX_WEIGHT) {
            throw new IllegalArgumentException("a weight must be 1 to " + Charge.MAX_WEIGHT + ", not " + weight);
        }
    }

    /** One, counted over all. */
    public static Use of(String limit) {
        return new Use(limit, Optional.empty(), 1);
    }

    /** The same, counted for {@code newSubject} alone. */
    public Use by(String newSubject) {
        return new Use(limit, Optional.of(newSubject), weight);
    }

    /** The same, at another cost. */
    public Use weighing(int newWeight) {
        return new Use(limit, subject, newWeight);
    }

    Bucket bucket() {
        return new Bucket(TAG, limit, subject.map(KeyDigest::hex).orElse(NO_SUBJECT));
    }

    /** @param definition one that lets as much pass at once */
    Acquisition of(NamedLimit definition, Optional<Waiter> waiter) {
        Acquisition question = Acquisition.of(new Charge(bucket(), definition.limit(), weight));
        return waiter.isPresent() && !definition.shadow() ? question.waitingAs(waiter.get()) : question;
    }

    /** Without the subject, which may be somebody's name. */
    @Override
    public String toString() {
        return "Use[limit=" + limit + (subject.isPresent() ? ", of a subject" : "") + ", weight=" + weight + "]";
    }
}
