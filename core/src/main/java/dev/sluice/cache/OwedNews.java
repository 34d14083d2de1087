package dev.sluice.cache;

import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    private static final int MOST = 10_000;

    private static final long BETWEEN_TRIES_MILLIS = 200;

    private final String cache;
    private final Consumer<CacheKey> forget;
    private final Set<CacheKey> keys = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean telling;

    /** @param forget throws {@link RedisUnavailableException} if Redis is not told */
    OwedNews(String cache, Consumer<CacheKey> forget) {
        this.cache = cache;
        this.forget = forget;
    }

    void add(CacheKey key) {
        if (keys.size() >= MOST && !keys.contains(key)) {
            log.warn(
                    "cache {}: other replicas are not told of all that was invalidated, since too much was while Redis is away",
                    cache);
            return;
        }
        keys.add(key);
        synchronized (this) {
            if (!telling) {
                telling = true;
                Thread.ofVirtual().name("sluice-cache-owed").start(this::tellAll);
            }
        }
    }

    /** Tells of this one if it is owed, and throws if that fails. */
    void settle(CacheKey key) {
        if (!keys.isEmpty() && keys.contains(key)) {
            tell(key);
        }
    }

    /** It was told otherwise. */
    void told(CacheKey key) {
        keys.remove(key);
    }

    int size() {
        return keys.size();
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void tell(CacheKey key) {
        forget.accept(key);
        keys.remove(key);
    }

    private void tellAll() {
        try {
            while (!closed.await(BETWEEN_TRIES_MILLIS, TimeUnit.MILLISECONDS)) {
                tryAll();
                synchronized (this) {
                    if (keys.isEmpty()) {
                        telling = false;
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
            for (CacheKey key : keys) {
                tell(key);
            }
        } catch (RedisUnavailableException | RedisScriptException e) {
            // Later, then.
        }
    }
}
