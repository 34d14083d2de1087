package dev.sluice.cache;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.KeyWatch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process hears of values that others change, and whether it hears anything: says which copies may be relied on.
 * Thread-safe.
 *
 * <p>While the link stands, copies hold. When it is lost, Redis is asked about each value; only if it cannot be asked, copies
 * count for as long as {@link CacheSettings#withoutNews}. When it is made anew all copies are forgotten before any counts again,
 * since what happened meanwhile nobody tells.
 */
final class CacheNews implements KeyWatch.Watcher {
    /** A value was written or forgotten: what is older does not count any more. */
    static final String CHANGED = "changed";

    /** A load has ended, so that who waits for it looks. */
    static final String FILLED = "filled";

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Logger log = LoggerFactory.getLogger(CacheNews.class);

    private final KeySpace keys;
    private final LongSupplier nanoClock;
    private final Epochs epochs = new Epochs();
    private final Map<String, ReadThroughCache<?>> caches = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> firstAttached = new CompletableFuture<>();
    private volatile State state;
    private boolean closed;

    /**
     * @param live whether the link stands
     * @param tracked whether it also tells of keys that expire, are evicted or removed by hand
     * @param since when that was found, in nanoseconds
     */
    record State(boolean live, boolean tracked, long since) {}

    CacheNews(KeySpace keys, LongSupplier nanoClock) {
        this.keys = keys;
        this.nanoClock = nanoClock;
        this.state = new State(false, false, nanoClock.getAsLong());
    }

    /** Where nobody else changes anything. */
    static CacheNews ofOneProcess(LongSupplier nanoClock) {
        var news = new CacheNews(KeySpace.DEFAULT, nanoClock);
        news.state = new State(true, true, nanoClock.getAsLong());
        return news;
    }

    static String channel(KeySpace keys) {
        return keys.prefix() + "cache_news";
    }

    /** Which keys are watched. */
    static List<String> prefixes(KeySpace keys) {
        return Arrays.stream(CacheFamily.values())
                .map(family -> keys.prefix() + family.word() + ":")
                .toList();
    }

    /** @throws IllegalArgumentException if there is one of that name already */
    void add(ReadThroughCache<?> cache) {
        String name = cache.settings().name();
        if (caches.putIfAbsent(name, cache) != null) {
            throw new IllegalArgumentException("there is a cache named '" + name + "' already");
        }
    }

    State state() {
        return state;
    }

    /** Completes once the link stands for the first time. */
    CompletableFuture<Void> firstAttached() {
        return firstAttached;
    }

    Epochs epochs() {
        return epochs;
    }

    /** Nothing is heard from here on, whoever still tells. */
    synchronized void close() {
        closed = true;
        state = new State(false, false, nanoClock.getAsLong());
    }

    @Override
    public synchronized void attached(boolean tracked) {
        if (closed) {
            return;
        }
        forgetAll();
        state = new State(true, tracked, nanoClock.getAsLong());
        firstAttached.complete(null);
        log.debug("changes of cached values are heard{}", tracked ? "" : ", by announcement only");
    }

    @Override
    public synchronized void detached() {
        state = new State(false, false, nanoClock.getAsLong());
        log.info(
                "changes of cached values are not heard just now: Redis is asked about each, and copies only count while it is away");
    }

    @Override
    public void flushed() {
        forgetAll();
    }

    @Override
    public void changed(String key) {
        int open = key.indexOf('{');
        int close = key.indexOf("}:", open + 1);
        if (key.startsWith(keys.prefix()) && open > 0 && close > open) {
            tell(CHANGED, key.substring(close + 2), key.substring(open + 1, close));
        }
    }

    @Override
    public void heard(String message) {
        String[] words = message.split(" ", -1);
        if (words.length == 3) {
            tell(words[0], words[1], words[2]);
        }
    }

    private void tell(String what, String name, String key) {
        ReadThroughCache<?> cache = caches.get(name);
        if (cache == null || !KEY.matcher(key).matches()) {
            return;
        }
        switch (what) {
            case CHANGED -> cache.changed(new CacheKey(key));
            case FILLED -> cache.filled(new CacheKey(key));
            default -> {
                // Of a later version.
            }
        }
    }

    private void forgetAll() {
        epochs.moveAllOn();
        caches.values().forEach(ReadThroughCache::changedAll);
    }
}
