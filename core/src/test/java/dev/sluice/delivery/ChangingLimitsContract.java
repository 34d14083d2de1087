package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.Attempt.Answered;
import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Limits that change while calls go on and wait, hold nobody back, or count replies apart. */
@Timeout(60)
abstract class ChangingLimitsContract extends TwinCallsContract {
    private static final Limit ONE_A_MINUTE = Limit.atMost(1, MINUTE);
    private static final Limit MANY = Limit.atMost(1_000, MINUTE);
    private static final TelegramLimits SLOW_CHATS =
            new TelegramLimits(MANY, MANY, ONE_A_MINUTE, MANY, Optional.empty());
    private static final TelegramLimits SLOW_BOT = new TelegramLimits(ONE_A_MINUTE, MANY, MANY, MANY, Optional.empty());

    private volatile TelegramLimits limits = SLOW_CHATS;
    private Deliveries.Closeable changing;

    @BeforeEach
    void startChanging() {
        changing = newPipeline(settings().withLimits(any -> limits));
    }

    @AfterEach
    void stopChanging() {
        changing.close();
    }

    private OutboundCall patient(long chat, String text) {
        return waiting(call(chat, text), Duration.ofSeconds(50));
    }

    private OutboundCall impatient(long chat, String text) {
        return waiting(call(chat, text), Duration.ZERO);
    }

    @Test
    void a_raised_limit_lets_all_who_wait_go_at_once() throws Exception {
        deliver(changing, call(1, "first"), answers(ok(1)));
        deliver(changing, call(2, "first"), answers(ok(1)));
        Future<Outcome> second = threads.submit(() -> deliver(changing, patient(1, "second"), answers(ok(2))));
        Future<Outcome> third = threads.submit(() -> deliver(changing, patient(1, "third"), answers(ok(3))));
        Future<Outcome> other = threads.submit(() -> deliver(changing, patient(2, "second"), answers(ok(4))));
        awaitWaiting(changing, 3);

        limits = new TelegramLimits(MANY, MANY, Limit.atMost(9, MINUTE), MANY, Optional.empty());
        changing.limitsChanged(bot);

        for (Future<Outcome> call : List.of(second, third, other)) {
            assertThat(call.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Sent.class);
        }
    }

    @Test
    void a_lowered_limit_holds_at_once_for_what_was_charged_before() throws Exception {
        limits = new TelegramLimits(MANY, MANY, Limit.atMost(5, MINUTE), MANY, Optional.empty());
        for (int i = 0; i < 3; i++) {
            deliver(changing, call(1, "text " + i), answers(ok(i)));
        }
        limits = new TelegramLimits(MANY, MANY, Limit.atMost(3, MINUTE), MANY, Optional.empty());
        assertThat(deliver(changing, impatient(1, "over"), answers(ok(9)))).isInstanceOf(Outcome.RateLimited.class);
        assertThat(deliver(changing, impatient(2, "elsewhere"), answers(ok(9)))).isInstanceOf(Outcome.Sent.class);
    }

    @Test
    void a_limit_that_comes_anew_holds_who_waits_for_another() throws Exception {
        deliver(changing, call(1, "first"), answers(ok(1)));
        Future<Outcome> second = threads.submit(() -> deliver(changing, patient(1, "second"), answers(ok(2))));
        awaitWaiting(changing, 1);

        limits = new TelegramLimits(MANY, MANY, MANY, MANY, Optional.of(ONE_A_MINUTE));
        changing.limitsChanged(bot);
        assertThat(second.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Sent.class);

        Future<Outcome> third = threads.submit(() -> deliver(changing, patient(1, "third"), answers(ok(3))));
        awaitWaiting(changing, 1);
        assertThat(deliver(changing, impatient(1, "fourth"), answers(ok(4))))
                .isInstanceOfSatisfying(
                        Outcome.RateLimited.class,
                        limited -> assertThat(limited.scope()).isEqualTo("user"));
        limits = new TelegramLimits(MANY, MANY, MANY, MANY, Optional.empty());
        changing.limitsChanged(bot);
        assertThat(third.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Sent.class);
    }

    @Test
    void in_shadow_mode_nobody_waits_and_what_passes_over_a_limit_is_not_charged() throws Exception {
        limits = new TelegramLimits(MANY, MANY, Limit.atMost(2, MINUTE), MANY, Optional.empty()).inShadow(true);
        for (int i = 0; i < 5; i++) {
            assertThat(deliver(changing, impatient(1, "text " + i), answers(ok(i))))
                    .isInstanceOf(Outcome.Sent.class);
        }
        limits = new TelegramLimits(MANY, MANY, Limit.atMost(3, MINUTE), MANY, Optional.empty());
        assertThat(deliver(changing, impatient(1, "third"), answers(ok(9)))).isInstanceOf(Outcome.Sent.class);
        assertThat(deliver(changing, impatient(1, "over"), answers(ok(9)))).isInstanceOf(Outcome.RateLimited.class);
    }

    @Test
    void shadow_mode_lets_those_go_who_wait_and_telegrams_429_parks_all_the_same() throws Exception {
        deliver(changing, call(1, "first"), answers(ok(1)));
        Future<Outcome> second = threads.submit(() -> deliver(changing, patient(1, "second"), answers(ok(2))));
        awaitWaiting(changing, 1);
        limits = limits.inShadow(true);
        changing.limitsChanged(bot);
        assertThat(second.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Sent.class);

        var flooded = new AtomicInteger();
        Outcome told = deliver(changing, impatient(1, "flood"), dispatch -> {
            flooded.incrementAndGet();
            return new Answered(flood(Duration.ofSeconds(40)));
        });
        assertThat(told).isInstanceOf(Outcome.RateLimited.class);
        assertThat(deliver(changing, impatient(1, "parked"), counting(flooded)))
                .isInstanceOf(Outcome.RateLimited.class);
        assertThat(deliver(changing, impatient(2, "free"), counting(flooded))).isInstanceOf(Outcome.Sent.class);
        assertThat(flooded).hasValue(2);
    }

    @Test
    void replies_that_are_limited_apart_pass_a_bot_that_is_full_and_fill_their_own_limit() throws Exception {
        limits = SLOW_BOT.withReplies(Optional.of(Limit.atMost(2, MINUTE)));
        deliver(changing, call(1, "first"), answers(ok(1)));
        assertThat(deliver(changing, impatient(2, "over"), answers(ok(1)))).isInstanceOf(Outcome.RateLimited.class);

        assertThat(deliver(changing, impatient(3, "a").replying(true), answers(ok(2))))
                .isInstanceOf(Outcome.Sent.class);
        assertThat(deliver(changing, impatient(4, "b").replying(true), answers(ok(3))))
                .isInstanceOf(Outcome.Sent.class);
        assertThat(deliver(changing, impatient(5, "c").replying(true), answers(ok(4))))
                .isInstanceOfSatisfying(
                        Outcome.RateLimited.class,
                        limited -> assertThat(limited.scope()).isEqualTo("replies"));

        limits = SLOW_BOT;
        assertThat(deliver(changing, impatient(6, "d").replying(true), answers(ok(5))))
                .isInstanceOfSatisfying(
                        Outcome.RateLimited.class,
                        limited -> assertThat(limited.scope()).isEqualTo("bot"));
    }

    @Test
    void a_flood_of_replies_parks_replies_and_no_other_message_of_the_bot() throws Exception {
        limits = new TelegramLimits(MANY, MANY, MANY, MANY, Optional.empty()).withReplies(Optional.of(MANY));
        var told = new CountDownLatch(3);
        for (long chat = 1; chat <= 3; chat++) {
            OutboundCall reply = impatient(chat, "reply").replying(true);
            threads.submit(() -> deliver(changing, reply, dispatch -> {
                told.countDown();
                told.await(); // so that all are told within the second that counts
                return new Answered(flood(Duration.ofSeconds(40)));
            }));
        }
        assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(
                                deliver(changing, impatient(9, "reply").replying(true), answers(ok(1))))
                        .isInstanceOfSatisfying(
                                Outcome.RateLimited.class,
                                limited -> assertThat(limited.scope()).isEqualTo("replies")));
        assertThat(deliver(changing, impatient(9, "message"), answers(ok(2)))).isInstanceOf(Outcome.Sent.class);
        assertThat(deliver(changing, impatient(1, "parked chat"), answers(ok(2))))
                .isInstanceOf(Outcome.RateLimited.class);
    }
}
