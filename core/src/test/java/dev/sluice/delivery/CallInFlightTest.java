package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.delivery.Attempt.Answered;
import dev.sluice.delivery.Attempt.NotReached;
import dev.sluice.delivery.Deliveries.StoreFailure;
import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.BucketStatistics;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Flood;
import dev.sluice.limit.Floods;
import dev.sluice.limit.Limit;
import dev.sluice.limit.LocalShare;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.queue.LanePlace;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rare moments in the life of one call, whatever the backend. */
@Timeout(30)
class CallInFlightTest extends DeliveryCalls {
    private static final LongSupplier MICROS = () -> System.nanoTime() / 1_000;

    private final InMemoryAdmission memory =
            new InMemoryAdmission(new InMemoryIdempotencyGuard(MICROS), RateLimiters.inMemory(MICROS), scope -> {});
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicBoolean waitsForTwin = new AtomicBoolean();
    private final Pipeline delivery = pipeline(
            new ForwardingAdmission(memory) {
                @Override
                public boolean awaitTwin(IdempotencyKey key, Duration max, CompletableFuture<?> unless)
                        throws InterruptedException {
                    waitsForTwin.set(true);
                    return super.awaitTwin(key, max, unless);
                }
            },
            settings());

    private static Pipeline pipeline(Admission admission, DeliverySettings settings) {
        return new Pipeline(
                admission, settings, DeliveryEvents.NONE, Deliveries.newProcess(), new Random(7), Sealer.NONE);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        delivery.close();
    }

    @Test
    void a_call_under_way_when_the_pipeline_closes_is_still_sent_and_settled() throws Exception {
        delivery.close();
        OutboundCall call = keyed(call(1, "a"), "k");
        assertThat(deliver(delivery, call, counting(sent))).isEqualTo(new Outcome.Sent(ok(1)));
        assertThat(deliver(delivery, call, counting(sent))).isEqualTo(new Outcome.Duplicate(ok(1)));
    }

    @Test
    void a_429_that_names_no_time_is_waited_out_for_a_second() throws Exception {
        long start = System.nanoTime();
        Outcome outcome = deliver(
                delivery,
                waiting(call(1, "a"), Duration.ofSeconds(10)),
                dispatch -> new Answered(sent.incrementAndGet() == 1 ? flood(Duration.ZERO) : ok(1)));
        assertThat(outcome).isEqualTo(new Outcome.Sent(ok(1)));
        assertThat(sent).hasValue(2);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void a_429_of_many_days_parks_for_as_long_as_parks_go() throws Exception {
        Duration days = Duration.ofDays(12);
        assertThat(deliver(delivery, call(1, "a"), answers(flood(days))))
                .isEqualTo(new Outcome.RateLimited("chat", days));
        assertThat(deliver(delivery, waiting(call(1, "b"), Duration.ZERO), answers(ok(1))))
                .isInstanceOf(Outcome.RateLimited.class);
    }

    @Test
    void a_429_to_a_call_without_a_chat_is_the_bots() throws Exception {
        OutboundCall c = call(1, "inline");
        var inline = new OutboundCall(
                bot,
                c.method(),
                Optional.empty(),
                1,
                false,
                c.fingerprint(),
                c.key(),
                c.keep(),
                c.maxWait(),
                c.priority(),
                false);
        Duration minute = Duration.ofMinutes(1);
        assertThat(deliver(delivery, inline, answers(flood(minute)))).isEqualTo(new Outcome.RateLimited("bot", minute));
        assertThat(deliver(delivery, waiting(call(2, "any"), Duration.ZERO), answers(ok(1))))
                .isInstanceOf(Outcome.RateLimited.class);
    }

    @Test
    void in_shadow_mode_a_429_teaches_nothing() throws Exception {
        var lowered = Collections.synchronizedList(new ArrayList<String>());
        var guard = new InMemoryIdempotencyGuard(MICROS);
        var admission = new InMemoryAdmission(guard, RateLimiters.inMemory(MICROS), lowered::add);
        try (var shadowed = pipeline(admission, settings().withLimits(LIMITS.inShadow(true)));
                var enforced = pipeline(admission, settings().withLimits(LIMITS))) {
            deliver(shadowed, waiting(call(1, "a"), Duration.ZERO), answers(flood(Duration.ofMillis(1))));
            assertThat(lowered).isEmpty();
            deliver(enforced, waiting(call(2, "b"), Duration.ZERO), answers(flood(Duration.ofMillis(1))));
            assertThat(lowered).containsExactly("chat");
        }
    }

    @Test
    void a_store_whose_settling_is_broken_does_not_cost_the_caller_its_answer() throws Exception {
        var broken = new ForwardingAdmission(memory) {
            @Override
            public boolean settle(Optional<Claimed> claim, Optional<Flood> flood, Patience patience) {
                throw new RedisScriptException("delivery/settle", new IllegalStateException("WRONGTYPE"));
            }
        };
        var pipeline = pipeline(broken, settings());
        assertThat(deliver(pipeline, keyed(call(1, "a"), "k"), counting(sent))).isEqualTo(new Outcome.Sent(ok(1)));
        assertThat(deliver(pipeline, call(2, "b"), counting(sent))).isEqualTo(new Outcome.Sent(ok(2)));
        pipeline.close();
    }

    @Test
    void a_store_that_cannot_be_told_of_lateness_does_not_cost_the_caller_its_answer() throws Exception {
        var told = new CompletableFuture<Duration>();
        var broken = new ForwardingAdmission(memory) {
            @Override
            public void postpone(Acquisition acquisition, Decision.Allowed limits, Duration by) {
                told.complete(by);
                throw new RedisScriptException("limit/postpone", new IllegalStateException("WRONGTYPE"));
            }
        };
        Duration late = Duration.ofMillis(60);
        Sender sender = dispatch -> {
            new CountDownLatch(1).await(late.toMillis(), TimeUnit.MILLISECONDS);
            dispatch.writing().run();
            return new Answered(ok(1));
        };
        var pipeline = pipeline(broken, settings());
        assertThat(deliver(pipeline, call(1, "a"), sender)).isEqualTo(new Outcome.Sent(ok(1)));
        assertThat(told.get(10, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(late);
        pipeline.close();
    }

    @Test
    void each_try_at_a_claim_can_be_taken_back_without_the_next_one() throws Exception {
        var holders = new HashSet<Long>();
        var watched = new ForwardingAdmission(memory) {
            @Override
            public Verdict admit(
                    Optional<ClaimRequest> claim,
                    boolean mustClaim,
                    Acquisition acquisition,
                    Optional<LanePlace> place) {
                holders.add(claim.orElseThrow().holder());
                return super.admit(claim, mustClaim, acquisition, place);
            }
        };
        var pipeline = pipeline(watched, settings());
        assertThat(deliver(
                        pipeline,
                        waiting(call(1, "a"), Duration.ofSeconds(10)),
                        dispatch -> sent.incrementAndGet() == 1 ? new NotReached("connect") : new Answered(ok(1))))
                .isInstanceOf(Outcome.Sent.class);
        assertThat(holders.size()).isGreaterThan(1);
        pipeline.close();
    }

    @Test
    void a_call_interrupted_while_it_is_admitted_is_withdrawn() {
        var interrupting = new ForwardingAdmission(memory) {
            @Override
            public Verdict admit(
                    Optional<ClaimRequest> claim,
                    boolean mustClaim,
                    Acquisition acquisition,
                    Optional<LanePlace> place) {
                Verdict verdict = super.admit(claim, mustClaim, acquisition, place);
                Thread.currentThread().interrupt();
                return verdict;
            }
        };
        var pipeline = pipeline(interrupting, settings());
        OutboundCall call = keyed(call(1, "a"), "k");
        assertThatThrownBy(() -> deliver(pipeline, call, counting(sent))).isInstanceOf(InterruptedException.class);
        assertThat(sent).hasValue(0);
        assertThat(memory.look(claim(call))).isEmpty();
        pipeline.close();
    }

    @Test
    void an_interrupt_that_meets_the_store_is_no_outage_of_the_store() {
        var began = new AtomicInteger();
        var pipeline = pipeline(
                new FailoverAdmission(
                        interrupted(),
                        new LocalShare(() -> 1),
                        local(began),
                        new DecidedAlone(),
                        tag -> "redis",
                        new Random(7)),
                settings());
        assertThatThrownBy(() -> deliver(pipeline, call(1, "a"), counting(sent)))
                .isInstanceOf(InterruptedException.class);
        assertThat(sent).hasValue(0);
        assertThat(began).hasValue(0);
        pipeline.close();
    }

    private Admission interrupted() {
        return new ForwardingAdmission(memory) {
            @Override
            public Verdict admit(
                    Optional<ClaimRequest> claim,
                    boolean mustClaim,
                    Acquisition acquisition,
                    Optional<LanePlace> place) {
                Thread.currentThread().interrupt();
                throw new RedisUnavailableException(Reason.INTERRUPTED, "interrupted while waiting", true, null);
            }
        };
    }

    private static StoreFailure local(AtomicInteger began) {
        return new StoreFailure(
                () -> 1,
                OnStoreFailure.LOCAL,
                OnStoreFailure.CLOSED,
                OnStoreFailure.LOCAL,
                new OutageListener() {
                    @Override
                    public void outageBegan(RedisUnavailableException cause) {
                        began.incrementAndGet();
                    }

                    @Override
                    public void outageEnded(Duration lasted) {}
                },
                guard -> {});
    }

    @Test
    void an_answer_whose_receipt_is_never_signed_holds_its_twins_up_for_the_window_and_no_longer() throws Exception {
        var pipeline = pipeline(
                memory, settings().withLease(Duration.ofMillis(500)).withAmbiguousWindow(Duration.ofSeconds(2)));
        pipeline.deliver(call(1, "a"), new Caller(), counting(sent));
        assertThat(deliver(pipeline, waiting(call(1, "a"), Duration.ofSeconds(20)), counting(sent)))
                .isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(1);
        pipeline.close();
    }

    @Test
    void an_answer_handed_over_to_a_twin_whose_caller_is_gone_too_waits_for_the_next() throws Exception {
        delivery.deliver(call(1, "a"), new Caller(), counting(sent)).receipt().lost();
        Delivery.Delivered second = delivery.deliver(call(1, "a"), new Caller(), counting(sent));
        assertThat(second.outcome()).isEqualTo(new Outcome.Duplicate(ok(1)));
        second.receipt().lost();
        assertThat(deliver(delivery, call(1, "a"), counting(sent))).isEqualTo(new Outcome.Duplicate(ok(1)));
        assertThat(deliver(delivery, call(1, "a"), counting(sent))).isEqualTo(new Outcome.Sent(ok(2)));
    }

    @Test
    void a_caller_that_leaves_while_it_waits_for_a_twin_is_gone_at_once() throws Exception {
        OutboundCall call = waiting(call(1, "a"), Duration.ofSeconds(60));
        Delivery.Delivered unsigned = delivery.deliver(call, new Caller(), counting(sent));
        var caller = new Caller();
        Future<Outcome> twin = threads.submit(
                () -> delivery.deliver(call, caller, counting(sent)).outcome());
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> waitsForTwin.get());
        caller.leave();
        assertThat(twin.get(10, TimeUnit.SECONDS)).isEqualTo(new Outcome.Withdrawn());
        unsigned.receipt().answered();
    }

    @Test
    void a_chat_is_parked_before_the_claim_of_the_call_that_was_told_so_is_released() throws Exception {
        var guard = new InMemoryIdempotencyGuard(MICROS);
        var atParking = new AtomicReference<>(Optional.<Claim>empty());
        OutboundCall call = keyed(call(1, "a"), "k");
        RateLimiter limiter = RateLimiters.inMemory(MICROS);
        var watched = new RateLimiter() {
            @Override
            public Decision tryAcquire(Acquisition acquisition) {
                return limiter.tryAcquire(acquisition);
            }

            @Override
            public void postpone(Acquisition acquisition, Decision.Allowed admission, Duration by) {
                limiter.postpone(acquisition, admission, by);
            }

            @Override
            public void park(Bucket bucket, Duration duration) {
                limiter.park(bucket, duration);
            }

            @Override
            public Floods.Told flooded(Flood flood) {
                atParking.set(guard.claimIf(claim(call), () -> false));
                return limiter.flooded(flood);
            }

            @Override
            public boolean forgetLearned(Bucket bucket) {
                return limiter.forgetLearned(bucket);
            }

            @Override
            public BucketStatistics statistics(Bucket bucket, Limit limit) {
                return limiter.statistics(bucket, limit);
            }
        };
        var pipeline = pipeline(new InMemoryAdmission(guard, watched, scope -> {}), settings());
        deliver(pipeline, call, answers(flood(Duration.ofMinutes(1))));
        assertThat(atParking.get()).containsInstanceOf(Claim.Processing.class);
        pipeline.close();
    }

    private static ClaimRequest claim(OutboundCall call) {
        return new ClaimRequest(
                call.key().orElseThrow(),
                call.fingerprint(),
                Duration.ofSeconds(1),
                new ClaimRequest.Abandoned.TakeOver());
    }
}
