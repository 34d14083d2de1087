package dev.sluice.outage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.sluice.budget.Budget;
import dev.sluice.budget.BudgetUser;
import dev.sluice.budget.Budgets;
import dev.sluice.bundle.Bundles;
import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Caller;
import dev.sluice.delivery.Deliveries;
import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.DeliverySettings;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.delivery.Reply;
import dev.sluice.encryption.Sealer;
import dev.sluice.event.DedupeWindow;
import dev.sluice.event.EventDeduplicator;
import dev.sluice.history.ChatRole;
import dev.sluice.history.Histories;
import dev.sluice.history.HistoryKey;
import dev.sluice.history.NewEntry;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.RedisIdempotencyGuard;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.LocalShare;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.namedlimit.NamedLimit;
import dev.sluice.namedlimit.NamedLimits;
import dev.sluice.namedlimit.UnknownLimitException;
import dev.sluice.namedlimit.Use;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.redis.Breaker;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisWatch;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * A lone replica with every guard under every policy, each limited to {@value #LIMIT} of which {@value #SPENT} are spent at the
 * beginning. What a guard then does is told in one word.
 */
final class Guards implements AutoCloseable {
    private static final int LIMIT = 4;
    private static final int SPENT = 2;
    private static final int TRIES = 10;
    private static final Duration KEEP = Duration.ofMinutes(5);
    private static final KeySpace KEYS = KeySpace.DEFAULT;

    /** One guard. */
    interface Guard {
        /** Once, before anything happens. */
        void begin() throws InterruptedException;

        /** What its users see now. */
        String seen() throws InterruptedException;
    }

    final AtomicInteger outages = new AtomicInteger();
    final AtomicInteger returns = new AtomicInteger();
    final AtomicInteger jumps = new AtomicInteger();
    private final Map<String, Guard> guards = new LinkedHashMap<>();
    private final RedisStore store;
    private final GuardedRunner redis;
    private final RedisWatch watch;
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();

    /** Those that go on without Redis, and so are told when it is gone. */
    private int listeners;

    /**
     * @param window of the limits
     * @param timeout how long Redis is waited for: on a busy machine a short one is an outage
     */
    Guards(String uri, Duration window, Duration timeout) {
        var events = new RedisEvents() {
            @Override
            public void clockJumped(String shard, Duration by) {
                jumps.incrementAndGet();
            }

            @Override
            public void answered(String script, Duration roundTrip) {
                if (script.equals("redis/watch")) {
                    looks.incrementAndGet();
                }
            }
        };
        store = RedisStore.connect(
                RedisSettings.parse(uri).withCommandTimeout(timeout).withSettleTimeout(timeout), events);
        redis = new GuardedRunner(store, Breaker.Settings.DEFAULT, events);
        watch = new RedisWatch(redis, KEYS, events, new Random(7));
        for (OnStoreFailure policy : OnStoreFailure.values()) {
            guards.put(row("limits", policy), limits(policy, window));
            guards.put(row("named limits", policy), namedLimits(policy, window));
            guards.put(row("budgets", policy), budgets(policy));
            guards.put(row("sends with a key", policy), keyed(policy));
            guards.put(row("sends without a key", policy), unkeyed(policy, window));
            guards.put(row("bundles", policy), bundles(policy));
        }
        guards.put("recent history", history());
        guards.put("caches", repeatable(StateGuards.caches(store, redis)));
        guards.put("events", events());
        guards.put("claims of other work", claims());
        guards.put("queue", queue());
        guards.putAll(StateGuards.of(store, redis));
    }

    static String row(String guard, OnStoreFailure policy) {
        return guard + ", " + policy.name().toLowerCase(Locale.ROOT);
    }

    /** Once a busy machine has let the first connection be made. */
    void begin() throws InterruptedException {
        await().atMost(Duration.ofSeconds(40)).until(() -> store.isConnected() && redis.isClosed());
        for (Guard guard : guards.values()) {
            guard.begin();
        }
        watch.start();
        await().atMost(Duration.ofSeconds(40)).until(() -> looks.get() > 0);
    }

    /** In the order of the rows. */
    Map<String, String> seen() throws InterruptedException {
        var seen = new LinkedHashMap<String, String>();
        for (Map.Entry<String, Guard> guard : guards.entrySet()) {
            seen.put(guard.getKey(), guard.getValue().seen());
        }
        return seen;
    }

    /** Whether all that go on without Redis know that it is gone. */
    boolean allKnowOfOutages(int count) {
        return outages.get() >= count * listeners;
    }

    /** Whether all of them know that it is back. */
    boolean allKnowOfReturns(int count) {
        return returns.get() >= count * listeners && returns.get() == outages.get();
    }

    private OutageListener listener() {
        listeners++;
        return new OutageListener() {
            @Override
            public void outageBegan(RedisUnavailableException cause) {
                outages.incrementAndGet();
            }

            @Override
            public void outageEnded(Duration lasted) {
                returns.incrementAndGet();
            }
        };
    }

    /** One of a number of tries. */
    private static Guard counted(Runnable begin, BooleanSupplier passes) {
        return new Guard() {
            @Override
            public void begin() {
                begin.run();
                for (int i = 0; i < SPENT; i++) {
                    if (!passes.getAsBoolean()) {
                        throw new IllegalStateException("denied while there was room");
                    }
                }
            }

            @Override
            public String seen() {
                int passed = 0;
                try {
                    for (int i = 0; i < TRIES; i++) {
                        passed += passes.getAsBoolean() ? 1 : 0;
                    }
                } catch (RedisUnavailableException e) {
                    return "503";
                } catch (UnknownLimitException e) {
                    return "404";
                }
                return switch (passed) {
                    case LIMIT - SPENT -> "rest";
                    case LIMIT -> "anew";
                    case TRIES -> "all";
                    default -> passed + " pass";
                };
            }
        };
    }

    private Guard limits(OnStoreFailure policy, Duration window) {
        var share = new LocalShare(() -> 1);
        OutageListener listener = listener();
        watch.tell(share.watched(listener));
        RateLimiter limiter = RateLimiters.onRedisOr(redis, KEYS, share, policy, listener);
        var one = Acquisition.of(new Charge(new Bucket("1", "custom", policy.name()), Limit.atMost(LIMIT, window), 1));
        return counted(() -> {}, () -> limiter.tryAcquire(one) instanceof Decision.Allowed);
    }

    private Guard namedLimits(OnStoreFailure policy, Duration window) {
        NamedLimits limits = NamedLimits.onRedisOr(redis, KEYS, policy, () -> 1, listener(), watch::tell);
        String name = "api-" + policy.name().toLowerCase(Locale.ROOT);
        return counted(
                () -> limits.define(NamedLimit.atMost(name, LIMIT, window)),
                () -> limits.acquire(Use.of(name)).passes());
    }

    private Guard budgets(OnStoreFailure policy) {
        Budgets budgets =
                Budgets.onRedisOr(redis, KEYS, policy, () -> 1, listener(), watch::tell, Thread::startVirtualThread);
        var hour = Budget.of(policy.name().toLowerCase(Locale.ROOT), LIMIT, Duration.ofHours(1));
        return counted(() -> {}, () -> budgets.consume(hour, BudgetUser.of(42)).passes());
    }

    /** Whether what was done before is known. */
    interface Repeatable {
        /** Once more under the same name, or as something new. */
        boolean isNew(String name) throws InterruptedException;
    }

    private Guard repeatable(Repeatable work) {
        return new Guard() {
            @Override
            public void begin() throws InterruptedException {
                if (!work.isNew("before")) {
                    throw new IllegalStateException("done before it was begun");
                }
            }

            @Override
            public String seen() throws InterruptedException {
                try {
                    boolean again = work.isNew("before");
                    boolean fresh = work.isNew("new " + made.incrementAndGet());
                    return !fresh ? "nothing new" : again ? "anew" : "known";
                } catch (RedisUnavailableException e) {
                    return "503";
                }
            }
        };
    }

    private Deliveries.Closeable delivery(OnStoreFailure keyed, OnStoreFailure unkeyed, TelegramLimits limits) {
        return Deliveries.onRedis(
                redis,
                redis,
                KEYS,
                DeliverySettings.DEFAULT.withLimits(limits),
                DeliveryEvents.NONE,
                Deliveries.newProcess(),
                new Deliveries.StoreFailure(() -> 1, OnStoreFailure.LOCAL, keyed, unkeyed, listener(), watch::tell),
                Sealer.NONE);
    }

    private Guard keyed(OnStoreFailure policy) {
        var bot = new BotId(1_000 + made.incrementAndGet());
        Deliveries.Closeable delivery = delivery(policy, OnStoreFailure.CLOSED, roomy());
        return repeatable(name -> switch (send(delivery, bot, name, true)) {
            case Outcome.Sent sent -> true;
            case Outcome.Duplicate duplicate -> false;
            case Outcome.StoreUnavailable unavailable -> throw new RedisUnavailableException("refused", false, null);
            case Outcome other -> throw new IllegalStateException(other.toString());
        });
    }

    private Guard unkeyed(OnStoreFailure policy, Duration window) {
        var bot = new BotId(2_000 + made.incrementAndGet());
        var limits = new TelegramLimits(
                Limit.atMost(LIMIT, window), roomy().paid(), roomy().chat(), roomy().group(), Optional.empty());
        Deliveries.Closeable delivery = delivery(OnStoreFailure.CLOSED, policy, limits);
        return counted(() -> {}, () -> {
            try {
                return switch (send(delivery, bot, "text " + made.incrementAndGet(), false)) {
                    case Outcome.Sent sent -> true;
                    case Outcome.RateLimited limited -> false;
                    case Outcome.StoreUnavailable unavailable ->
                        throw new RedisUnavailableException("refused", false, null);
                    case Outcome other -> throw new IllegalStateException(other.toString());
                };
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static TelegramLimits roomy() {
        Limit roomy = Limit.atMost(1_000, Duration.ofSeconds(1));
        return new TelegramLimits(roomy, roomy, roomy, roomy, Optional.empty());
    }

    private static Outcome send(Deliveries.Closeable delivery, BotId bot, String text, boolean keyed)
            throws InterruptedException {
        Fingerprint content = Fingerprint.of(text.getBytes(UTF_8));
        var call = new OutboundCall(
                bot,
                new Method("sendMessage"),
                Optional.of(ChatId.of(1)),
                1,
                false,
                content,
                keyed ? Optional.of(new IdempotencyKey(bot.toString(), content.hex())) : Optional.empty(),
                KEEP,
                Duration.ZERO,
                Priority.NORMAL,
                false);
        byte[] answer = "{\"ok\":true,\"result\":{\"message_id\":1}}".getBytes(UTF_8);
        var delivered = delivery.deliver(call, new Caller(), sent -> new Attempt.Answered(Reply.of(200, answer)));
        delivered.receipt().answered();
        return delivered.outcome();
    }

    private Guard bundles(OnStoreFailure policy) {
        int bot = 5_000 + made.incrementAndGet();
        Bundles bundles = StateGuards.bundles(store, redis, policy);
        return repeatable(name -> StateGuards.isTaken(bundles, bot, name));
    }

    private Guard history() {
        var histories = Histories.onRedis(redis, KEYS).build();
        var chat = new HistoryKey(new BotId(6_000 + made.incrementAndGet()), 42);
        return repeatable(name -> histories
                        .append(
                                chat,
                                List.of(NewEntry.of(ChatRole.USER, "words").id(name)))
                        .added()
                == 1);
    }

    private Guard events() {
        var events = EventDeduplicator.onRedis(redis, KEYS, DedupeWindow.DEFAULT);
        return repeatable(name -> events.firstSeen("clicks", name));
    }

    private Guard claims() {
        IdempotencyGuard guard = new RedisIdempotencyGuard(redis, KEYS);
        return repeatable(name -> {
            Fingerprint content = Fingerprint.of(name.getBytes(UTF_8));
            var request = new ClaimRequest(
                    new IdempotencyKey("work", content.hex()),
                    content,
                    Duration.ofMinutes(1),
                    new ClaimRequest.Abandoned.BecomesUnknown(KEEP));
            return guard.claim(request) instanceof Claim.New(Fence fence);
        });
    }

    private Guard queue() {
        var bot = new BotId(3_000);
        MessageQueue queue =
                MessageQueues.onRedis(redis, redis, KEYS, any -> roomy(), QueueSettings.DEFAULT, new Random(7));
        return new Guard() {
            private int queued;

            private void enqueue() {
                queue.enqueue(bot, NewMessage.to(ChatId.of(++queued), new byte[] {1}));
            }

            @Override
            public void begin() {
                enqueue();
            }

            @Override
            public String seen() {
                try {
                    enqueue();
                    return queue.claim(bot, 10).messages().size() == queued ? "kept" : "lost";
                } catch (RedisUnavailableException e) {
                    return "503";
                }
            }
        };
    }

    @Override
    public void close() {
        watch.close();
        redis.close();
        store.close();
    }
}
