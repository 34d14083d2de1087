package dev.sluice.cache;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * One cache.
 *
 * @param name 1 to 32 of {@code a-z 0-9 _ -}; stands in its keys and metrics
 * @param family under which name it lies in Redis
 * @param mode where it keeps its values
 * @param ttl how long a value holds, from 1 ms to 31 days; up to a tenth is taken off, so that what was loaded together does not end
 *     together
 * @param negativeTtl how long it holds that there is no value; zero: not at all
 * @param grace how much longer an old value may stand in for one that cannot be loaded; zero: not at all
 * @param within how long a read may take, waiting and loading included, from 1 ms to 10 minutes
 * @param lease how long a replica that died while it loaded keeps the others waiting; it is renewed each third
 * @param withoutNews how long copies are relied on while nothing is heard of other replicas and Redis cannot be asked
 * @param localEntries how many copies are kept in this process, 1 or more
 * @param localBytes how many bytes they may take, encoded, 1 KiB or more
 * @param sealed whether values are encrypted in Redis
 */
public record CacheSettings(
        String name,
        CacheFamily family,
        CacheMode mode,
        Duration ttl,
        Duration negativeTtl,
        Duration grace,
        Duration within,
        Duration lease,
        Duration withoutNews,
        int localEntries,
        long localBytes,
        boolean sealed) {

    /** That somebody does not exist changes when they first write, and nobody thinks of invalidating it. */
    private static final Duration DEFAULT_NEGATIVE_TTL = Duration.ofSeconds(5);

    /** A source that is down for longer is an outage that people should notice. */
    private static final Duration LONGEST_DEFAULT_GRACE = Duration.ofMinutes(5);

    /** People wait no longer for an answer; a database is asked for less. */
    private static final Duration DEFAULT_WITHIN = Duration.ofSeconds(5);

    /** A quarter of the above and more, so that who waits for a replica that died still has time to load. */
    private static final Duration DEFAULT_LEASE = Duration.ofSeconds(2);

    /** As long as a payment may go unnoticed that was made elsewhere while Redis was down. */
    private static final Duration DEFAULT_WITHOUT_NEWS = Duration.ofSeconds(5);

    private static final int DEFAULT_LOCAL_ENTRIES = 10_000;
    private static final long DEFAULT_LOCAL_BYTES = 16L << 20;
    private static final Duration LONGEST_TTL = Duration.ofDays(31);
    private static final Duration LONGEST_WITHIN = Duration.ofMinutes(10);

    /** The source documents' named caches. */
    public static final CacheSettings LOCATIONS = of("locations", Duration.ofMinutes(5));

    public static final CacheSettings SERVERS = of("servers", Duration.ofMinutes(5));
    public static final CacheSettings USER = of("user", Duration.ofMinutes(10)).withSealed(true);
    public static final CacheSettings SUBSCRIPTIONS =
            of("subscriptions", Duration.ofMinutes(2)).withSealed(true);

    public CacheSettings {
        if (!name.matches("[a-z0-9_-]{1,32}")) {
            throw new IllegalArgumentException("cache name '" + name + "' does not match [a-z0-9_-]{1,32}");
        }
        between(name, "ttl", ttl, Duration.ofMillis(1), LONGEST_TTL);
        between(name, "negative ttl", negativeTtl, Duration.ZERO, ttl);
        between(name, "grace", grace, Duration.ZERO, LONGEST_TTL);
        between(name, "within", within, Duration.ofMillis(1), LONGEST_WITHIN);
        between(name, "lease", lease, Duration.ofMillis(10), LONGEST_WITHIN);
        between(name, "without news", withoutNews, Duration.ZERO, LONGEST_TTL);
        if (localEntries < 1 || localBytes < 1_024) {
            throw new IllegalArgumentException("local entries " + localEntries + " and bytes " + localBytes
                    + " must be at least 1 and 1024, of cache " + name);
        }
    }

    /** A cache on both levels, with what usually does. */
    public static CacheSettings of(String name, Duration ttl) {
        return new CacheSettings(
                name,
                CacheFamily.CACHE,
                CacheMode.REDIS,
                ttl,
                least(DEFAULT_NEGATIVE_TTL, ttl),
                least(LONGEST_DEFAULT_GRACE, ttl),
                DEFAULT_WITHIN,
                DEFAULT_LEASE,
                DEFAULT_WITHOUT_NEWS,
                DEFAULT_LOCAL_ENTRIES,
                DEFAULT_LOCAL_BYTES,
                false);
    }

    public CacheSettings withFamily(CacheFamily other) {
        return with(draft -> draft.family = other);
    }

    public CacheSettings withMode(CacheMode other) {
        return with(draft -> draft.mode = other);
    }

    public CacheSettings withNegativeTtl(Duration other) {
        return with(draft -> draft.negativeTtl = other);
    }

    public CacheSettings withGrace(Duration other) {
        return with(draft -> draft.grace = other);
    }

    public CacheSettings withWithin(Duration other) {
        return with(draft -> draft.within = other);
    }

    public CacheSettings withLease(Duration other) {
        return with(draft -> draft.lease = other);
    }

    public CacheSettings withWithoutNews(Duration other) {
        return with(draft -> draft.withoutNews = other);
    }

    public CacheSettings withLocalBounds(int entries, long bytes) {
        return with(draft -> {
            draft.localEntries = entries;
            draft.localBytes = bytes;
        });
    }

    public CacheSettings withSealed(boolean other) {
        return with(draft -> draft.sealed = other);
    }

    private CacheSettings with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.settings();
    }

    /** All but name and ttl, while they are changed. */
    private static final class Draft {
        private final CacheSettings from;
        CacheFamily family;
        CacheMode mode;
        Duration negativeTtl;
        Duration grace;
        Duration within;
        Duration lease;
        Duration withoutNews;
        int localEntries;
        long localBytes;
        boolean sealed;

        Draft(CacheSettings from) {
            this.from = from;
            family = from.family;
            mode = from.mode;
            negativeTtl = from.negativeTtl;
            grace = from.grace;
            within = from.within;
            lease = from.lease;
            withoutNews = from.withoutNews;
            localEntries = from.localEntries;
            localBytes = from.localBytes;
            sealed = from.sealed;
        }

        CacheSettings settings() {
            return new CacheSettings(
                    from.name,
                    family,
                    mode,
                    from.ttl,
                    negativeTtl,
                    grace,
                    within,
                    lease,
                    withoutNews,
                    localEntries,
                    localBytes,
                    sealed);
        }
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static void between(String name, String what, Duration value, Duration from, Duration to) {
        if (value.compareTo(from) < 0 || value.compareTo(to) > 0) {
            throw new IllegalArgumentException(
                    what + " " + value + " must be from " + from + " to " + to + ", of cache " + name);
        }
    }
}
