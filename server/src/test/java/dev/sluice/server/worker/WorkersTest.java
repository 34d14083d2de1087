package dev.sluice.server.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Reply;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.FailureClass;
import dev.sluice.queue.MessageDetails;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageState;
import dev.sluice.queue.NewMessage;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.gateway.StoredCall;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How workers send what is queued. */
class WorkersTest extends WorkersFixture {
    @Test
    void what_is_queued_is_sent_with_the_registered_token_and_its_result_is_kept() {
        var tokens = new CopyOnWriteArrayList<BotToken>();
        start((token, call, dispatch) -> {
            tokens.add(token);
            sent.add(call);
            return answered(200, "{\"ok\":true}");
        });

        MessageId id = enqueue("sendMessage", 1);

        MessageDetails details = awaits(id, MessageState.SENT);
        assertThat(StoredCall.openResult(keys, BOT, details.content()).map(bytes -> new String(bytes, UTF_8)))
                .contains("{\"ok\":true}");
        assertThat(tokens).containsExactly(TOKEN);
        assertThat(sent).extracting(call -> call.method().name()).containsExactly("sendMessage");
    }

    @Test
    void a_chats_messages_leave_one_after_the_other_in_their_order() {
        var atOnce = new AtomicInteger();
        var most = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            enqueue("send" + i, 7);
        }
        start((token, call, dispatch) -> {
            most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            sent.add(call);
            atOnce.decrementAndGet();
            return answered(200, "{\"ok\":true}");
        });

        await().atMost(BOUND).until(() -> queue.statistics(BOT).sent() == 20);
        assertThat(most.get()).isEqualTo(1);
        for (int i = 0; i < 20; i++) {
            assertThat(sent.get(i).method().name()).isEqualTo("send" + i);
        }
    }

    @Test
    void a_refusal_is_a_dead_letter_and_is_not_repeated() {
        start((token, call, dispatch) -> {
            sent.add(call);
            return answered(403, "{\"ok\":false}");
        });

        MessageDetails details = awaits(enqueue("sendMessage", 1), MessageState.FAILED);

        assertThat(details.failure()).contains(FailureClass.REFUSED);
        assertThat(details.failedAttempts().getLast().reason()).isEqualTo("refused-403");
        assertThat(sent).hasSize(1);
    }

    @Test
    void what_may_have_been_sent_is_unknown_and_not_repeated() {
        start((token, call, dispatch) -> {
            sent.add(call);
            return call.method().name().equals("sendPhoto")
                    ? answered(502, "{\"ok\":false}")
                    : new Attempt.Unanswered("reset");
        });

        awaits(enqueue("sendMessage", 1), MessageState.UNKNOWN);
        awaits(enqueue("sendPhoto", 2), MessageState.UNKNOWN);
        assertThat(sent).hasSize(2);
    }

    @Test
    void an_edit_that_was_not_answered_is_repeated_until_it_is() {
        start((token, call, dispatch) -> {
            sent.add(call);
            return sent.size() < 3 ? new Attempt.Unanswered("timeout") : answered(200, "{\"ok\":true}");
        });

        awaits(enqueue("editMessageText", 1), MessageState.SENT);
        assertThat(sent).hasSize(3);
    }

    @Test
    void while_telegram_is_not_reached_nothing_is_lost_and_no_attempt_is_used_up() {
        var tries = new AtomicInteger();
        start((token, call, dispatch) ->
                tries.incrementAndGet() < 8 ? new Attempt.NotReached("connect") : answered(200, "{\"ok\":true}"));

        MessageDetails details = awaits(enqueue("sendMessage", 1), MessageState.SENT);

        assertThat(tries.get()).isEqualTo(8);
        assertThat(details.failedAttempts()).isEmpty();
        assertThat(running.orElseThrow().isTelegramReached()).isTrue();
    }

    @Test
    void after_a_429_the_message_waits_and_goes_again() {
        var tries = new AtomicInteger();
        start((token, call, dispatch) -> tries.incrementAndGet() == 1
                ? new Attempt.Answered(new Reply(
                        429, new byte[0], Optional.of(Duration.ofMillis(50)), Optional.empty(), Optional.empty()))
                : answered(200, "{\"ok\":true}"));

        awaits(enqueue("sendMessage", 1), MessageState.SENT);
        assertThat(tries.get()).isEqualTo(2);
    }

    @Test
    void a_migration_is_followed_once() {
        var chats = new CopyOnWriteArrayList<Optional<ChatId>>();
        start((token, call, dispatch) -> {
            chats.add(dispatch.movedTo());
            return new Attempt.Answered(
                    new Reply(400, new byte[0], Optional.empty(), Optional.of(ChatId.of(-1009)), Optional.empty()));
        });

        awaits(enqueue("sendMessage", -9), MessageState.FAILED);
        assertThat(chats).containsExactly(Optional.empty(), Optional.of(ChatId.of(-1009)));
    }

    /** The queue's time passes from one extension to the next, however long a busy machine takes for that. */
    @Test
    void a_message_in_flight_keeps_its_lease_for_as_long_as_it_takes() throws Exception {
        var lease = Duration.ofMillis(300);
        var clock = new AtomicLong(micros());
        queue = queue(clock::get, lease);
        var extensions = new AtomicInteger();
        var answer = new CountDownLatch(1);
        start(
                queueThat("extend", () -> {
                    clock.addAndGet(lease.toNanos() / 1_000 * 2 / 3);
                    extensions.incrementAndGet();
                }),
                (token, call, dispatch) -> {
                    sent.add(call);
                    answer.await();
                    return answered(200, "{\"ok\":true}");
                },
                WorkerSettings.of(lease));
        MessageId id = enqueue("sendMessage", 1);
        await().atMost(BOUND).until(() -> sent.size() == 1);

        // Four leases long nobody takes it for lost.
        int before = extensions.get();
        await().atMost(BOUND).until(() -> {
            assertThat(queue.find(id).orElseThrow().state()).isEqualTo(MessageState.LEASED);
            return extensions.get() >= before + 6;
        });
        answer.countDown();

        awaits(id, MessageState.SENT);
        assertThat(sent).hasSize(1);
    }

    @Test
    void no_more_are_in_flight_than_there_is_room_for() {
        var atOnce = new AtomicInteger();
        var most = new AtomicInteger();
        var full = new CountDownLatch(3);
        for (int chat = 1; chat <= 60; chat++) {
            enqueue("sendMessage", chat);
        }
        start(
                (token, call, dispatch) -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    full.countDown();
                    full.await();
                    atOnce.decrementAndGet();
                    return answered(200, "{\"ok\":true}");
                },
                WorkerSettings.of(LEASE).inFlight(5, 3));

        await().atMost(BOUND).until(() -> queue.statistics(BOT).sent() == 60);
        assertThat(most.get()).isEqualTo(3);
    }

    /** Whoever finds no room for the moment must get it next, and not look again later, at the same time as all others. */
    @Test
    void many_bots_that_each_have_little_are_served_one_right_after_the_other() {
        List<BotId> bots =
                IntStream.rangeClosed(2001, 2100).mapToObj(BotId::new).toList();
        bots.forEach(bot -> enqueue(bot, "sendMessage", 1));
        var slowToClaim = queueThat("claim", () -> LockSupport.parkNanos(10_000_000));

        start(
                slowToClaim,
                (token, call, dispatch) -> answered(200, "{\"ok\":true}"),
                WorkerSettings.of(LEASE).inFlight(5, 5));

        await().atMost(Duration.ofSeconds(12))
                .until(() -> bots.stream().allMatch(bot -> queue.statistics(bot).sent() == 1));
    }

    @Test
    void stopping_settles_what_is_in_flight_and_claims_nothing_more() throws Exception {
        var answer = new CountDownLatch(1);
        start((token, call, dispatch) -> {
            sent.add(call);
            answer.await();
            return answered(200, "{\"ok\":true}");
        });
        enqueue("sendMessage", 1);
        await().atMost(BOUND).until(() -> sent.size() == 1);

        running.orElseThrow().stop();
        enqueue("sendMessage", 2);
        assertThat(running.orElseThrow().awaitQuiet(Duration.ofMillis(50))).isFalse();
        answer.countDown();

        assertThat(running.orElseThrow().awaitQuiet(BOUND)).isTrue();
        assertThat(queue.statistics(BOT).sent()).isEqualTo(1);
        assertThat(queue.statistics(BOT).pending()).isEqualTo(1);
        assertThat(sent).hasSize(1);
    }

    @Test
    void stopping_writes_down_what_was_sent_although_the_store_is_away_for_a_moment() throws Exception {
        var sending = new CountDownLatch(1);
        var answer = new CountDownLatch(1);
        var left = new AtomicInteger(3);
        var away = queueThat("settle", () -> {
            if (left.getAndDecrement() > 0) {
                throw new RedisUnavailableException("away", false, null);
            }
        });
        start(
                away,
                (token, call, dispatch) -> {
                    sending.countDown();
                    assertThat(answer.await(BOUND.toSeconds(), TimeUnit.SECONDS))
                            .isTrue();
                    return answered(200, "{\"ok\":true}");
                },
                WorkerSettings.of(LEASE));
        MessageId id = enqueue("sendMessage", 1);
        assertThat(sending.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();

        running.orElseThrow().stop();
        answer.countDown();

        assertThat(running.orElseThrow().awaitQuiet(BOUND)).isTrue();
        assertThat(queue.find(id).orElseThrow().state()).isEqualTo(MessageState.SENT);
    }

    @Test
    void a_worker_that_breaks_leaves_its_message_unknown_and_goes_on() {
        start((token, call, dispatch) -> {
            if (call.method().name().equals("sendPhoto")) {
                throw new IllegalStateException("a defect");
            }
            return answered(200, "{\"ok\":true}");
        });

        awaits(enqueue("sendPhoto", 1), MessageState.UNKNOWN);
        awaits(enqueue("sendMessage", 1), MessageState.SENT);
    }

    @Test
    void what_cannot_be_read_is_left_to_others_that_may_have_its_key_before_it_is_a_dead_letter() {
        start((token, call, dispatch) -> answered(200, "{\"ok\":true}"));
        var id = ((Enqueued.Added) queue.enqueue(BOT, NewMessage.to(ChatId.of(1), new byte[] {1}))).id();

        MessageDetails details = awaits(id, MessageState.FAILED);
        assertThat(details.failure()).contains(FailureClass.EXHAUSTED);
        assertThat(details.failedAttempts())
                .extracting(attempt -> attempt.reason())
                .hasSize(3)
                .containsOnly("unreadable");
    }

    @Test
    void the_limits_hear_of_a_message_that_is_written_long_after_it_was_claimed() {
        start((token, call, dispatch) -> {
            // Much longer than it is worth telling.
            assertThat(new CountDownLatch(1).await(60, TimeUnit.MILLISECONDS)).isFalse();
            dispatch.writing().run();
            return answered(200, "{\"ok\":true}");
        });

        awaits(enqueue("sendMessage", 5), MessageState.SENT);
        await().atMost(BOUND).until(() -> !told.isEmpty());
        assertThat(told.getFirst()).isGreaterThanOrEqualTo(Duration.ofMillis(60));
    }
}
