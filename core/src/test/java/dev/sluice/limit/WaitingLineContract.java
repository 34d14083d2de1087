package dev.sluice.limit;

import static dev.sluice.limit.LimiterFixture.denied;
import static dev.sluice.limit.LimiterFixture.remaining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How processes that wait for one bucket take turns. */
abstract class WaitingLineContract {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration GRACE = Duration.ofMillis(100);
    private static final Duration INSTANT = Duration.ofNanos(1_000);
    private static final Limit ONE_A_SECOND = Limit.atMost(1, SECOND);
    private static final Waiter ANN = new Waiter("AAAAAAAA");
    private static final Waiter BEN = new Waiter("BBBBBBBB");
    private static final Waiter CAT = new Waiter("CCCCCCCC");
    private static final AtomicLong TAGS = new AtomicLong();

    private final SettableMicros clock = new SettableMicros();
    private final String tag = "line-" + TAGS.incrementAndGet();
    private final Bucket chat = new Bucket(tag, "chat", "1");
    private RateLimiter limiter;

    abstract RateLimiter limiter(SettableMicros clock);

    @BeforeEach
    void open() {
        limiter = limiter(clock);
    }

    @Test
    void who_was_denied_first_is_let_in_first() {
        assertThat(ask(ANN)).isInstanceOf(Allowed.class);
        assertThat(ask(BEN)).isEqualTo(full(SECOND));
        assertThat(ask(CAT)).as("behind Ben").isEqualTo(full(Duration.ofSeconds(2)));

        clock.advance(SECOND);
        assertThat(denied(ask(CAT)).cause()).isEqualTo(Cause.TURN);
        assertThat(ask(BEN)).isInstanceOf(Allowed.class);
        assertThat(ask(BEN)).as("behind Cat now").isEqualTo(full(Duration.ofSeconds(2)));
        clock.advance(SECOND);
        assertThat(ask(CAT)).isInstanceOf(Allowed.class);
        clock.advance(SECOND);
        assertThat(ask(BEN)).isInstanceOf(Allowed.class);
    }

    @Test
    void asking_again_keeps_ones_place() {
        ask(ANN);
        ask(BEN);
        ask(CAT);
        clock.advance(Duration.ofMillis(500));

        assertThat(ask(CAT)).isEqualTo(full(Duration.ofMillis(1_500)));
        assertThat(ask(BEN)).isEqualTo(full(Duration.ofMillis(500)));
        assertThat(statistics().waiting()).isEqualTo(2);
    }

    @Test
    void a_newcomer_who_does_not_wait_cannot_barge_and_takes_no_place() {
        ask(ANN);
        ask(BEN);
        clock.advance(SECOND);

        assertThat(limiter.tryAcquire(question(chat, 1))).isEqualTo(new Denied(chat, Cause.TURN, lapse(), 1));
        assertThat(statistics().waiting()).isEqualTo(1);
        assertThat(ask(BEN)).isInstanceOf(Allowed.class);
        assertThat(statistics().waiting()).isZero();
    }

    @Test
    void a_newcomer_passes_where_there_is_room_for_the_line_and_for_him() {
        Limit three = Limit.atMost(3, SECOND);
        var album = Acquisition.of(new Charge(chat, three, 2));
        limiter.tryAcquire(album);
        assertThat(limiter.tryAcquire(album.waitingAs(BEN))).isInstanceOf(Denied.class);
        var one = Acquisition.of(new Charge(chat, three, 1));
        assertThat(denied(limiter.tryAcquire(one)).cause()).isEqualTo(Cause.TURN);

        clock.advance(SECOND);
        assertThat(limiter.tryAcquire(one)).isInstanceOf(Allowed.class);
        assertThat(denied(limiter.tryAcquire(one)).cause()).isEqualTo(Cause.TURN);
        assertThat(remaining(limiter.tryAcquire(album.waitingAs(BEN)))).containsExactly(0);
    }

    @Test
    void who_does_not_come_in_time_loses_the_place_to_the_next() {
        ask(ANN);
        ask(BEN);
        ask(CAT);

        clock.advance(SECOND);
        assertThat(ask(CAT)).isEqualTo(new Denied(chat, Cause.TURN, lapse(), 1));
        clock.advance(GRACE);
        assertThat(ask(CAT)).as("Ben may still come").isEqualTo(new Denied(chat, Cause.TURN, INSTANT, 1));
        clock.advance(INSTANT);
        assertThat(ask(CAT)).isInstanceOf(Allowed.class);
        assertThat(ask(BEN)).as("at the end of the line").isEqualTo(full(SECOND));
    }

    @Test
    void who_says_when_it_came_holds_nobody_up_for_longer_than_it_stays() {
        Limit hourly = Limit.atMost(10, Duration.ofHours(1));
        var one = Acquisition.of(new Charge(chat, hourly, 1));
        limiter.tryAcquire(Acquisition.of(new Charge(chat, hourly, 8)));
        var album = Acquisition.of(new Charge(chat, hourly, 5))
                .cameAgo(SECOND)
                .waitingAs(ANN.staying(SECOND.multipliedBy(2)));
        assertThat(denied(limiter.tryAcquire(album)).retryAfter()).isEqualTo(Duration.ofHours(1));

        assertThat(limiter.tryAcquire(one))
                .as("behind it, for as long as it stays")
                .isEqualTo(new Denied(chat, Cause.TURN, SECOND.multipliedBy(2).plus(INSTANT), 2));
        clock.advance(SECOND.multipliedBy(2).plus(INSTANT));
        assertThat(limiter.tryAcquire(one)).isInstanceOf(Allowed.class);
    }

    @Test
    void a_place_costs_no_capacity() {
        ask(ANN);
        ask(BEN);
        clock.advance(Duration.ofSeconds(2));

        assertThat(statistics())
                .isEqualTo(new BucketStatistics(
                        chat, ONE_A_SECOND, 0, 1, Duration.ZERO, Duration.ZERO, 0, Optional.empty()));
    }

    @Test
    void an_overdraft_does_not_stand_in_line() {
        ask(ANN);
        ask(BEN);
        clock.advance(SECOND);

        assertThat(limiter.tryAcquire(question(chat, 1).overdrawing())).isInstanceOf(Allowed.class);
        assertThat(ask(BEN)).as("still first").isEqualTo(full(SECOND));
    }

    @Test
    void a_park_gives_no_place() {
        limiter.park(chat, SECOND);

        assertThat(denied(ask(ANN)).cause()).isEqualTo(Cause.PARK);
        assertThat(statistics().waiting()).isZero();
    }

    @Test
    void only_the_limiting_bucket_gives_a_place() {
        var bot = new Bucket(tag, "bot", "1");
        Limit thirty = Limit.atMost(30, SECOND);
        var both = Acquisition.of(new Charge(bot, thirty, 1), new Charge(chat, ONE_A_SECOND, 1));
        limiter.tryAcquire(both);

        assertThat(limiter.tryAcquire(both.waitingAs(ANN))).isInstanceOf(Denied.class);
        assertThat(limiter.statistics(bot, thirty).waiting()).isZero();
        assertThat(statistics().waiting()).isEqualTo(1);
    }

    @Test
    void what_costs_more_than_a_window_is_not_overtaken_by_what_costs_less() {
        Limit three = Limit.atMost(3, SECOND);
        var one = Acquisition.of(new Charge(chat, three, 1));
        limiter.tryAcquire(one);
        var album = Acquisition.of(new Charge(chat, three, 5)).waitingAs(BEN);
        assertThat(limiter.tryAcquire(album)).isEqualTo(new Denied(chat, Cause.LIMIT, SECOND, 2));

        clock.advance(Duration.ofMillis(500));
        assertThat(denied(limiter.tryAcquire(one.waitingAs(CAT))).cause()).isEqualTo(Cause.TURN);
        clock.advance(Duration.ofMillis(500));
        assertThat(limiter.tryAcquire(album)).isInstanceOf(Allowed.class);
    }

    @Test
    void those_ahead_are_waited_for_by_what_costs_more_than_a_window() {
        Limit two = Limit.atMost(2, SECOND);
        limiter.tryAcquire(Acquisition.of(new Charge(chat, two, 2)));
        clock.advance(Duration.ofMillis(500));
        limiter.tryAcquire(Acquisition.of(new Charge(chat, two, 1)).waitingAs(BEN));

        // Ben passes 500 ms from now, and the window is empty a second after that.
        assertThat(limiter.tryAcquire(Acquisition.of(new Charge(chat, two, 3)).waitingAs(CAT)))
                .isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofMillis(1_500), 0));
    }

    /** Ann is first in the one line, Ben in the other, and each needs both. */
    @Test
    void two_processes_that_lead_each_others_lines_get_through() {
        var other = new Bucket(tag, "group", "1");
        limiter.tryAcquire(question(chat, 1));
        limiter.tryAcquire(question(other, 1));
        limiter.tryAcquire(question(chat, 1).waitingAs(ANN));
        limiter.tryAcquire(question(other, 1).waitingAs(BEN));
        var both = Acquisition.of(new Charge(chat, ONE_A_SECOND, 1), new Charge(other, ONE_A_SECOND, 1));

        clock.advance(SECOND);
        Map<Waiter, Long> next = new HashMap<>(Map.of(ANN, clock.getAsLong(), BEN, clock.getAsLong()));
        long started = clock.getAsLong();
        Map<Waiter, Long> passed = new HashMap<>();
        while (passed.size() < 2 && clock.getAsLong() < started + 10_000_000) {
            var turn =
                    next.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
            Waiter asks = turn.getKey();
            clock.set(turn.getValue());
            if (limiter.tryAcquire(both.waitingAs(asks)) instanceof Denied denied) {
                next.merge(asks, Microseconds.of(denied.retryAfter()), Long::sum);
            } else {
                passed.put(asks, clock.getAsLong() - started);
                next.remove(asks);
            }
        }
        assertThat(passed).containsKeys(ANN, BEN);
        assertThat(passed.values()).allSatisfy(micros -> assertThat(micros).isLessThan(1_500_000));
    }

    /** Each asks exactly when it was told to, but Cat is always the last to be heard, and Ann asks in a hurry besides. */
    @Test
    void nobody_starves_who_is_always_heard_last() {
        record Turn(Waiter waiter, long at, int heard) {}
        var turns = new ArrayList<Turn>();
        var lateness = Map.of(ANN, 0, BEN, 3_000, CAT, 40_000);
        lateness.forEach((waiter, late) -> turns.add(new Turn(waiter, clock.getAsLong() + late, late)));
        var admitted = new HashMap<Waiter, Integer>();
        long end = clock.getAsLong() + 300_000_000;
        while (clock.getAsLong() < end) {
            Turn turn = turns.stream().min(Comparator.comparingLong(Turn::at)).orElseThrow();
            turns.remove(turn);
            clock.set(turn.at());
            long again = clock.getAsLong() + turn.heard();
            if (ask(turn.waiter()) instanceof Denied denied) {
                again += Microseconds.of(denied.retryAfter());
            } else {
                admitted.merge(turn.waiter(), 1, Integer::sum);
                again += 1;
            }
            turns.add(new Turn(turn.waiter(), again, turn.heard()));
        }
        assertThat(admitted.values())
                .hasSize(3)
                .allSatisfy(count -> assertThat(count).isBetween(95, 101));
    }

    private Decision ask(Waiter waiter) {
        return limiter.tryAcquire(question(chat, 1).waitingAs(waiter));
    }

    private static Acquisition question(Bucket bucket, int weight) {
        return Acquisition.of(new Charge(bucket, ONE_A_SECOND, weight));
    }

    private Denied full(Duration retryAfter) {
        return new Denied(chat, Cause.LIMIT, retryAfter, 0);
    }

    /** From its turn on until a place is lost. */
    private static Duration lapse() {
        return GRACE.plus(INSTANT);
    }

    private BucketStatistics statistics() {
        return limiter.statistics(chat, ONE_A_SECOND);
    }
}
