package dev.sluice.outage;

import dev.sluice.bundle.Addition;
import dev.sluice.bundle.Bundles;
import dev.sluice.bundle.Conversation;
import dev.sluice.bundle.TalkMessage;
import dev.sluice.cache.Cache;
import dev.sluice.cache.CacheCodec;
import dev.sluice.cache.CacheKey;
import dev.sluice.cache.CacheSettings;
import dev.sluice.cache.Caches;
import dev.sluice.encryption.Sealer;
import dev.sluice.fsm.ConversationKey;
import dev.sluice.fsm.FsmStorage;
import dev.sluice.fsm.FsmWrite;
import dev.sluice.job.Jobs;
import dev.sluice.job.NewJob;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.lock.Leases;
import dev.sluice.lock.LockEvents;
import dev.sluice.lock.LockName;
import dev.sluice.lock.LockOwner;
import dev.sluice.lock.LostAnswer;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.session.SessionKey;
import dev.sluice.session.SessionWrite;
import dev.sluice.session.Sessions;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What bots keep between two messages: whether something new can be kept, and what was before is there. */
final class StateGuards {
    private static final BotId BOT = new BotId(4_000);
    private static final KeySpace KEYS = KeySpace.DEFAULT;

    /** Longer than a test and a jump of a clock. */
    private static final Duration KEEP = Duration.ofMinutes(10);

    /** Shortened by a tenth at random, which is less than a jump of a clock. */
    private static final Duration CACHED = Duration.ofSeconds(90);

    private StateGuards() {}

    /** Something that is kept under a number. */
    private interface Kept {
        void keep(int number) throws InterruptedException;

        boolean isKept(int number);
    }

    /** By the names of their rows, in order. */
    static Map<String, Guards.Guard> of(RedisStore store, GuardedRunner redis) {
        var guards = new LinkedHashMap<String, Guards.Guard>();
        guards.put("conversations", guard(conversations(redis)));
        guards.put("sessions", guard(sessions(redis)));
        guards.put("locks", guard(locks(store, redis)));
        guards.put("jobs", guard(jobs(redis)));
        return guards;
    }

    private static Guards.Guard guard(Kept kept) {
        return new Guards.Guard() {
            private int last = 1;

            @Override
            public void begin() throws InterruptedException {
                kept.keep(1);
            }

            @Override
            public String seen() throws InterruptedException {
                try {
                    kept.keep(++last);
                    return kept.isKept(1) ? "kept" : "lost";
                } catch (RedisUnavailableException e) {
                    return "503";
                }
            }
        };
    }

    private static Kept conversations(GuardedRunner redis) {
        var storage = FsmStorage.onRedis(redis, KEYS, KEEP, Sealer.NONE, StateEvents.NONE);
        return new Kept() {
            @Override
            public void keep(int number) {
                var unused = storage.write(ConversationKey.of(BOT, number, number), FsmWrite.NOTHING.toState("paying"));
            }

            @Override
            public boolean isKept(int number) {
                return storage.find(ConversationKey.of(BOT, number, number))
                        .state()
                        .isPresent();
            }
        };
    }

    private static Kept sessions(GuardedRunner redis) {
        var sessions = Sessions.onRedis(redis, KEYS, KEEP, Sealer.NONE, StateEvents.NONE);
        return new Kept() {
            @Override
            public void keep(int number) {
                var unused = sessions.write(
                        new SessionKey(BOT, number), SessionWrite.NOTHING.action(JsonValue.of("/start")));
            }

            @Override
            public boolean isKept(int number) {
                return !sessions.find(new SessionKey(BOT, number)).isEmpty();
            }
        };
    }

    private static Kept locks(RedisStore store, GuardedRunner redis) {
        var leases = Leases.onRedis(redis, redis, KEYS, store, LockEvents.NONE);
        var owner = new LockOwner("0123456789abcdef");
        return new Kept() {
            @Override
            public void keep(int number) throws InterruptedException {
                var unused = leases.acquire(
                        new LockName("lock " + number),
                        owner,
                        KEEP,
                        Duration.ZERO,
                        new CompletableFuture<>(),
                        LostAnswer.KEEP);
            }

            @Override
            public boolean isKept(int number) {
                return leases.renew(new LockName("lock " + number), owner, KEEP);
            }
        };
    }

    private static Kept jobs(GuardedRunner redis) {
        var jobs = Jobs.onRedis(redis, KEYS, KEEP);
        return new Kept() {
            @Override
            public void keep(int number) {
                var unused = jobs.start(NewJob.of("import").withId("import-" + number));
            }

            @Override
            public boolean isKept(int number) {
                return jobs.find("import-" + number).isPresent();
            }
        };
    }

    /** Loads through one process' cache what is before, and through another's, which has no copy of that, what comes then. */
    static Guards.Repeatable caches(RedisStore store, GuardedRunner redis) {
        List<Cache<String>> processes = List.of(cache(store, redis), cache(store, redis));
        var asked = new AtomicInteger();
        return name -> {
            var loaded = new AtomicBoolean();
            processes.get(Math.min(asked.getAndIncrement(), 1)).get(CacheKey.ofTexts(name), () -> {
                loaded.set(true);
                return Optional.of("value");
            });
            return loaded.get();
        };
    }

    private static Cache<String> cache(RedisStore store, GuardedRunner redis) {
        return Caches.onRedis(redis, store, KEYS, Sealer.NONE)
                .open(CacheSettings.of("outage", CACHED), CacheCodec.TEXT);
    }

    /** Takes messages, each of somebody else. */
    static Bundles bundles(RedisStore store, GuardedRunner redis, OnStoreFailure policy) {
        return Bundles.onRedis(redis, redis, KEYS, store).onStoreFailure(policy).build();
    }

    /** @return whether it was taken as one that had not come before */
    static boolean isTaken(Bundles bundles, int bot, String name) {
        // Beyond the names of tests no two are alike.
        long user = 1 + (name.hashCode() & 0xFFFF_FFFFL);
        var conversation = Conversation.of(new BotId(bot), user);
        return bundles.add(conversation, TalkMessage.of(1, Instant.ofEpochSecond(1_800_000_000), "words"))
                instanceof Addition.Added;
    }
}
