package dev.sluice.delivery;

import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.limit.BucketScript;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.LocalShare;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.Waiter;
import dev.sluice.limit.WaitingRoom;
import dev.sluice.privacy.PersonalData;
import dev.sluice.queue.LocalMessageQueue;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisWatch;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.region.Homes;
import dev.sluice.telegram.BotId;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/** Makes deliveries. */
public final class Deliveries {
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private Deliveries() {}

    /** For one process: nothing is shared, nothing outlives it. */
    public static Closeable inMemory(DeliverySettings settings, DeliveryEvents events) {
        LongSupplier microClock = () -> System.nanoTime() / 1_000;
        return inMemory(settings, events, microClock, RateLimiters.inMemory(microClock));
    }

    /**
     * The same, on limits that others spend, too.
     *
     * @param microClock microseconds that never go back
     * @param limiter on the same clock
     */
    public static Closeable inMemory(
            DeliverySettings settings, DeliveryEvents events, LongSupplier microClock, RateLimiter limiter) {
        var admission = new InMemoryAdmission(
                new InMemoryIdempotencyGuard(microClock),
                limiter,
                settings.learning().lowered());
        return new Pipeline(admission, settings, events, newProcess(), new SecureRandom(), Sealer.NONE);
    }

    /**
     * The same beside a queue: its messages and the calls of one chat keep one order, and of those under one key one is sent.
     *
     * @param queue on the same clock and limiter
     */
    public static Closeable inMemory(
            DeliverySettings settings, DeliveryEvents events, LocalRateLimiter limiter, LocalMessageQueue queue) {
        var admission =
                new InMemoryAdmission(limiter, queue, settings.learning().lowered());
        return new Pipeline(admission, settings, events, newProcess(), new SecureRandom(), Sealer.NONE);
    }

    /**
     * Shared by all processes on one Redis.
     *
     * @param redis with the deadline of decisions, and a breaker
     * @param settling with the longer deadline of what must be written down
     * @param process this process' id
     * @param sealer encrypts the answers that are kept for twins, and is shared by all processes
     */
    public static Closeable onRedis(
            ScriptRunner redis,
            ScriptRunner settling,
            KeySpace keys,
            DeliverySettings settings,
            DeliveryEvents events,
            Waiter process,
            StoreFailure failure,
            Sealer sealer) {
        return pipeline(redis, settling, keys, settings, events, process, failure, sealer);
    }

    /**
     * The answers that deliveries on a Redis keep for repeats of what was sent to users' private chats.
     *
     * @param settling with the longer deadline
     * @param sealer as of the deliveries
     * @param textless what is left of an answer without its texts; the same again of what is left changes nothing
     */
    public static PersonalData keptAnswers(
            ScriptRunner settling, KeySpace keys, Sealer sealer, UnaryOperator<Reply> textless) {
        return new AnswersToUsers(settling, keys, new Results(sealer, KeptAnswers.WHOLE), textless);
    }

    private static Pipeline pipeline(
            ScriptRunner redis,
            ScriptRunner settling,
            KeySpace keys,
            DeliverySettings settings,
            DeliveryEvents events,
            Waiter process,
            StoreFailure failure,
            Sealer sealer) {
        var random = new SecureRandom();
        var share = new LocalShare(failure.replicas());
        var room = new WaitingRoom(settings.mostWaiting());
        var alone = new DecidedAlone();
        StoreFailure reopening = failure.toldTo(failure.listener().atEnds(() -> alone.reopen(room)));
        failure.watch().accept(share.watched(reopening.listener()));
        var admission = new FailoverAdmission(
                new RedisAdmission(redis, settling, keys, settings.learning().lowered()),
                share,
                reopening,
                alone,
                BucketScript.partOf(redis, keys),
                random);
        return new Pipeline(admission, settings, events, process, random, sealer, room);
    }

    /**
     * The same in one of several regions: calls without a key never leave it, keys are claimed at their homes.
     *
     * @param region this one
     * @param others of all regions but this one
     * @param sealer shared by all processes of all regions
     */
    public static Regional onRedisInRegion(
            ScriptRunner redis,
            ScriptRunner settling,
            KeySpace keys,
            DeliverySettings settings,
            DeliveryEvents events,
            Waiter process,
            StoreFailure failure,
            Sealer sealer,
            String region,
            Homes<Optional<Elsewhere>> others) {
        var regional = new RegionalDelivery(
                pipeline(redis, settling, keys, settings, events, process, failure, sealer),
                region,
                others.map(other -> other.map(home -> new RedisHomeClaims(home.deciding(), home.settling(), keys))),
                failure.keyed());
        return new Regional(regional, regional);
    }

    /**
     * A delivery, and what lets messages be queued once.
     *
     * @param queueing closed with the delivery
     */
    public record Regional(Closeable delivery, KeyedQueueing queueing) {}

    /**
     * Another region's Redis.
     *
     * @param deciding with the deadline of decisions there, and a breaker
     * @param settling with the longer deadline of what must be written down
     */
    public record Elsewhere(ScriptRunner deciding, ScriptRunner settling) {}

    /**
     * What to do while Redis cannot be asked.
     *
     * @param replicas how many processes share the limits, this one included, when Redis last told
     * @param limits what becomes of limits
     * @param keyed what becomes of calls under a key: {@code CLOSED} refuses them, anything else lets them go without it
     * @param unkeyed the same for calls without a key
     * @param listener hears of the beginning and the end
     * @param watch is given who is to be told what a {@link RedisWatch} finds
     */
    public record StoreFailure(
            IntSupplier replicas,
            OnStoreFailure limits,
            OnStoreFailure keyed,
            OnStoreFailure unkeyed,
            OutageListener listener,
            Consumer<RedisWatch.Guard> watch) {
        StoreFailure toldTo(OutageListener newListener) {
            return new StoreFailure(replicas, limits, keyed, unkeyed, newListener, watch);
        }
    }

    /** A delivery that owns timers. */
    public interface Closeable extends Delivery, AutoCloseable {
        /** Lets those try now who wait by limits of this bot that have changed. */
        void limitsChanged(BotId bot);

        @Override
        void close();
    }

    /** An id for this process, unlike that of any other. */
    public static Waiter newProcess() {
        var random = new SecureRandom();
        var id = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            id.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return new Waiter(id.toString());
    }
}
