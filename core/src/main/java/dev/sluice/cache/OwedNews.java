package dev.sluice.cache;

import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that this process has forgotten and Redis could not be told of: told as soon as it can be, and before it is asked for any of
 * them. To forget twice does no harm, so what may have been told is told again. A process that ends before leaves others with what
 * they have until it ends by itself. Thread-safe.
 */
final class OwedNews implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OwedNews.class);

    /** A minute of 150 invalidations a second, at about 100 bytes each. */
    static final int MOST = 10_000;

    private static final long BETWEEN_TRIES_MILLIS = 200;

    private final String cache;
    private final Consumer<CacheKey> forget;

    /** By which invalidation they are owed: what one was told does not tell of the next, which came while it was told. */
    private final Map<CacheKey, Long> keys = new ConcurrentHashMap<>();

    private final AtomicLong invalidations = new AtomicLong();
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean telling;
    private boolean full;

    /** @param forget throws {@link RedisUnavailableException} if Redis is not told */
    OwedNews(String cache, Consumer<CacheKey> forget) {
        this.cache = cache;
        this.forget = forget;
    }

    void add(CacheKey key) {
        synchronized (this) {
            if (keys.size() >= MOST && !keys.containsKey(key)) {
                if (!full) {
                    full = true;
                    log.warn(
                            "cache {}: too much is invalidated while Redis is away, others are told of the first {} keys only",
                            cache,
                            MOST);
                }
                return;
            }
            keys.put(key, invalidations.incrementAndGet());
            if (!telling) {
                telling = true;
                Thread.ofVirtual().name("sluice-cache-owed").start(this::tellAll);
            }
        }
    }

    /** Tells of this one if it is owed, and throws if that fails. */
    void settle(CacheKey key) {
        if (!keys.isEmpty() && keys.containsKey(key)) {
            tell(key);
        }
    }

    /** What {@link #told} is to be given, taken before Redis is told. */
    long mark(CacheKey key) {
        return keys.getOrDefault(key, 0L);
    }

    /** It was told otherwise. */
    void told(CacheKey key, long mark) {
        keys.remove(key, mark);
    }

    int size() {
        return keys.size();
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void tell(CacheKey key) {
        long mark = mark(key);
        forget.accept(key);
        told(key, mark);
    }

    private void tellAll() {
        try {
            while (!closed.await(BETWEEN_TRIES_MILLIS, TimeUnit.MILLISECONDS)) {
                tryAll();
                synchronized (this) {
                    if (keys.isEmpty()) {
                        telling = false;
                        full = false;
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tryAll() {
        try {
            for (CacheKey key : keys.keySet()) {
                tell(key);
            }
        } catch (RedisUnavailableException | RedisScriptException e) {
            // Later, then.
        }
    }
}
