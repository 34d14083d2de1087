package dev.sluice.privacy;

import dev.sluice.SteadyClock;
import dev.sluice.privacy.PersonalDataRegistry.Report;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Levels of users, and all that is kept of them: what operators and bots ask. Thread-safe; blocks its (virtual) thread.
 *
 * <p>Parts ask {@link #levels} before they write a text, and are told of here ({@link #data}) so that they can be made to forget.
 */
public final class Privacy implements AutoCloseable {
    /** Purges are due seconds after the change; one more is nothing. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(Privacy.class);

    private final StoredLevels levels;
    private final PersonalDataRegistry data = new PersonalDataRegistry();
    private final CountDownLatch closed = new CountDownLatch(1);

    Privacy(StoredLevels levels) {
        this.levels = levels;
    }

    /** Of one process, until it ends: at most 1,000,000 users with {@code none}. */
    public static Privacy inMemory() {
        return started(new InMemoryPrivacyLevels(InMemoryPrivacyLevels.MOST, SteadyClock.micros()));
    }

    /** Shared by all processes on one Redis: as {@link PrivacyLevels#onRedis}. */
    public static Privacy onRedis(ScriptRunner redis, KeySpace keys) {
        return started(RedisPrivacyLevels.start(redis, keys));
    }

    private static Privacy started(StoredLevels levels) {
        var privacy = new Privacy(levels);
        Thread.ofVirtual().name("privacy-purges").start(privacy::purgeUntilClosed);
        return privacy;
    }

    /** What parts ask. */
    public PrivacyLevels levels() {
        return levels;
    }

    /** Which parts forget: each is to be added when it is opened. */
    public PersonalDataRegistry data() {
        return data;
    }

    /** @throws RedisUnavailableException if nobody can tell just now */
    public PrivacyLevel level(long user) {
        return levels.find(user);
    }

    /**
     * Sets a user's level. When it is {@link PrivacyLevel#NONE}, their texts are purged before this returns, and again 15 s and 90 s
     * later by whichever replica lives: what others had begun to write by the old level is gone by then. Those purges are owed from the same
     * step that sets the level, so that they happen although this process is killed. To set the same level again purges again.
     *
     * @return what was purged; nothing for {@link PrivacyLevel#FULL}
     * @throws RedisUnavailableException if the store does not answer: then it may have been set, and a purge is owed if so
     */
    public Report set(long user, PrivacyLevel level) {
        levels.set(user, level);
        return level == PrivacyLevel.NONE ? data.forgetText(user) : Report.NOTHING;
    }

    /**
     * Removes all that is kept of a user, everywhere, but for their level: they asked for less to be kept, not for more. What they write
     * meanwhile or later is new.
     */
    public Report forget(long user) {
        return data.forget(user);
    }

    /** Purges no more, and lets go of the levels. */
    @Override
    public void close() {
        closed.countDown();
        levels.close();
    }

    /** Does the purges that are due. */
    void purgeDue() {
        if (!levels.purgesDue()) {
            return;
        }
        for (StoredLevels.Owed owed : levels.takePurges()) {
            if (levels.find(owed.user()) == PrivacyLevel.FULL
                    || data.forgetText(owed.user()).isComplete()) {
                levels.purged(owed);
            }
        }
    }

    private void purgeUntilClosed() {
        try {
            while (!closed.await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    purgeDue();
                } catch (RedisUnavailableException | RedisScriptException e) {
                    // It stays owed.
                } catch (RuntimeException e) {
                    // A defect; it must not end the purging.
                    log.error("owed purges failed", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
