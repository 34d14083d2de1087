package dev.sluice.privacy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.MendListener;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A sorted set in Redis and a copy of it here: see the package. */
final class RedisPrivacyLevels implements StoredLevels {
    /** How long a copy counts from when it was asked for. */
    static final Duration COPY_COUNTS = Duration.ofSeconds(1);

    /** A copy must survive that a look or two come late. */
    private static final Duration EVERY = Duration.ofMillis(250);

    /**
     * When texts are purged again. After a second nobody decides by the old level, and what was under way then has ended by its deadline: that
     * is the first. Endings that could not be written down while a part of Redis was away are tried for a minute: that is the last.
     */
    static final List<Duration> PURGES = List.of(Duration.ofSeconds(15), Duration.ofSeconds(90));

    /** About 1 GB in Redis. */
    private static final int MOST = 10_000_000;

    private static final int RESTORED_AT_ONCE = 500;

    /** Setting may take longer than looking up. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Script SET = script("set");
    private static final Script FIND = script("find");
    private static final Script FORGET = script("forget");
    private static final Script FORGET_COPIES = script("forget-copies");
    private static final Script FORGETTINGS = script("forgettings");
    private static final Script CHANGES = script("changes");
    private static final Script RESTORE = script("restore");
    private static final Script OWED = script("owed");
    private static final Script RENEW = script("renew");
    private static final Script PURGED = script("purged");
    private static final Script MEND = script("mend");

    private static final Logger log = LoggerFactory.getLogger(RedisPrivacyLevels.class);

    private final ScriptRunner redis;
    private final List<String> keys;
    private final int page;
    private final int mostOwed;
    private final LongSupplier nanoClock;
    private final MendListener mending;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ReentrantLock changing = new ReentrantLock();
    private volatile boolean purgesDue;

    /** Guarded by {@link #changing}, but for its view. */
    private final LevelCopies copies;

    /** Guarded likewise, but for whether it is behind. */
    private final FollowedForgettings forgettings;

    /** @param parts whose memory follows what other processes forget */
    RedisPrivacyLevels(
            ScriptRunner redis,
            KeySpace space,
            int mostHeld,
            int page,
            LongSupplier nanoClock,
            PersonalDataRegistry parts,
            MendListener mending) {
        this(redis, space, mostHeld, page, MOST_OWED, nanoClock, parts, mending);
    }

    /** @param mostOwed how many forgettings */
    RedisPrivacyLevels(
            ScriptRunner redis,
            KeySpace space,
            int mostHeld,
            int page,
            int mostOwed,
            LongSupplier nanoClock,
            PersonalDataRegistry parts,
            MendListener mending) {
        this.redis = redis;
        this.keys = Stream.of("none", "full", "state", "owed", "forgotten", "forgetting")
                .map(part -> space.key(Privacy.FAMILY, "all", part))
                .toList();
        this.copies = new LevelCopies(mostHeld, page);
        this.forgettings = new FollowedForgettings(parts, page, nanoClock);
        this.page = page;
        this.mostOwed = mostOwed;
        this.nanoClock = nanoClock;
        this.mending = mending;
    }

    static RedisPrivacyLevels start(
            ScriptRunner redis, KeySpace keys, PersonalDataRegistry parts, MendListener mending) {
        var levels = new RedisPrivacyLevels(
                redis, keys, LevelCopies.MOST_HELD, LevelCopies.PAGE, System::nanoTime, parts, mending);
        Thread.ofVirtual().name("privacy-levels").start(levels::lookUntilClosed);
        return levels;
    }

    static long micros(Duration duration) {
        return TimeUnit.MICROSECONDS.convert(duration);
    }

    @Override
    public PrivacyLevel find(long user) {
        PrivacyLevels.requireUser(user);
        Optional<LevelCopies.View> held =
                copies.view().filter(view -> nanoClock.getAsLong() - view.asked() <= COPY_COUNTS.toNanos());
        boolean isNone = held.isPresent() ? held.get().none().contains(user) : isNoneInRedis(user);
        return isNone ? PrivacyLevel.NONE : PrivacyLevel.FULL;
    }

    /** Whoever is told a level goes on with what is in memory, so what was to be forgotten of it is forgotten first. */
    private boolean isNoneInRedis(long user) {
        ScriptReply reply = run(FIND, Optional.empty(), user);
        // Whoever is forgetting just now must not wait for itself.
        if (forgettings.isBehind(reply.number(1)) && !changing.isHeldByCurrentThread()) {
            look();
        }
        return reply.number(0) == 1;
    }

    @Override
    public boolean set(long user, PrivacyLevel level) {
        PrivacyLevels.requireUser(user);
        awaitTurn();
        try {
            ScriptReply reply = run(SET, Optional.of(PATIENCE), settings(user, level));
            if (reply.number(0) < 0) {
                throw new TooManyLevelsException(MOST);
            }
            copies.set(user, level);
            if (level == PrivacyLevel.NONE) {
                forgettings.ownIs(reply.number(1));
            }
            return reply.number(0) == 1;
        } finally {
            changing.unlock();
        }
    }

    @Override
    public Optional<Owed> tellToForget(long user) {
        PrivacyLevels.requireUser(user);
        long lease = told(FORGET, user, micros(PURGE_LEASE), mostOwed).number(1);
        return lease == 0 ? Optional.empty() : Optional.of(new Owed(Debt.FORGETTING, user, lease));
    }

    @Override
    public void tellToForgetCopies(long user) {
        PrivacyLevels.requireUser(user);
        told(FORGET_COPIES, user);
    }

    private ScriptReply told(Script script, Object... args) {
        awaitTurn();
        try {
            ScriptReply reply = run(script, Optional.of(PATIENCE), args);
            forgettings.ownIs(reply.number(0));
            return reply;
        } finally {
            changing.unlock();
        }
    }

    @Override
    public boolean purgesDue() {
        return purgesDue;
    }

    @Override
    public Optional<Owed> takePurge() {
        ScriptReply reply = run(OWED, Optional.empty(), micros(PURGE_LEASE));
        noteMended("debt", reply.number(0));
        return reply.size() == 1
                ? Optional.empty()
                : Optional.of(new Owed(new Debt(reply.text(1)), reply.number(2), reply.number(3)));
    }

    @Override
    public Optional<Owed> renew(Owed taken) {
        long till = run(RENEW, Optional.of(PATIENCE), name(taken), taken.lease(), micros(PURGE_LEASE))
                .number(0);
        return till == 0 ? Optional.empty() : Optional.of(new Owed(taken.which(), taken.user(), till));
    }

    @Override
    public void purged(Owed done) {
        run(PURGED, Optional.of(PATIENCE), name(done), done.lease());
    }

    private static String name(Owed purge) {
        return purge.which().name() + ":" + purge.user();
    }

    @Override
    public void close() {
        closed.countDown();
    }

    /**
     * Asks what has changed, and forgets in memory what others were asked to forget before it relies on what it was told.
     *
     * @throws RedisUnavailableException if Redis does not answer
     */
    void look() {
        awaitTurn();
        try {
            Set<Long> lost = copies.update(this::changesSince, nanoClock);
            if (!lost.isEmpty()) {
                restore(List.copyOf(lost));
                copies.restored(lost);
                copies.update(this::changesSince, nanoClock);
            }
        } finally {
            changing.unlock();
        }
    }

    /** Who has it may have much to forget: after a long time away, or since a part of a program's own takes its time. */
    private void awaitTurn() {
        try {
            if (!changing.tryLock(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new RedisUnavailableException(
                        Reason.OVERLOADED,
                        "what others were asked to forget is still being forgotten here",
                        false,
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisUnavailableException(Reason.INTERRUPTED, "interrupted before its turn", false, e);
        }
    }

    private ScriptReply changesSince(long number) {
        ScriptReply reply = run(CHANGES, Optional.empty(), number, page);
        noteMended("level", reply.number(6));
        purgesDue = reply.number(3) > 0;
        forgettings.follow(reply, after -> {
            ScriptReply told = run(FORGETTINGS, Optional.empty(), after, page);
            noteMended("forgetting", told.number(1));
            return told;
        });
        return reply;
    }

    /** Redis goes on, whatever another program wrote in place of its keys. */
    private ScriptReply run(Script script, Optional<Duration> patience, Object... values) {
        try {
            return redis.run(script, keys, args(values), patience);
        } catch (RedisScriptException e) {
            long mended = redis.run(MEND, keys, List.of(), PATIENCE).number(0);
            if (mended == 0) {
                throw e;
            }
            noteMended("key", mended);
            return redis.run(script, keys, args(values), patience);
        }
    }

    private void noteMended(String what, long count) {
        if (count > 0) {
            log.atWarn()
                    .addKeyValue("what", what)
                    .addKeyValue("count", count)
                    .log(
                            "what another program wrote into the keys of privacy cannot be read and is gone; all else goes on");
            mending.mended(Privacy.FAMILY, what, count);
        }
    }

    private void restore(List<Long> users) {
        long restored = 0;
        for (int from = 0; from < users.size(); from += RESTORED_AT_ONCE) {
            List<Long> some = users.subList(from, Math.min(users.size(), from + RESTORED_AT_ONCE));
            Object[] args = Stream.concat(Stream.of(MOST), some.stream()).toArray();
            restored += run(RESTORE, Optional.of(PATIENCE), args).number(0);
        }
        log.warn(
                "Redis has lost the privacy level of users: {} of {} known here were restored", restored, users.size());
    }

    private void lookUntilClosed() {
        try {
            do {
                try {
                    look();
                } catch (RedisUnavailableException e) {
                    // What is known counts for a second; that Redis is away is told elsewhere.
                } catch (RuntimeException | Error e) {
                    // A defect, or no memory was left; it must not end the looking.
                    log.error("privacy levels could not be read", e);
                }
            } while (!closed.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Object[] settings(long user, PrivacyLevel level) {
        return Stream.concat(
                        Stream.of(user, level.word(), MOST), PURGES.stream().map(RedisPrivacyLevels::micros))
                .toArray();
    }

    private static List<byte[]> args(Object... values) {
        return Stream.of(values)
                .map(value -> value.toString().getBytes(US_ASCII))
                .toList();
    }

    private static Script script(String name) {
        return Script.of(
                "privacy/" + name,
                new Script.Part(RedisPrivacyLevels.class, "levels.lua"),
                new Script.Part(RedisPrivacyLevels.class, name + ".lua"));
    }
}
