package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.simulator.FloodLimits.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FloodControlTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;

    private static final FloodLimits LIMITS = FloodLimits.telegram()
            .withBot(new Limit(5, Duration.ofMillis(100)))
            .withPaidBroadcast(new Limit(9, Duration.ofMillis(100)))
            .withChat(new Limit(2, Duration.ofMillis(70)))
            .withGroup(new Limit(4, Duration.ofMillis(400)))
            .withTolerance(Duration.ofMillis(10))
            .withRetryAfter(Duration.ofMillis(30), Duration.ofMillis(240), Duration.ofMillis(5));

    /** One call some time after the one before it. */
    record Arrival(int afterMillis, long chat, int weight, boolean paid) {}

    @Provide
    Arbitrary<List<Arrival>> arrivals() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 60),
                        Arbitraries.of(1L, 2L, 3L, -1L, -2L),
                        Arbitraries.frequencyOf(
                                net.jqwik.api.Tuple.of(8, Arbitraries.just(1)),
                                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(2, 12))),
                        Arbitraries.frequencyOf(
                                net.jqwik.api.Tuple.of(5, Arbitraries.just(false)),
                                net.jqwik.api.Tuple.of(1, Arbitraries.just(true))))
                .as(Arrival::new)
                .list()
                .ofMaxSize(120);
    }

    @Property(tries = 400)
    void decides_as_a_plain_model_that_counts_by_hand(@ForAll("arrivals") List<Arrival> arrivals) {
        FloodControl flood = new FloodControl(LIMITS);
        PlainFloodModel model = new PlainFloodModel(LIMITS);
        long now = 0;
        for (Arrival arrival : arrivals) {
            now += arrival.afterMillis() * MILLI;
            assertThat(flood.admit(now, arrival.chat(), arrival.weight(), arrival.paid()))
                    .as("%s at %d ms", arrival, now / MILLI)
                    .isEqualTo(model.admit(now, arrival.chat(), arrival.weight(), arrival.paid()));
        }
    }

    @Property(tries = 200)
    void who_waits_as_told_is_admitted(@ForAll("arrivals") List<Arrival> arrivals) {
        FloodControl flood = new FloodControl(LIMITS);
        long unit = LIMITS.retryAfterUnit().toNanos();
        long now = 0;
        for (Arrival arrival : arrivals) {
            now += arrival.afterMillis() * MILLI;
            int retryAfter = flood.admit(now, arrival.chat(), arrival.weight(), arrival.paid());
            if (retryAfter > 0) {
                now += retryAfter * unit;
                assertThat(flood.admit(now, arrival.chat(), arrival.weight(), arrival.paid()))
                        .isZero();
            }
        }
    }

    @Test
    void retry_after_doubles_for_who_does_not_wait_up_to_the_cap_and_starts_over_for_who_does() {
        FloodControl flood = new FloodControl(FloodLimits.telegram()
                .withRetryAfter(Duration.ofSeconds(1), Duration.ofSeconds(6), Duration.ofMillis(200)));
        List<Integer> answers = new ArrayList<>();
        for (long millis : new long[] {0, 10, 100, 500, 900, 1300, 1700, 2100}) {
            answers.add(flood.admit(millis * MILLI, 7, 1, false));
        }
        // sent; refused; within the grace; then 2, 4, 6 (the cap), 6, 6
        assertThat(answers).containsExactly(0, 1, 1, 2, 4, 6, 6, 6);
        assertThat(flood.admit(2100 * MILLI + 6 * SECOND, 7, 1, false)).isZero();
        assertThat(flood.admit(2100 * MILLI + 6 * SECOND + 1, 7, 1, false)).isEqualTo(1);
    }

    @Test
    void a_blocked_chat_leaves_the_others_alone() {
        FloodControl flood = new FloodControl(FloodLimits.telegram());
        assertThat(flood.admit(0, 7, 1, false)).isZero();
        assertThat(flood.admit(1, 7, 1, false)).isEqualTo(1);
        assertThat(flood.admit(2, 8, 1, false)).isZero();
    }

    @Test
    void a_full_bot_lane_leaves_the_paid_lane_alone() {
        FloodControl flood = new FloodControl(FloodLimits.telegram());
        for (int chat = 1; chat <= 30; chat++) {
            assertThat(flood.admit(0, chat, 1, false)).isZero();
        }
        assertThat(flood.admit(0, 31, 1, false)).isEqualTo(1);
        assertThat(flood.admit(0, 32, 1, true)).isZero();
    }

    @Test
    void a_group_holds_twenty_in_a_minute_and_tells_the_whole_wait() {
        FloodControl flood = new FloodControl(FloodLimits.telegram());
        for (int i = 0; i < 20; i++) {
            assertThat(flood.admit(i * SECOND, -7, 1, false)).isZero();
        }
        assertThat(flood.admit(20 * SECOND, -7, 1, false)).isEqualTo(40);
        assertThat(flood.admit(60 * SECOND, -7, 1, false)).isZero();
    }

    @Test
    void a_window_is_shorter_by_the_tolerance() {
        FloodControl flood = new FloodControl(FloodLimits.telegram());
        assertThat(flood.admit(0, 7, 1, false)).isZero();
        assertThat(flood.admit(950 * MILLI, 7, 1, false)).isZero();
        assertThat(flood.admit(950 * MILLI + 949 * MILLI, 7, 1, false)).isEqualTo(1);
    }

    @Test
    void an_album_of_ten_goes_into_an_empty_window_only() {
        FloodControl flood = new FloodControl(FloodLimits.telegram());
        assertThat(flood.admit(0, 7, 10, false)).isZero();
        assertThat(flood.admit(SECOND, 7, 10, false)).isZero();
        assertThat(flood.admit(SECOND + 500 * MILLI, 7, 1, false)).isEqualTo(1);
    }

    @Test
    void long_texts_cost_more_if_told_so() {
        FloodControl flood = new FloodControl(FloodLimits.telegram().withLongTextChars(500));
        assertThat(flood.weightOfText(0)).isEqualTo(1);
        assertThat(flood.weightOfText(500)).isEqualTo(1);
        assertThat(flood.weightOfText(501)).isEqualTo(2);
        assertThat(new FloodControl(FloodLimits.telegram()).weightOfText(4096)).isEqualTo(1);
    }

    @Test
    void chats_that_fell_silent_are_forgotten() {
        FloodControl flood = new FloodControl(FloodLimits.telegram().withBot(Limit.NONE));
        for (int chat = 1; chat <= 50_000; chat++) {
            assertThat(flood.admit(chat * 10L * MILLI, chat, 1, false)).isZero();
        }
        assertThat(flood.chatsKnown()).isLessThan(3000);
    }
}
