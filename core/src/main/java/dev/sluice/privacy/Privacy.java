package dev.sluice.privacy;

import dev.sluice.SteadyClock;
import dev.sluice.privacy.PersonalDataRegistry.Report;
import dev.sluice.privacy.StoredLevels.Owed;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.MendListener;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.Optional;
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

    /** Of the keys. */
    static final String FAMILY = "privacy";

    private static final Duration RENEW_EACH = StoredLevels.PURGE_LEASE.dividedBy(3);

    private static final Logger log = LoggerFactory.getLogger(Privacy.class);

    private final StoredLevels levels;
    private final PersonalDataRegistry data;
    private final Duration renewEach;
    private final CountDownLatch closed = new CountDownLatch(1);

    Privacy(StoredLevels levels, PersonalDataRegistry data) {
        this(levels, data, RENEW_EACH);
    }

    /** @param renewEach how often the lease of a purge is renewed */
    Privacy(StoredLevels levels, PersonalDataRegistry data, Duration renewEach) {
        this.levels = levels;
        this.data = data;
        this.renewEach = renewEach;
    }

    /** Of one process, until it ends: at most 1,000,000 users with {@code none}. */
    public static Privacy inMemory() {
        return started(
                new InMemoryPrivacyLevels(InMemoryPrivacyLevels.MOST, SteadyClock.micros()),
                new PersonalDataRegistry());
    }

    /** Shared by all processes on one Redis: as {@link PrivacyLevels#onRedis}. */
    public static Privacy onRedis(ScriptRunner redis, KeySpace keys) {
        return onRedis(redis, keys, MendListener.NONE);
    }

    /**
     * The same.
     *
     * @param mending hears what another program had written into its keys
     */
    public static Privacy onRedis(ScriptRunner redis, KeySpace keys, MendListener mending) {
        var data = new PersonalDataRegistry();
        return started(RedisPrivacyLevels.start(redis, keys, data, mending), data);
    }

    private static Privacy started(StoredLevels levels, PersonalDataRegistry data) {
        var privacy = new Privacy(levels, data);
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
        return level == PrivacyLevel.NONE ? purge(user) : Report.NOTHING;
    }

    /**
     * Removes all that is kept of a user, everywhere, but for their level: they asked for less to be kept, not for more. What they write
     * meanwhile may stay. Other processes remove what they have in their memory within a second, or when they reach the store again and
     * before they rely on a level again: all that came before they heard of it. It is owed from the step that tells them, so that another process
     * does it within a minute if this one is killed, with what the user has written until then. What fails is not tried again: to forget once
     * more is safe, and the caller's to decide, since it takes with it what is new.
     *
     * @return what was removed here and in stores; {@code privacy} has failed if the others could not be told, or too much is owed already
     */
    public Report forget(long user) {
        // Before, or what they have in memory could get into a store behind the removal.
        Optional<Owed> owed = begun(user);
        if (owed.isEmpty()) {
            Report report = data.forget(user);
            told(user);
            return report.withFailed(FAMILY);
        }
        return done(owed.get());
    }

    private Optional<Owed> begun(long user) {
        try {
            return levels.tellToForget(user);
        } catch (RedisUnavailableException | RedisScriptException e) {
            warnUntold(e);
            return Optional.empty();
        }
    }

    private Report purge(long user) {
        return withCopiesTold(user, data.forgetText(user));
    }

    /** After it, or others could go on with copies that they have made meanwhile. */
    private Report withCopiesTold(long user, Report report) {
        return told(user) ? report : report.withFailed(FAMILY);
    }

    private boolean told(long user) {
        try {
            levels.tellToForgetCopies(user);
            return true;
        } catch (RedisUnavailableException | RedisScriptException e) {
            warnUntold(e);
            return false;
        }
    }

    private static void warnUntold(RuntimeException failure) {
        log.warn(
                "other processes could not be told to forget a user: {}",
                failure.getClass().getSimpleName());
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
        // Each at most once: what fails is due again after its lease.
        Optional<Owed> owed = levels.takePurge();
        while (owed.isPresent()) {
            done(owed.get());
            owed = closed.getCount() > 0 ? levels.takePurge() : Optional.empty();
        }
    }

    /** However long it takes: where there are millions of keys, that is longer than a lease. */
    private Report done(Owed owed) {
        var held = new HeldPurge(levels, owed, renewEach);
        Report report;
        try (held) {
            report = tried(owed.which(), owed.user());
        }
        if (owed.which().isForgetting() || report.isComplete()) {
            try {
                levels.purged(held.purge());
            } catch (RedisUnavailableException | RedisScriptException e) {
                // It is owed once more: to do it twice does no harm.
            }
        }
        return report;
    }

    private Report tried(Debt which, long user) {
        if (which.isForgetting()) {
            return withCopiesTold(user, data.forget(user));
        }
        return levels.find(user) == PrivacyLevel.NONE ? purge(user) : Report.NOTHING;
    }

    private void purgeUntilClosed() {
        try {
            while (!closed.await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    purgeDue();
                } catch (RedisUnavailableException | RedisScriptException e) {
                    // It stays owed.
                } catch (RuntimeException | Error e) {
                    // A defect, or no memory was left; it must not end the purging.
                    log.error("owed purges failed", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
