package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.limit.SharedRateLimiter.RoundTrips;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.BeforeTry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A limiter that remembers denials, on one clock for Redis and memory. */
class DeniedUntilTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Limit LIMIT = Limit.atMost(2, SECOND);
    private static final Bucket CHAT = new Bucket("7", "chat", "1");
    private static final Bucket BOT = new Bucket("7", "bot", "7");
    private static final KeySpace KEYS = new KeySpace("remember:");

    private final SettableMicros clock = new SettableMicros();
    private final RedisRateLimiter limiter = limiter(KEYS, DeniedUntil.LONGEST);

    private RedisRateLimiter limiter(KeySpace keys, Duration longest) {
        TestClockRunner redis = RedisFixture.shared().clockRunner().withLongerTtls();
        return new RedisRateLimiter(
                (script, names, args) -> {
                    redis.setNow(clock.getAsLong());
                    return redis.run(script, names, args);
                },
                keys,
                new DeniedUntil(longest, () -> clock.getAsLong() * 1_000));
    }

    @BeforeEach
    void flushed() {
        flush();
    }

    @BeforeTry
    void flush() {
        RedisFixture.shared().flush();
    }

    @Test
    void a_full_bucket_is_not_asked_again_before_its_time() {
        Acquisition question = fill(CHAT, LIMIT);
        clock.advance(Duration.ofMillis(100));
        assertThat(limiter.tryAcquire(question)).isEqualTo(full(CHAT, Duration.ofMillis(900)));
        long asked = limiter.roundTrips().decisions();

        clock.advance(Duration.ofMillis(899));
        assertThat(limiter.tryAcquire(question)).isEqualTo(full(CHAT, Duration.ofMillis(1)));
        assertThat(limiter.roundTrips()).isEqualTo(new RoundTrips(asked, asked, 1));
        clock.advance(Duration.ofMillis(1));
        assertThat(limiter.tryAcquire(question)).isInstanceOf(Allowed.class);
    }

    @Test
    void a_denial_is_remembered_for_a_second_at_most() {
        Acquisition question = fill(CHAT, Limit.atMost(2, Duration.ofMinutes(1)));
        limiter.tryAcquire(question);
        RedisFixture.shared().flush();

        clock.advance(Duration.ofMillis(999));
        assertThat(limiter.tryAcquire(question)).isEqualTo(full(CHAT, Duration.ofMillis(59_001)));
        clock.advance(Duration.ofMillis(1));
        assertThat(limiter.tryAcquire(question)).isInstanceOf(Allowed.class);
    }

    @Test
    void a_full_bucket_denies_every_question_about_it_that_weighs_as_much() {
        Acquisition one = Acquisition.of(new Charge(BOT, LIMIT, 1));
        limiter.tryAcquire(one);
        assertThat(limiter.tryAcquire(Acquisition.of(new Charge(BOT, LIMIT, 2))))
                .isInstanceOf(Denied.class);

        assertThat(limiter.tryAcquire(Acquisition.of(new Charge(CHAT, LIMIT, 1), new Charge(BOT, LIMIT, 2))))
                .isEqualTo(new Denied(BOT, Cause.LIMIT, SECOND, 1));
        assertThat(limiter.roundTrips().deniedLocally()).isEqualTo(1);
        assertThat(limiter.tryAcquire(one)).as("one that is lighter").isInstanceOf(Allowed.class);
    }

    @Test
    void a_full_bucket_says_nothing_of_another_limit_an_overdraft_or_a_weight_of_nothing() {
        Acquisition question = fill(CHAT, LIMIT);
        limiter.tryAcquire(question);

        assertThat(limiter.tryAcquire(Acquisition.of(new Charge(CHAT, Limit.atMost(3, SECOND), 1))))
                .isInstanceOf(Allowed.class);
        assertThat(limiter.tryAcquire(question.overdrawing())).isInstanceOf(Allowed.class);
        assertThat(limiter.tryAcquire(Acquisition.of(new Charge(CHAT, LIMIT, 0))))
                .isInstanceOf(Allowed.class);
        assertThat(limiter.roundTrips().deniedLocally()).isZero();
    }

    @Test
    void a_parked_bucket_denies_everything() {
        limiter.park(CHAT, Duration.ofMillis(500));
        var denied = new Denied(CHAT, Cause.PARK, Duration.ofMillis(500), 2);
        Acquisition question = Acquisition.of(new Charge(CHAT, LIMIT, 2));
        assertThat(limiter.tryAcquire(question)).isEqualTo(denied);

        assertThat(limiter.tryAcquire(question.overdrawing())).isEqualTo(denied);
        assertThat(limiter.tryAcquire(Acquisition.of(new Charge(CHAT, LIMIT, 0))))
                .isEqualTo(denied);
        assertThat(limiter.roundTrips().deniedLocally()).isEqualTo(2);
        clock.advance(Duration.ofMillis(500));
        assertThat(limiter.tryAcquire(question)).isInstanceOf(Allowed.class);
    }

    @Test
    void who_waits_is_never_answered_here_since_redis_keeps_its_place() {
        Acquisition question = fill(CHAT, LIMIT);
        limiter.tryAcquire(question);

        assertThat(limiter.tryAcquire(question.waitingAs(new Waiter("AAAAAAAA"))))
                .isInstanceOf(Denied.class);
        assertThat(limiter.statistics(CHAT, LIMIT).waiting()).isEqualTo(1);
        assertThat(limiter.roundTrips().deniedLocally()).isZero();
    }

    @Test
    void a_denial_behind_others_in_line_is_not_remembered_since_they_may_not_come() {
        Acquisition question = fill(CHAT, LIMIT);
        limiter(KEYS, Duration.ZERO).tryAcquire(question.waitingAs(new Waiter("AAAAAAAA")));

        for (int i = 0; i < 2; i++) {
            assertThat(limiter.tryAcquire(question)).isInstanceOf(Denied.class);
        }
        assertThat(limiter.roundTrips().deniedLocally()).isZero();
    }

    @Test
    void who_does_not_want_it_asks_every_time() {
        var forgetful = limiter(KEYS, Duration.ZERO);
        Acquisition question = Acquisition.of(new Charge(CHAT, Limit.atMost(1, SECOND), 1));
        for (int i = 0; i < 3; i++) {
            forgetful.tryAcquire(question);
        }
        assertThat(forgetful.roundTrips()).isEqualTo(new RoundTrips(3, 3, 0));
    }

    @Test
    void a_denial_cannot_be_remembered_for_longer_than_a_second() {
        for (Duration wrong : List.of(Duration.ofNanos(-1), Duration.ofMillis(1_001))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new DeniedUntil(wrong, System::nanoTime))
                    .withMessageContaining(wrong.toString());
        }
    }

    @Provide
    Arbitrary<RateLimiterPropertyTest.Scenario> scenarios() {
        return new RateLimiterPropertyTest().scenarios();
    }

    @Provide
    Arbitrary<Integer> longest() {
        return Arbitraries.of(1_000, 100, 3);
    }

    /** Nothing is said locally that Redis would not have said: a denial is one there, and whatever passes does so by Redis' word. */
    @Property(tries = 80, shrinking = ShrinkingMode.BOUNDED)
    void it_decides_as_one_that_asks_every_time(
            @ForAll("scenarios") RateLimiterPropertyTest.Scenario scenario, @ForAll("longest") int longestMillis) {
        var remembers = limiter(KEYS, Duration.ofMillis(longestMillis));
        var asks = limiter(new KeySpace("ask:"), Duration.ZERO);
        String tag = "remember";
        for (RateLimiterPropertyTest.Step step : scenario.steps()) {
            clock.advanceMicros(step.later());
            if (step.parkMillis() > 0) {
                for (RateLimiter each : List.of(remembers, asks)) {
                    each.park(RateLimiterPropertyTest.bucket(tag, 0), Duration.ofMillis(step.parkMillis()));
                }
                continue;
            }
            Optional<Acquisition> question = RateLimiterPropertyTest.acquisition(scenario.limits(), step, tag);
            if (question.isPresent()) {
                long before = remembers.roundTrips().deniedLocally();
                Decision said = remembers.tryAcquire(question.get());
                Decision expected = asks.tryAcquire(question.get());
                if (remembers.roundTrips().deniedLocally() == before) {
                    assertThat(said).isEqualTo(expected);
                } else {
                    assertThat(((Denied) said).retryAfter())
                            .isPositive()
                            .isLessThanOrEqualTo(LimiterFixture.denied(expected).retryAfter());
                }
            }
        }
    }

    @Test
    void it_holds_no_more_than_its_slots() {
        var denials = new DeniedUntil(DeniedUntil.LONGEST, () -> 0, 8);
        var found = new HashMap<Bucket, Boolean>();
        for (int chat = 0; chat < 1_000; chat++) {
            Acquisition question = question(chat);
            denials.note(
                    question,
                    new CombinedScript.Answer(full(question.charges().getFirst().bucket(), SECOND), true),
                    0);
        }
        for (int chat = 0; chat < 1_000; chat++) {
            Acquisition question = question(chat);
            if (denials.find(question).isPresent()) {
                found.put(question.charges().getFirst().bucket(), true);
            }
        }
        assertThat(found).hasSizeBetween(1, 8);
    }

    private static Acquisition question(int chat) {
        return Acquisition.of(new Charge(new Bucket("7", "chat", Integer.toString(chat)), LIMIT, 1));
    }

    private Acquisition fill(Bucket bucket, Limit limit) {
        Acquisition question = Acquisition.of(new Charge(bucket, limit, 1));
        for (int i = 0; i < limit.capacity(); i++) {
            assertThat(limiter.tryAcquire(question)).isInstanceOf(Allowed.class);
        }
        return question;
    }

    private static Denied full(Bucket bucket, Duration retryAfter) {
        return new Denied(bucket, Cause.LIMIT, retryAfter, 0);
    }
}
