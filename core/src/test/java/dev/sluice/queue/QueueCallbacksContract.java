package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.queue.CallbackStatus.Standing;
import dev.sluice.queue.UnknownMessages.Resolution;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ends of messages that somebody is to be told of, on every queue. */
abstract class QueueCallbacksContract extends QueueLearningContract {
    private static final byte[] TARGET = bytes("https://bot.example/ends");
    private static final String KEY = "00112233445566778899aabbccddeeff";

    private static NewMessage told(String text) {
        return message(ANN, text).toldTo(TARGET);
    }

    private List<OwedCallback> owed() {
        return queue.callbacks().claim(BOT, 10, LEASE).callbacks();
    }

    private OwedCallback owedOne() {
        List<OwedCallback> owed = owed();
        assertThat(owed).hasSize(1);
        return owed.getFirst();
    }

    private CallbackStatus status(MessageId id) {
        return queue.callbacks().find(id).orElseThrow();
    }

    /** Every way in which a message ends. */
    enum End {
        SENT(MessageState.SENT, Optional.empty(), it -> it.sent(it.claimOne())),
        REFUSED(
                MessageState.FAILED,
                Optional.of(FailureClass.REFUSED),
                it -> it.settle(it.claimOne(), new Ending.Refused("refused-403"))),
        SUPPRESSED(
                MessageState.FAILED,
                Optional.of(FailureClass.SUPPRESSED),
                it -> it.settle(it.claimOne(), new Ending.Suppressed("blocked"))),
        EXHAUSTED(MessageState.FAILED, Optional.of(FailureClass.EXHAUSTED), it -> {
            for (int attempt = 0; attempt < 4; attempt++) {
                it.settle(it.claimOne(), new Ending.Retry("unreachable"));
                it.clock.advance(Duration.ofSeconds(60));
            }
        }),
        UNANSWERED(
                MessageState.UNKNOWN,
                Optional.empty(),
                it -> it.settle(it.claimOne(), new Ending.Unanswered("no-answer"))),
        LEASE_LOST(MessageState.UNKNOWN, Optional.empty(), it -> {
            it.claimOne();
            it.clock.advance(LEASE);
            it.claim(1);
        }),
        CANCELLED(MessageState.FAILED, Optional.of(FailureClass.CANCELLED), it -> it.queue.cancel(it.ofWhichIsTold)),
        EXPIRED(MessageState.FAILED, Optional.of(FailureClass.EXPIRED), it -> {
            it.clock.advance(Duration.ofHours(1));
            it.claim(1);
        }),
        SUPERSEDED(
                MessageState.FAILED,
                Optional.of(FailureClass.SUPERSEDED),
                it -> it.add(message(ANN, "newer").replacing(KEY)));

        private final MessageState state;
        private final Optional<FailureClass> failure;

        @SuppressWarnings("ImmutableEnumChecker") // the lambdas hold nothing
        private final Consumer<QueueCallbacksContract> way;

        End(MessageState state, Optional<FailureClass> failure, Consumer<QueueCallbacksContract> way) {
            this.state = state;
            this.failure = failure;
            this.way = way;
        }
    }

    private MessageId ofWhichIsTold = new MessageId(BOT, 1);

    @ParameterizedTest
    @EnumSource(End.class)
    void a_callback_is_owed_the_moment_its_message_ends_however_it_does(End end) {
        ofWhichIsTold = add(told("a").dropAfter(Duration.ofHours(1)).replacing(KEY));
        assertThat(owed()).as("before it has ended").isEmpty();
        assertThat(status(ofWhichIsTold).standing()).isEqualTo(Standing.TO_COME);

        end.way.accept(this);

        assertThat(status(ofWhichIsTold).standing()).isEqualTo(Standing.OWED);
        OwedCallback owed = owedOne();
        assertThat(owed.id()).isEqualTo(ofWhichIsTold);
        assertThat(owed.state()).isEqualTo(end.state);
        assertThat(owed.failure()).isEqualTo(end.failure);
        assertThat(owed.attempts()).isEqualTo(find(ofWhichIsTold).attempts());
        assertThat(owed.event()).isEqualTo(1);
        assertThat(owed.tries()).isEqualTo(1);
        assertThat(owed.target()).isEqualTo(TARGET);
        assertThat(owed.ended())
                .isBetween(find(ofWhichIsTold).accepted(), Instant.EPOCH.plus(clock.getAsLong(), ChronoUnit.MICROS));
    }

    @Test
    void nothing_is_owed_for_messages_without_a_callback() {
        MessageId id = add(ANN, "a");
        sent(claimOne());

        assertThat(queue.callbacks().claim(BOT, 10, LEASE))
                .isEqualTo(new DueCallbacks(List.of(), Optional.empty(), 0, 0));
        assertThat(queue.callbacks().find(id)).isEmpty();
    }

    @Test
    void what_was_told_is_not_owed_any_more() {
        MessageId id = add(told("a"));
        sent(claimOne());

        assertThat(queue.callbacks().settle(owedOne(), new Telling.Told())).isTrue();

        clock.advance(Duration.ofHours(2));
        assertThat(owed()).isEmpty();
        assertThat(status(id)).isEqualTo(new CallbackStatus(Standing.TOLD, 1, Optional.empty(), Optional.empty()));
    }

    @Test
    void what_was_not_heard_is_told_again_after_its_pause_as_the_same_event() {
        MessageId id = add(told("a"));
        sent(claimOne());

        queue.callbacks().settle(owedOne(), new Telling.Again("http-500", SECOND.multipliedBy(7)));

        DueCallbacks before = queue.callbacks().claim(BOT, 10, LEASE);
        assertThat(before.callbacks()).isEmpty();
        assertThat(before.wakeUp()).contains(SECOND.multipliedBy(7));
        assertThat(before.owed()).isEqualTo(1);
        assertThat(status(id).reason()).contains("http-500");
        clock.advance(SECOND.multipliedBy(7));
        OwedCallback again = owedOne();
        assertThat(again.event()).isEqualTo(1);
        assertThat(again.tries()).isEqualTo(2);
    }

    @Test
    void what_nobody_tried_to_tell_counts_as_no_try() {
        add(told("a"));
        sent(claimOne());

        queue.callbacks().settle(owedOne(), new Telling.NotTried("busy", SECOND));

        clock.advance(SECOND);
        assertThat(owedOne().tries()).isEqualTo(1);
    }

    @Test
    void what_nobody_wants_to_hear_is_given_up() {
        MessageId id = add(told("a"));
        sent(claimOne());

        queue.callbacks().settle(owedOne(), new Telling.GivenUp("gone"));

        clock.advance(Duration.ofHours(2));
        assertThat(owed()).isEmpty();
        assertThat(status(id).standing()).isEqualTo(Standing.GIVEN_UP);
        assertThat(status(id).reason()).contains("gone");
    }

    @Test
    void whoever_tells_and_dies_is_followed_by_another_when_the_lease_is_over() {
        add(told("a"));
        sent(claimOne());
        OwedCallback first = owedOne();
        assertThat(owed()).isEmpty();

        clock.advance(LEASE);
        OwedCallback second = owedOne();

        assertThat(second.event()).isEqualTo(first.event());
        assertThat(queue.callbacks().settle(first, new Telling.GivenUp("late"))).isFalse();
        assertThat(queue.callbacks().settle(second, new Telling.Told())).isTrue();
    }

    @Test
    void a_later_end_takes_the_place_of_one_that_was_not_told_yet() {
        MessageId id = add(told("a"));
        settle(claimOne(), new Ending.Unanswered("no-answer"));
        OwedCallback unknown = owedOne();

        queue.unknowns().resolve(id, Resolution.SENT);

        assertThat(queue.callbacks().settle(unknown, new Telling.Again("http-500", SECOND)))
                .isFalse();
        OwedCallback sent = owedOne();
        assertThat(sent.state()).isEqualTo(MessageState.SENT);
        assertThat(sent.event()).isEqualTo(2);
    }

    @Test
    void an_end_after_one_that_was_told_is_told_as_well() {
        MessageId id = add(told("a"));
        settle(claimOne(), new Ending.Refused("refused-400"));
        queue.callbacks().settle(owedOne(), new Telling.Told());

        queue.deadLetters().requeue(id);
        assertThat(owed()).isEmpty();
        sent(claimOne());

        OwedCallback second = owedOne();
        assertThat(second.state()).isEqualTo(MessageState.SENT);
        assertThat(second.failure()).isEmpty();
        assertThat(second.event()).isEqualTo(2);
    }

    @Test
    void what_could_not_be_told_for_a_day_is_given_up() {
        MessageId id = add(told("a"));
        sent(claimOne());
        queue.callbacks().settle(owedOne(), new Telling.Again("unreachable", Callbacks.LIFE));

        clock.advance(Callbacks.LIFE);

        assertThat(queue.callbacks().claim(BOT, 10, LEASE))
                .isEqualTo(new DueCallbacks(List.of(), Optional.empty(), 0, 1));
        assertThat(queue.callbacks().find(id).map(CallbackStatus::standing)).isNotEqualTo(Optional.of(Standing.OWED));
    }

    @Test
    void a_purged_dead_letter_is_still_told() {
        MessageId id = add(told("a"));
        settle(claimOne(), new Ending.Refused("refused-400"));
        queue.deadLetters().purge(id);

        assertThat(owedOne().state()).isEqualTo(MessageState.FAILED);
    }

    @Test
    void what_is_forgotten_at_once_is_told_all_the_same() {
        reopen(SETTINGS.withKeep(Duration.ZERO));
        MessageId id = add(told("a"));
        sent(claimOne());

        assertThat(queue.find(id)).isEmpty();
        assertThat(owedOne().state()).isEqualTo(MessageState.SENT);
    }

    @Test
    void a_batch_mixes_messages_with_and_without_keys_and_callbacks() {
        List<Enqueued> first = queue.enqueueAll(
                BOT,
                List.of(
                        message(ANN, "1"),
                        told("2").once(KEY, Fingerprint.of(bytes("2"))),
                        message(ANN, "3").toldTo(bytes("other")),
                        message(ANN, "4").once(KEY + "00", Fingerprint.of(bytes("4")))));
        assertThat(first).allMatch(Enqueued.Added.class::isInstance);
        assertThat(queue.enqueue(BOT, told("2").once(KEY, Fingerprint.of(bytes("2")))))
                .isEqualTo(new Enqueued.Known(added(first.get(1))));

        assertThat(drain()).containsExactly("1", "2", "3", "4");

        assertThat(owed()).extracting(OwedCallback::target).containsExactlyInAnyOrder(TARGET, bytes("other"));
    }

    @Test
    void a_target_is_of_a_bounded_length() {
        assertThatThrownBy(() -> message(ANN, "a").toldTo(new byte[0])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> message(ANN, "a").toldTo(new byte[NewMessage.MAX_CALLBACK + 1]))
                .hasMessageContaining("8192");
    }
}
