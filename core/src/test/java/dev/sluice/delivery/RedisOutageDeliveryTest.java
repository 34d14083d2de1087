package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.Sealer;
import dev.sluice.limit.Limit;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.Breaker;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisWatch;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What callers see of a Redis that freezes, dies and comes back. */
@Timeout(60)
class RedisOutageDeliveryTest extends DeliveryCalls {
    /** Longer than a busy machine keeps a Redis that is well from its answer. */
    private static final Duration COMMAND = Duration.ofSeconds(1);

    private static final Duration SETTLING = Duration.ofSeconds(2);

    private final RedisProcess redis = RedisFixture.start();
    private final RedisStore store =
            RedisStore.connect(RedisSettings.parse(redis.uri()).withCommandTimeout(COMMAND), RedisEvents.NONE);
    private final GuardedRunner runner = new GuardedRunner(store, Breaker.Settings.DEFAULT, RedisEvents.NONE);
    private final AtomicInteger began = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private Deliveries.Closeable delivery;

    @BeforeEach
    void start() {
        delivery = newDelivery();
        // The first decision loads the scripts.
        assertThat(runner.isClosed()).isTrue();
    }

    @Override
    DeliverySettings settings() {
        // Longer than any test: within it no twin of an ambiguous attempt may go.
        return super.settings().withAmbiguousWindow(Duration.ofSeconds(50));
    }

    private Deliveries.Closeable newDelivery() {
        return newDelivery(settings());
    }

    private Deliveries.Closeable newDelivery(DeliverySettings settings) {
        var listener = new OutageListener() {
            @Override
            public void outageBegan(RedisUnavailableException cause) {
                began.incrementAndGet();
            }

            @Override
            public void outageEnded(Duration lasted) {
                ended.incrementAndGet();
            }
        };
        return Deliveries.onRedis(
                runner,
                (script, keys, args) -> runner.run(script, keys, args, SETTLING),
                KeySpace.DEFAULT,
                settings,
                DeliveryEvents.NONE,
                Deliveries.newProcess(),
                new Deliveries.StoreFailure(
                        () -> 1,
                        OnStoreFailure.LOCAL,
                        OnStoreFailure.CLOSED,
                        OnStoreFailure.OPEN,
                        listener,
                        guard -> {}),
                Sealer.NONE);
    }

    @AfterEach
    void stop() {
        delivery.close();
        runner.close();
        store.close();
        redis.close();
    }

    @Test
    void without_redis_unkeyed_calls_go_on_within_their_limits_and_keyed_ones_are_refused() throws Exception {
        var sent = new AtomicInteger();
        try (var limited = newDelivery(withChatWindow(Duration.ofMinutes(5)))) {
            assertThat(deliver(limited, call(1, "before"), counting(sent))).isInstanceOf(Outcome.Sent.class);
            redis.freeze();
            assertThat(deliver(limited, call(2, "during"), counting(sent))).isInstanceOf(Outcome.Sent.class);
            assertThat(deliver(limited, waiting(call(2, "too soon"), Duration.ZERO), counting(sent)))
                    .isInstanceOf(Outcome.RateLimited.class);
            assertThat(deliver(limited, keyed(call(3, "keyed"), "k"), counting(sent)))
                    .isInstanceOf(Outcome.StoreUnavailable.class);
            assertThat(sent).hasValue(2);
            redis.thaw();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> deliver(limited, keyed(call(4, "after"), "k4"), counting(sent)) instanceof Outcome.Sent
                            || sent.get() > 2);
        }
        assertThat(began.get()).isEqualTo(ended.get()).isPositive();
    }

    @Test
    void a_keyed_call_that_was_refused_is_sent_once_redis_is_back_although_its_claim_was_lost() throws Exception {
        deliver(delivery, call(1, "load the scripts"), answers(ok(1)));
        redis.freeze();
        var sent = new AtomicInteger();
        OutboundCall call = keyed(call(2, "paid"), "order-17");
        // Redis runs it when it thaws: the claim is made, and nobody hears of it.
        assertThat(deliver(delivery, call, counting(sent))).isInstanceOf(Outcome.StoreUnavailable.class);
        redis.thaw();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> deliver(delivery, waiting(call, Duration.ZERO), counting(sent)) instanceof Outcome.Sent);
        assertThat(deliver(delivery, call, counting(sent))).isInstanceOf(Outcome.Duplicate.class);
        assertThat(sent).hasValue(1);
    }

    @Test
    void what_was_answered_while_redis_froze_is_written_down_when_it_is_back() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall call = keyed(call(1, "paid"), "order-17");
        var dispatched = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        Future<Outcome> first = threads.submit(() -> deliver(delivery, call, dispatch -> {
            dispatched.countDown();
            release.await();
            return new Attempt.Answered(ok(sent.incrementAndGet()));
        }));
        dispatched.await();
        redis.freeze();
        release.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(new Outcome.Sent(ok(1)));
        redis.thaw();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        deliver(delivery, waiting(call, Duration.ZERO), counting(sent)) instanceof Outcome.Duplicate);
        assertThat(sent).hasValue(1);
    }

    @Test
    void one_lost_reply_among_several_replicas_holds_nobody_up_for_a_window_once_redis_answers_again()
            throws Exception {
        var guards = new ArrayList<RedisWatch.Guard>();
        var loses = new AtomicBoolean();
        ScriptRunner losing = (script, keys, args) -> {
            if (loses.getAndSet(false)) {
                throw new RedisUnavailableException(RedisUnavailableException.Reason.NO_REPLY, "lost", false, null);
            }
            return runner.run(script, keys, args);
        };
        var ofGroups = new TelegramLimits(
                LIMITS.bot(), LIMITS.paid(), LIMITS.chat(), Limit.atMost(20, Duration.ofMinutes(1)), LIMITS.user());
        var sent = new AtomicInteger();
        try (var oneOfTwo = Deliveries.onRedis(
                losing,
                losing,
                KeySpace.DEFAULT,
                settings().withLimits(ofGroups),
                DeliveryEvents.NONE,
                Deliveries.newProcess(),
                new Deliveries.StoreFailure(
                        () -> 2,
                        OnStoreFailure.LOCAL,
                        OnStoreFailure.CLOSED,
                        OnStoreFailure.OPEN,
                        OutageListener.NONE,
                        guards::add),
                Sealer.NONE)) {
            assertThat(deliver(oneOfTwo, call(-5, "before"), counting(sent))).isInstanceOf(Outcome.Sent.class);
            loses.set(true);
            Future<Outcome> held = threads.submit(() ->
                    deliver(oneOfTwo, waiting(call(-5, "its reply is lost"), Duration.ofSeconds(30)), counting(sent)));
            Awaitility.await().atMost(Duration.ofSeconds(50)).until(() -> {
                guards.getFirst().found(); // as the watch does, several times a second
                return held.isDone();
            });
            assertThat(held.get()).isInstanceOf(Outcome.Sent.class);
        }
    }

    @Test
    void a_killed_redis_is_found_again_when_it_returns() throws Exception {
        var sent = new AtomicInteger();
        deliver(delivery, call(1, "before"), counting(sent));
        redis.kill();
        assertThat(deliver(delivery, waiting(call(2, "during"), Duration.ofSeconds(10)), counting(sent)))
                .isInstanceOf(Outcome.Sent.class);
        redis.restart();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> deliver(delivery, keyed(call(3, "after"), "k"), counting(sent)) instanceof Outcome.Sent);
    }

    @Test
    void a_call_made_without_redis_and_never_answered_is_not_repeated_before_or_after_redis_returns() throws Exception {
        deliver(delivery, call(9, "load the scripts"), answers(ok(1)));
        redis.freeze();
        var sent = new AtomicInteger();
        assertThat(deliver(delivery, call(1, "paid"), unanswered(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(deliver(delivery, call(1, "paid"), counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(deliver(delivery, call(1, "other"), counting(sent))).isInstanceOf(Outcome.Sent.class);
        redis.thaw();
        awaitRedis();
        assertThat(deliver(delivery, call(1, "paid"), counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(2);
    }

    @Test
    void a_call_that_is_not_answered_when_redis_has_gone_meanwhile_is_not_repeated() throws Exception {
        deliver(delivery, call(9, "load the scripts"), answers(ok(1)));
        var sent = new AtomicInteger();
        Outcome first = deliver(delivery, call(1, "paid"), dispatch -> {
            redis.freeze();
            return unanswered(sent).send(dispatch);
        });
        assertThat(first).isInstanceOf(Outcome.Unknown.class);
        assertThat(deliver(delivery, call(1, "paid"), counting(sent))).isInstanceOf(Outcome.Unknown.class);
        redis.thaw();
        awaitRedis();
        assertThat(deliver(delivery, call(1, "paid"), counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(1);
    }

    @Test
    void an_identical_call_after_one_that_ended_well_without_redis_is_sent() throws Exception {
        deliver(delivery, call(9, "load the scripts"), answers(ok(1)));
        redis.freeze();
        var sent = new AtomicInteger();
        assertThat(deliver(delivery, call(1, "again"), counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(deliver(delivery, call(1, "again"), counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(sent).hasValue(2);
    }

    @Test
    void an_answer_that_did_not_reach_its_caller_without_redis_is_for_exactly_one_twin() throws Exception {
        deliver(delivery, call(9, "load the scripts"), answers(ok(1)));
        redis.freeze();
        var sent = new AtomicInteger();
        Delivery.Delivered first = delivery.deliver(call(1, "paid"), new Caller(), counting(sent));
        first.receipt().lost();
        assertThat(deliver(delivery, call(1, "paid"), counting(sent))).isEqualTo(new Outcome.Duplicate(ok(1)));
        assertThat(deliver(delivery, call(1, "paid"), counting(sent))).isEqualTo(new Outcome.Sent(ok(2)));
    }

    @Test
    void an_answer_that_a_twin_took_while_redis_was_away_is_not_handed_over_again_when_it_is_back() throws Exception {
        var sent = new AtomicInteger();
        Delivery.Delivered first = delivery.deliver(call(1, "paid"), new Caller(), counting(sent));
        redis.freeze();
        first.receipt().lost();
        assertThat(deliver(delivery, call(1, "paid"), counting(sent))).isEqualTo(new Outcome.Duplicate(ok(1)));
        redis.thaw();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> redis.tell("KEYS *:idempotency:*").equals("*0"));
        assertThat(deliver(delivery, call(1, "paid"), counting(sent))).isEqualTo(new Outcome.Sent(ok(2)));
    }

    @Test
    void an_answer_that_reached_none_of_two_twins_without_redis_is_for_the_third() throws Exception {
        deliver(delivery, call(9, "load the scripts"), answers(ok(1)));
        redis.freeze();
        var sent = new AtomicInteger();
        delivery.deliver(call(1, "paid"), new Caller(), counting(sent))
                .receipt()
                .lost();
        delivery.deliver(call(1, "paid"), new Caller(), counting(sent))
                .receipt()
                .lost();
        assertThat(deliver(delivery, call(1, "paid"), counting(sent))).isEqualTo(new Outcome.Duplicate(ok(1)));
        assertThat(sent).hasValue(1);
    }

    @Test
    void twins_wait_for_each_other_without_redis() throws Exception {
        deliver(delivery, call(9, "load the scripts"), answers(ok(1)));
        redis.freeze();
        var sent = new AtomicInteger();
        var dispatched = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        OutboundCall call = waiting(call(1, "paid"), Duration.ofSeconds(20));
        Future<Outcome> first = threads.submit(() -> deliver(delivery, call, dispatch -> {
            sent.incrementAndGet();
            dispatched.countDown();
            release.await();
            return new Attempt.Unanswered("reset");
        }));
        dispatched.await();
        Future<Outcome> twin = threads.submit(() -> deliver(delivery, call, counting(sent)));
        release.countDown();
        assertThat(first.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Unknown.class);
        assertThat(twin.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(1);
    }

    private void awaitRedis() {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> switch (deliver(
                delivery, keyed(call(8, "back"), "back"), answers(ok(1)))) {
            case Outcome.Sent sent -> true;
            case Outcome.Duplicate duplicate -> true;
            case Outcome other -> false;
        });
    }
}
