package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.Decision;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How messages end on every queue: settlements. */
abstract class QueueEndingsContract extends QueueLeasesContract {
    private static final String KEY = "abcdef0123456789abcdef0123456789";
    private static final Fingerprint CONTENT = Fingerprint.of(bytes("content"));
    private static final Ending.Retry RETRY = new Ending.Retry("unreachable");
    private static final Ending.Refused REFUSED = new Ending.Refused("refused-403");
    private static final Ending.Unanswered UNANSWERED = new Ending.Unanswered("no-answer");

    @Test
    void what_was_sent_is_remembered_with_its_result() {
        MessageId id = add(ANN, "a");
        clock.advance(SECOND);

        assertThat(sent(claimOne())).contains(MessageState.SENT);

        MessageDetails details = find(id);
        assertThat(details.state()).isEqualTo(MessageState.SENT);
        assertThat(details.content()).isEqualTo(bytes("result of a"));
        assertThat(details.until()).contains(Instant.EPOCH.plus(clock.getAsLong(), ChronoUnit.MICROS));
        assertThat(details.chat()).isEqualTo("1");
        assertThat(statistics().sent()).isEqualTo(1);
    }

    @Test
    void a_queue_that_keeps_nothing_forgets_what_has_ended_and_its_key() {
        reopen(SETTINGS.withKeep(Duration.ZERO));
        MessageId id = add(message(ANN, "a").once(KEY, CONTENT));
        sent(claimOne());

        assertThat(queue.find(id)).isEmpty();
        add(message(ANN, "a").once(KEY, CONTENT));
    }

    @Test
    void a_settlement_may_be_repeated_and_changes_nothing_more() {
        for (Ending ending : List.of(
                new Ending.Sent(bytes("r")),
                REFUSED,
                RETRY,
                new Ending.NotSent(),
                UNANSWERED,
                new Ending.Flooded(SECOND))) {
            add(ANN, "a");
            Leased leased = claimOne();
            Optional<MessageState> first = settle(leased, ending);
            QueueStatistics after = statistics();
            MessageDetails details = find(leased.id());

            assertThat(settle(leased, ending)).as("%s", ending).isEqualTo(first);

            assertThat(statistics()).as("%s", ending).isEqualTo(after);
            assertThat(find(leased.id())).as("%s", ending).isEqualTo(details);
            clock.advance(SECOND);
            drain();
        }
    }

    @Test
    void a_batch_of_settlements_is_answered_in_order() {
        add(ANN, "1");
        add(BOB, "2");
        add(CAT, "3");
        List<Leased> leased = claim(3);

        List<Optional<MessageState>> states = queue.settle(
                BOT,
                List.of(
                        leased.get(0).ends(new Ending.Sent(bytes("r"))),
                        leased.get(1).ends(REFUSED),
                        new Settlement(new Lease(leased.get(2).id(), 1), RETRY),
                        leased.get(2).ends(RETRY)));

        assertThat(states)
                .containsExactly(
                        Optional.of(MessageState.SENT),
                        Optional.of(MessageState.FAILED),
                        Optional.empty(),
                        Optional.of(MessageState.RETRYING));
    }

    @Test
    void a_message_that_is_settled_twice_in_one_batch_is_settled_once() {
        add(ANN, "1");
        Leased leased = claimOne();

        List<Optional<MessageState>> states =
                queue.settle(BOT, List.of(leased.ends(RETRY), leased.ends(new Ending.Sent(bytes("r")))));

        assertThat(states).containsExactly(Optional.of(MessageState.RETRYING), Optional.of(MessageState.RETRYING));
        assertThat(statistics().retryingInAll()).isEqualTo(1);
        assertThat(statistics().sent()).isZero();
    }

    @Test
    void settlements_and_leases_of_another_bot_are_refused() {
        var foreign = new Lease(new MessageId(new BotId(7), 1), 1);

        assertThatThrownBy(() -> queue.settle(BOT, List.of(new Settlement(foreign, RETRY))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.extend(BOT, List.of(foreign), SECOND))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(queue.settle(BOT, List.of())).isEmpty();
        assertThat(queue.extend(BOT, List.of(), SECOND)).isEmpty();
    }

    @Test
    void retries_follow_after_1_2_and_4_seconds_and_then_it_is_a_dead_letter() {
        MessageId id = add(ANN, "a");
        for (int seconds : new int[] {1, 2, 4}) {
            assertThat(settle(claimOne(), RETRY)).contains(MessageState.RETRYING);
            assertThat(wakeUp()).contains(Duration.ofSeconds(seconds));
            clock.advance(Duration.ofSeconds(seconds));
        }
        Leased last = claimOne();
        assertThat(last.attempt()).isEqualTo(4);

        assertThat(settle(last, RETRY)).contains(MessageState.FAILED);

        MessageDetails details = find(id);
        assertThat(details.failure()).contains(FailureClass.EXHAUSTED);
        assertThat(details.failedAttempts())
                .extracting(Attempt::reason)
                .containsOnly("unreachable")
                .hasSize(4);
        assertThat(details.content()).isEqualTo(bytes("a"));
        assertThat(statistics().dead()).isEqualTo(1);
        assertThat(claim(1)).isEmpty();
    }

    @Test
    void only_the_last_attempts_are_remembered() {
        reopen(SETTINGS.withRetry(new RetryPolicy(20, SECOND, SECOND, 0)));
        MessageId id = add(ANN, "a");
        for (int i = 0; i < 12; i++) {
            settle(claimOne(), new Ending.Retry("number-" + i));
            clock.advance(SECOND);
        }

        assertThat(find(id).attempts()).isEqualTo(12);
        assertThat(find(id).failedAttempts())
                .extracting(Attempt::reason)
                .hasSize(Attempt.KEPT)
                .startsWith("number-2")
                .endsWith("number-11");
    }

    @Test
    void a_retry_may_say_itself_when() {
        add(ANN, "a");
        settle(claimOne(), new Ending.Retry("unreachable", Optional.of(Duration.ofSeconds(7))));

        assertThat(wakeUp()).contains(Duration.ofSeconds(7));
    }

    @Test
    void a_message_between_two_attempts_holds_its_lane_against_any_priority() {
        add(ANN, "1");
        settle(claimOne(), RETRY);
        add(message(ANN, "vip").asVip());
        add(BOB, "bob");

        assertThat(drain()).containsExactly("bob");
        clock.advance(SECOND);
        assertThat(drain()).containsExactly("1", "vip");
    }

    @Test
    void what_comes_back_unsent_does_not_count_as_an_attempt_and_keeps_its_place() {
        add(ANN, "1");
        add(ANN, "2");
        Leased first = claimOne();
        add(message(ANN, "high").withPriority(Priority.HIGH));

        assertThat(settle(first, new Ending.NotSent())).contains(MessageState.QUEUED);

        Leased high = claimOne();
        assertThat(text(high)).isEqualTo("high");
        sent(high);
        Leased again = claimOne();
        assertThat(text(again)).isEqualTo("1");
        assertThat(again.attempt()).isEqualTo(1);
        assertThat(again.lease().fence()).isGreaterThan(first.lease().fence());
    }

    @Test
    void a_429_parks_the_chat_for_everyone_and_does_not_count() {
        MessageId id = add(ANN, "1");
        add(BOB, "bob");
        Leased ann =
                claim(2).stream().filter(it -> it.id().equals(id)).findFirst().orElseThrow();

        assertThat(settle(ann, new Ending.Flooded(Duration.ofSeconds(30)))).contains(MessageState.QUEUED);

        assertThat(hold(id)).isEqualTo(new Why.Hold.Limited("chat", Decision.Cause.PARK, Duration.ofSeconds(30)));
        add(message(ANN, "vip").asVip());
        add(CAT, "cat");
        assertThat(drain()).containsExactly("cat");
        clock.advance(Duration.ofSeconds(30));
        assertThat(drain()).startsWith("vip", "1");
        assertThat(find(id).attempts()).isZero();
    }

    @Test
    void three_chats_that_are_told_429_within_a_second_park_the_bot() {
        List.of(ANN, BOB, CAT).forEach(chat -> add(chat, "a"));
        for (Leased leased : claim(3)) {
            settle(leased, new Ending.Flooded(Duration.ofSeconds(10)));
        }
        MessageId other = add(GROUP, "other");

        assertThat(claim(10)).isEmpty();
        assertThat(hold(other)).isEqualTo(new Why.Hold.Limited("bot", Decision.Cause.PARK, Duration.ofSeconds(10)));
        clock.advance(Duration.ofSeconds(10));
        assertThat(claim(10)).hasSize(4);
    }

    @Test
    void what_was_told_429_teaches_the_bot_a_pace_that_why_names() {
        limits = TelegramLimits.DOCUMENTED;
        List.of(ANN, BOB, CAT).forEach(chat -> add(chat, "a"));
        for (Leased leased : claim(3)) {
            settle(leased, new Ending.Flooded(SECOND));
        }
        clock.advance(SECOND);
        for (int chat = 0; chat < 20; chat++) {
            add(ChatId.of(5_000 + chat), "b");
        }
        MessageId last = add(ChatId.of(6_000), "last");

        assertThat(claim(100)).hasSizeLessThan(5);
        assertThat(hold(last)).isInstanceOfSatisfying(Why.Hold.Limited.class, limited -> {
            assertThat(limited.scope()).isEqualTo("bot");
            assertThat(limited.cause()).isEqualTo(Decision.Cause.LEARNED);
        });
        assertThat(wakeUp().orElseThrow()).isLessThan(SECOND);
    }

    @Test
    void a_429_without_a_chat_parks_the_bot() {
        add(NewMessage.withoutChat(bytes("edit")));
        settle(claimOne(), new Ending.Flooded(Duration.ofSeconds(10)));
        add(ANN, "a");

        assertThat(claim(10)).isEmpty();
        assertThat(wakeUp()).contains(Duration.ofSeconds(10));
    }

    @Test
    void what_is_suppressed_fails_without_a_dead_letter() {
        MessageId id = add(ANN, "a");
        assertThat(settle(claimOne(), new Ending.Suppressed("blocked"))).contains(MessageState.FAILED);

        assertThat(find(id).failure()).contains(FailureClass.SUPPRESSED);
        assertThat(statistics().dead()).isZero();
    }

    @Test
    void an_unanswered_attempt_is_unknown_and_never_made_again_by_itself() {
        MessageId id = add(ANN, "1");
        add(ANN, "2");

        assertThat(settle(claimOne(), UNANSWERED)).contains(MessageState.UNKNOWN);

        clock.advance(Duration.ofDays(1));
        assertThat(drain()).containsExactly("2");
        assertThat(state(id)).isEqualTo(MessageState.UNKNOWN);
        assertThat(statistics().unknown()).isEqualTo(1);
    }

    @Test
    void under_at_least_once_an_unanswered_attempt_is_made_again_and_unknown_after_the_last() {
        reopen(SETTINGS.withRetry(new RetryPolicy(1, SECOND, SECOND, 0)));
        MessageId id = add(message(ANN, "a").atLeastOnce());
        assertThat(settle(claimOne(), UNANSWERED)).contains(MessageState.RETRYING);
        clock.advance(SECOND);

        assertThat(settle(claimOne(), UNANSWERED)).contains(MessageState.UNKNOWN);

        assertThat(find(id).attempts()).isEqualTo(2);
    }
}
