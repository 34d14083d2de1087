package dev.sluice.server.settings;

import dev.sluice.bundle.BundlePlace;
import dev.sluice.bundle.BundleSettings;
import dev.sluice.cache.CacheMode;
import dev.sluice.server.settings.StoreFailureSettings.Policy;
import java.time.Duration;
import java.util.List;

/**
 * How bursts of messages are joined.
 *
 * @param place where
 * @param rules what belongs together
 * @param withoutStore what happens to messages while the store is down
 */
public record BundlingSettings(BundlePlace place, BundleSettings rules, Policy withoutStore) {
    /** So that replicas, and people, do not fall into step. */
    private static final int JITTER_PERCENT = 10;

    private static final BundleSettings USUAL = BundleSettings.DEFAULT;

    static final Setting<CacheMode> PLACE = Setting.of(
            "SLUICE_TALKBUF",
            Forms.choice(CacheMode.class),
            "redis",
            "Where bursts of messages are joined (docs/bundles.md): in Redis, in each process' own memory, or `off`, each message by itself.");
    static final Setting<Duration> QUIET = Setting.of(
            "SLUICE_TALKBUF_QUIET",
            Forms.duration(Duration.ZERO, Duration.ofMinutes(1)),
            "1",
            "After how long without another message a bundle is handed over; a tenth more or less, at random.");
    static final Setting<Duration> LONGEST = Setting.of(
            "SLUICE_TALKBUF_LONGEST",
            Forms.duration(Duration.ZERO, BundleSettings.LONGEST),
            Long.toString(USUAL.longest().toSeconds()),
            "After how long from its first message on a bundle is handed over, whatever comes.");
    static final Setting<Integer> MESSAGES = Setting.of(
            "SLUICE_TALKBUF_MESSAGES",
            Forms.integer(1, BundleSettings.MOST_MESSAGES),
            Integer.toString(USUAL.mostMessages()),
            "With how many messages a bundle is handed over at once.");
    static final Setting<Long> BYTES = Setting.of(
            "SLUICE_TALKBUF_BYTES",
            Forms.bytes(1, BundleSettings.MOST_BYTES),
            "64KB",
            "With how much text a bundle is handed over at once.");
    static final Setting<Integer> LOST_LEASES = Setting.of(
            "SLUICE_TALKBUF_LOST_LEASES",
            Forms.integer(0, BundleSettings.MOST_LOST),
            Integer.toString(USUAL.mostLost()),
            "After how many leases that ran out, as when whoever handles it dies, a bundle is set aside; 0 for never.");
    static final Setting<Duration> REMEMBERED = Setting.of(
            "REDIS_TTL_TALKBUF",
            Forms.duration(Duration.ofMillis(1), Duration.ofDays(31)),
            Long.toString(USUAL.remembered().toSeconds()),
            "For how long repeats of a person's messages are known once all of theirs are handled; what is not handled is kept for a day.");
    static final Setting<Policy> WITHOUT_STORE = Setting.of(
            "SLUICE_ON_STORE_FAILURE_BUNDLES",
            Forms.choice(Policy.class),
            "local",
            "What happens to messages that are to be bundled while Redis is down: bundled in this process' memory, handed over at once, or"
                    + " refused.");

    static final List<Setting<?>> ALL =
            List.of(PLACE, QUIET, LONGEST, MESSAGES, BYTES, LOST_LEASES, REMEMBERED, WITHOUT_STORE);

    static BundlingSettings read(Reading reading) {
        if (reading.get(QUIET).compareTo(reading.get(LONGEST)) > 0) {
            reading.refuse(
                    reading.isSet(QUIET) ? QUIET : LONGEST,
                    "SLUICE_TALKBUF_QUIET is longer than SLUICE_TALKBUF_LONGEST, after which a bundle is handed over whatever comes");
        }
        Duration jitter = reading.get(QUIET).multipliedBy(JITTER_PERCENT).dividedBy(100);
        return new BundlingSettings(
                switch (reading.get(PLACE)) {
                    case REDIS -> BundlePlace.SHARED;
                    case LOCAL -> BundlePlace.LOCAL;
                    case OFF -> BundlePlace.OFF;
                },
                USUAL.withQuiet(
                                reading.get(QUIET).minus(jitter),
                                reading.get(QUIET).plus(jitter))
                        .withLongest(reading.get(LONGEST))
                        .withMost(reading.get(MESSAGES), Math.toIntExact(reading.get(BYTES)))
                        .withMostLost(reading.get(LOST_LEASES))
                        .withRemembered(reading.get(REMEMBERED)),
                reading.get(WITHOUT_STORE));
    }
}
