package dev.sluice.server.assembly;

import dev.sluice.SteadyClock;
import dev.sluice.broadcast.BroadcastSettings;
import dev.sluice.broadcast.BroadcastStore;
import dev.sluice.broadcast.Broadcasts;
import dev.sluice.budget.Budgets;
import dev.sluice.bundle.Bundles;
import dev.sluice.bundle.BundlesBuilder;
import dev.sluice.delivery.Deliveries;
import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.DeliverySettings;
import dev.sluice.delivery.KeyedQueueing;
import dev.sluice.encryption.KeptKey;
import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.history.Histories;
import dev.sluice.history.HistoriesBuilder;
import dev.sluice.keys.KeySurvey;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.limit.Waiter;
import dev.sluice.namedlimit.NamedLimits;
import dev.sluice.privacy.Privacy;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import dev.sluice.redis.Breaker;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisConfigurationException;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisWatch;
import dev.sluice.redis.ReplicaBarrier;
import dev.sluice.redis.ReplicaRegistry;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.server.bots.BotRules;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.bots.TokenCheck;
import dev.sluice.server.gateway.PrivateAnswers;
import dev.sluice.server.gateway.QuotedUsers;
import dev.sluice.server.health.Part;
import dev.sluice.server.health.PartHealth;
import dev.sluice.server.health.PartHealth.Status;
import dev.sluice.server.health.RedisPart;
import dev.sluice.server.metrics.RedisMetrics;
import dev.sluice.server.settings.StoreFailureSettings;
import dev.sluice.server.worker.LateMessages;
import dev.sluice.telegram.BotId;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What remembers: limits, claims, and the delivery that is built on them; registered bots. Closing closes all of it.
 *
 * @param delivery what the gateway sends through
 * @param keyed lets what is queued be queued once under its key
 * @param queue what waits, charged to the same limits
 * @param broadcasts what is fed into it, in the same store
 * @param budgets makes the budgets of users in the same store
 * @param work what does other work once, in the same store
 * @param coordinating makes locks and the registry of jobs in the same store
 * @param userState makes what bots keep of their users in the same store
 * @param namedLimits makes the named limits in the same store
 * @param caching makes caches in the same store
 * @param histories makes what keeps what was said last, in the same store
 * @param bundles makes what joins bursts of messages, in the same store
 * @param limiter decides by the same limits as delivery and queue, while the store can be asked
 * @param process this process' id, where processes wait in line
 * @param lateMessages tells the limits of queued messages that are written late
 * @param shared whether it is there for other processes, too
 * @param durable whether what was just queued for a bot outlives this process and its store's next crash; may wait
 * @param privacy how much may be kept of users, in the same store
 * @param sealer encrypts what is queued, so that every process that takes it from there can read it
 * @param registry makes the registry of bots in the same store
 * @param part how the store is
 * @param regions how the others of several regions are
 * @param keys looks at the keys of the store; empty if it has none
 * @param store closed after the delivery
 */
record Backend(
        Deliveries.Closeable delivery,
        KeyedQueueing keyed,
        MessageQueue queue,
        BroadcastStore broadcasts,
        UserBudgets budgets,
        OtherWork work,
        Coordinating coordinating,
        UserState userState,
        Named namedLimits,
        Caching.Store caching,
        Supplier<HistoriesBuilder> histories,
        Supplier<BundlesBuilder> bundles,
        RateLimiter limiter,
        Waiter process,
        LateMessages lateMessages,
        boolean shared,
        Predicate<BotId> durable,
        Privacy privacy,
        Sealer sealer,
        Registry registry,
        Part part,
        Optional<Part> regions,
        Optional<KeySurvey> keys,
        Runnable store)
        implements AutoCloseable {

    /** Longer than a Redis that syncs its log every second holds anything back. */
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(5, TimeUnit.SECONDS, Thread::startVirtualThread);

    /** Makes the registry of bots, for which Telegram must be within reach. */
    @FunctionalInterface
    interface Registry {
        Bots open(TokenCheck telegram, Function<BotId, BotRules> settings);
    }

    /** Makes the budgets of users, who tell the listener when they go on without the store. */
    @FunctionalInterface
    interface UserBudgets {
        Budgets open(OutageListener listener);
    }

    /** Makes the named limits, which tell the listener when they go on without the store. */
    @FunctionalInterface
    interface Named {
        NamedLimits open(OutageListener listener);
    }

    /** How many replicas must have what is queued, and how long that is waited for. */
    record Replication(int replicas, Duration timeout) {
        ReplicaBarrier barrier(RedisSettings redis, RedisEvents events) {
            return ReplicaBarrier.connect(redis, events, replicas, timeout);
        }
    }

    /** For one process, until it ends. */
    static Backend inMemory(DeliverySettings settings, QueueSettings queued, KeyRing ring, DeliveryEvents events) {
        // The wall's time, at the monotonic clock's pace: it tells when, and never goes back.
        LongSupplier microClock = SteadyClock.micros();
        var limiter = RateLimiters.inMemory(microClock);
        var health = PartHealth.of("store", Status.OK, "memory")
                .survivingRestart(false)
                .with("replicas", 1);
        var privacy = Privacy.inMemory();
        var queue = MessageQueues.inMemory(microClock, limiter, settings.limits(), queued, new SecureRandom());
        privacy.data().add(queue.personalData());
        return new Backend(
                Deliveries.inMemory(settings, events, limiter, queue),
                KeyedQueueing.BY_THE_QUEUE,
                queue,
                Broadcasts.inMemory(queue, microClock, broadcasts(queued)),
                listener -> Budgets.inMemory(microClock),
                OtherWork.inMemory(microClock),
                Coordinating.inMemory(microClock),
                UserState.inMemory(microClock),
                listener -> NamedLimits.inMemory(microClock),
                Caching.Store.inMemory(),
                () -> Histories.inMemory().clock(microClock),
                Bundles::inMemory,
                limiter,
                Deliveries.newProcess(),
                lateMessages(limiter, settings.limits(), queue),
                false,
                bot -> false,
                privacy,
                ring,
                (telegram, rules) -> Bots.inMemory(ring, telegram, rules, InstantSource.system()),
                () -> health,
                Optional.empty(),
                Optional.empty(),
                privacy::close);
    }

    /**
     * Shared by all processes on one Redis.
     *
     * @param replicas that must have what is queued; empty if nobody asked for that
     * @param regions the others of several, closed by whoever opened them
     * @throws StartException if Redis is there and never will do: a wrong password, too old a version
     */
    static Backend onRedis(
            RedisSettings redis,
            DeliverySettings wanted,
            QueueSettings wantedOfQueue,
            Optional<Replication> replicas,
            KeyRing ring,
            StoreFailureSettings onFailure,
            DeliveryEvents events,
            RedisMetrics metrics,
            Optional<RegionLinks> regions) {
        RedisStore store;
        try {
            store = RedisStore.connect(redis, metrics);
        } catch (RedisConfigurationException e) {
            throw new StartException("REDIS_URL: " + e.getMessage(), e);
        }
        var guarded = new GuardedRunner(store, Breaker.Settings.DEFAULT, metrics);
        Optional<RegionWatch> lists;
        try {
            lists = regions.map(others -> others.watch(guarded));
        } catch (RuntimeException e) {
            guarded.close();
            store.close();
            throw e;
        }
        var privacy = Privacy.onRedis(guarded, KeySpace.DEFAULT, metrics);
        PrivacyLevels levels = privacy.levels();
        var settings = wanted.withKept(new PrivateAnswers(levels));
        var queued = wantedOfQueue.withLevels(levels).withMending(metrics);
        var registry = new ReplicaRegistry(guarded, KeySpace.DEFAULT, metrics, new SecureRandom());
        registry.start();
        var watch = new RedisWatch(guarded, KeySpace.DEFAULT, metrics, new SecureRandom());
        var failure = new Deliveries.StoreFailure(
                () -> registry.alive().count(),
                policy(onFailure.limits()),
                policy(onFailure.keyed()),
                policy(onFailure.unkeyed()),
                metrics,
                watch::tell);
        ScriptRunner settling = (script, keys, args) -> guarded.run(script, keys, args, redis.settleTimeout());
        // A claim whose reply is given up too early leaves its messages to their leases, and what was sent once at most
        // unknown.
        var queue = MessageQueues.onRedis(
                settling, settling, KeySpace.DEFAULT, settings.limits(), queued, new SecureRandom(), LATER, store);
        var process = new Waiter(registry.alive().self());
        Deliveries.Regional delivery = regions.map(others -> Deliveries.onRedisInRegion(
                        guarded,
                        settling,
                        KeySpace.DEFAULT,
                        settings,
                        events,
                        process,
                        failure,
                        ring,
                        others.regions().self(),
                        others.elsewhere()))
                .orElseGet(() -> new Deliveries.Regional(
                        Deliveries.onRedis(
                                guarded, settling, KeySpace.DEFAULT, settings, events, process, failure, ring),
                        KeyedQueueing.BY_THE_QUEUE));
        var kept = new KeptKey(guarded, KeySpace.DEFAULT, ring);
        Registry bots = (telegram, rules) ->
                Bots.onRedis(guarded, KeySpace.DEFAULT, ring, kept, telegram, rules, InstantSource.system());
        var part = new RedisPart(store, metrics::replicas, metrics::openBreakers, metrics::problem);
        var limiter = RateLimiters.onRedis(guarded, KeySpace.DEFAULT);
        var lateMessages = lateMessages(limiter, settings.limits(), queue);
        var broadcasts = Broadcasts.onRedis(settling, KeySpace.DEFAULT, queued.bound(), broadcasts(queued));
        // Other regions' Redis is watched by nobody: that it is gone is noticed by asking, and told of the region.
        UserBudgets budgets = listener -> regions.map(others -> Budgets.acrossRegions(others.deciding(guarded)
                        .map(runner -> runner == guarded
                                ? budgets(runner, onFailure, registry, regions, listener, watch::tell)
                                : budgets(runner, onFailure, registry, regions, OutageListener.NONE, guard -> {}))))
                .orElseGet(() -> budgets(guarded, onFailure, registry, regions, listener, watch::tell));
        Named namedLimits = listener -> NamedLimits.onRedisOr(
                guarded,
                KeySpace.DEFAULT,
                policy(onFailure.limits()),
                () -> registry.alive().count(),
                listener,
                watch::tell);
        watch.start();
        privacy.data()
                .addAll(List.of(
                        queue.personalData(),
                        Deliveries.keptAnswers(
                                settling, KeySpace.DEFAULT, ring, PrivateAnswers::textless, QuotedUsers::of)));
        var durability = StoreDurability.watch(store::info, replicas.map(asked -> asked.barrier(redis, metrics)));
        return new Backend(
                delivery.delivery(),
                delivery.queueing(),
                queue,
                broadcasts,
                budgets,
                regions.map(others -> OtherWork.acrossRegions(others.settling(settling)))
                        .orElseGet(() -> OtherWork.onRedis(settling)),
                Coordinating.onRedis(guarded, settling, store),
                UserState.onRedis(guarded, kept.sealer(), levels),
                namedLimits,
                Caching.Store.onRedis(guarded, store, kept.sealer()),
                () -> Histories.onRedis(guarded, KeySpace.DEFAULT).sealer(kept.sealer()),
                () -> Bundles.onRedis(guarded, settling, KeySpace.DEFAULT, store)
                        .sealer(kept.sealer())
                        .memoryOnly(said -> isNone(levels, said.user()) || isNone(levels, said.chat())),
                limiter,
                process,
                lateMessages,
                true,
                durability::keeps,
                privacy,
                kept.sealer(),
                bots,
                part,
                regions.flatMap(others -> lists.map(others::part)),
                Optional.of(new KeySurvey(guarded, KeySpace.DEFAULT)),
                () -> {
                    lists.ifPresent(RegionWatch::close);
                    durability.close();
                    privacy.close();
                    metrics.closing();
                    watch.close();
                    registry.close();
                    guarded.close();
                    store.close();
                });
    }

    /** Groups and channels, whose ids are below 0, have no level. */
    private static boolean isNone(PrivacyLevels levels, long id) {
        return id > 0 && levels.find(id) == PrivacyLevel.NONE;
    }

    /** As many processes share a user's budget as there may be in all regions. */
    private static Budgets budgets(
            ScriptRunner runner,
            StoreFailureSettings onFailure,
            ReplicaRegistry registry,
            Optional<RegionLinks> regions,
            OutageListener listener,
            Consumer<RedisWatch.Guard> watch) {
        return Budgets.onRedisOr(
                runner,
                KeySpace.DEFAULT,
                policy(onFailure.budgets()),
                () -> registry.alive().count()
                        * regions.map(others -> others.regions().names().size()).orElse(1),
                listener,
                watch,
                Thread::startVirtualThread);
    }

    /** What became of a broadcast is remembered as long as what became of a message. */
    private static BroadcastSettings broadcasts(QueueSettings queued) {
        return queued.keep().isPositive()
                ? BroadcastSettings.DEFAULT.withKeep(queued.keep())
                : BroadcastSettings.DEFAULT;
    }

    private static LateMessages lateMessages(
            RateLimiter limiter, Function<BotId, TelegramLimits> limits, MessageQueue queue) {
        return (bot, message, chat, late) -> {
            TelegramLimits binding = limits.apply(bot);
            if (binding.shadow()) {
                return; // it may have passed uncharged, and holds nobody back
            }
            var known = chat.map(named -> named.isGroup() ? queue.identity(bot, named) : named);
            limiter.postpone(
                    Acquisition.of(binding.charges(bot, known, message.cost(), message.send())),
                    new Decision.Allowed(message.chargedAt(), List.of()),
                    late);
        };
    }

    private static OnStoreFailure policy(StoreFailureSettings.Policy policy) {
        return switch (policy) {
            case LOCAL -> OnStoreFailure.LOCAL;
            case OPEN -> OnStoreFailure.OPEN;
            case CLOSED -> OnStoreFailure.CLOSED;
        };
    }

    @Override
    public void close() {
        delivery.close();
        store.run();
    }
}
