package dev.sluice.bundle;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/**
 * How many bundles are set aside, of all bots that somebody brought messages of or asked for bundles of in this process. Asked for at most
 * every {@link #FRESH}, since each bot is asked for. Thread-safe.
 */
final class AsideCount {
    static final Duration FRESH = Duration.ofSeconds(5);

    /** More would keep whoever asks for longer than they wait. */
    static final int MOST_BOTS = 1_000;

    private final ToLongFunction<BotId> store;
    private final Set<BotId> bots = ConcurrentHashMap.newKeySet();
    private Optional<Long> last = Optional.empty();
    private long askedNanos;
    private volatile boolean changed;

    /** @param store says how many of a bot are set aside */
    AsideCount(ToLongFunction<BotId> store) {
        this.store = store;
    }

    /** There is such a bot; beyond {@link #MOST_BOTS} none is counted that was not known. */
    void saw(BotId bot) {
        if (!bots.contains(bot) && bots.size() < MOST_BOTS) {
            bots.add(bot);
        }
    }

    /**
     * As it was within the last seconds.
     *
     * @throws RedisUnavailableException if Redis does not answer
     */
    synchronized long now() {
        if (last.isEmpty() || changed || System.nanoTime() - askedNanos > FRESH.toNanos()) {
            changed = false;
            last = Optional.empty();
            last = Optional.of(bots.stream().mapToLong(store).sum());
            askedNanos = System.nanoTime();
        }
        return last.get();
    }

    /** Somebody changed it here: whoever asks next is told of it. Waits for nobody. */
    void changed() {
        changed = true;
    }
}
