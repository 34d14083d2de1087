package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.idempotency.Fingerprint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens on every queue to messages that nobody wants sent any more, when an attempt at them may have reached Telegram. */
abstract class QueueDoubtsContract extends QueueEndingsContract {
    private static final String KEY = "00112233445566778899aabbccddeeff";
    private static final Fingerprint CONTENT = Fingerprint.of(bytes("content"));
    private static final Ending.Retry RETRY = new Ending.Retry("unreachable");
    private static final Ending.Unanswered UNANSWERED = new Ending.Unanswered("no-answer");

    /** After an attempt that was not answered it is tried again in a second. */
    private static final Duration LIFETIME = Duration.ofSeconds(20);

    /** Ways in which a message is given up. */
    enum GivingUp {
        CANCELLED,
        EXPIRED,
        SUPERSEDED;

        Optional<FailureClass> failure() {
            return Optional.of(FailureClass.valueOf(name()));
        }
    }

    private Change giveUp(GivingUp how, MessageId id) {
        return switch (how) {
            case CANCELLED -> queue.cancel(id);
            case EXPIRED -> {
                clock.advance(LIFETIME);
                claimNothing();
                yield Change.DONE;
            }
            case SUPERSEDED -> {
                add(newer());
                yield Change.DONE;
            }
        };
    }

    /** Lets what is due be swept, and leases nothing. */
    private void claimNothing() {
        queue.pause(BOT, new PauseScope.WholeBot());
        assertThat(claim(1)).isEmpty();
        queue.resume(BOT, new PauseScope.WholeBot());
    }

    private NewMessage newer() {
        return message(ANN, "newer").replacing(KEY);
    }

    private NewMessage atLeastOnce() {
        return message(ANN, "older")
                .replacing(KEY)
                .once(KEY, CONTENT)
                .dropAfter(LIFETIME)
                .atLeastOnce();
    }

    private Leased leaseLost() {
        add(atLeastOnce());
        Leased leased = claimOne();
        clock.advance(LEASE);
        claimNothing();
        assertThat(state(leased.id())).isEqualTo(MessageState.QUEUED);
        return leased;
    }

    private void isUnknown(GivingUp how, MessageId id) {
        assertThat(state(id)).isEqualTo(MessageState.UNKNOWN);
        assertThat(find(id).failure()).isEqualTo(how.failure());
        assertThat(statistics().unknown()).isEqualTo(1);
        assertThat(statistics().failedInAll()).isZero();
        assertThat(queue.unknowns()
                        .page(BOT, ListFilter.ALL, DeadLetters.START, 10)
                        .items())
                .extracting(MessageDetails::id)
                .containsExactly(id);
        assertThat(queue.enqueue(BOT, message(ANN, "older").once(KEY, CONTENT)))
                .as("its key is not free")
                .isEqualTo(new Enqueued.Known(id));
        books_balance();
    }

    @ParameterizedTest
    @EnumSource
    void what_was_not_answered_is_unknown_when_it_is_given_up(GivingUp how) {
        MessageId id = add(atLeastOnce());
        settle(claimOne(), UNANSWERED);

        Change change = giveUp(how, id);

        isUnknown(how, id);
        assertThat(change).isEqualTo(how == GivingUp.CANCELLED ? Change.UNKNOWN : Change.DONE);
        assertThat(queue.cancel(id)).as("nothing is left to cancel").isEqualTo(Change.NOT_POSSIBLE);
    }

    @ParameterizedTest
    @EnumSource
    void whose_worker_died_is_unknown_when_it_is_given_up(GivingUp how) {
        MessageId id = leaseLost().id();

        giveUp(how, id);

        isUnknown(how, id);
    }

    @ParameterizedTest
    @EnumSource
    void a_later_attempt_that_sent_nothing_leaves_the_doubt_about_an_earlier_one(GivingUp how) {
        Leased lost = leaseLost();
        settle(claimOne(), new Ending.NotSent());
        settle(claimOne(), RETRY);

        giveUp(how, lost.id());

        isUnknown(how, lost.id());
    }

    @ParameterizedTest
    @EnumSource
    void what_certainly_was_not_sent_has_failed_when_it_is_given_up(GivingUp how) {
        Leased lost = leaseLost();
        settle(lost, new Ending.NotSent());
        settle(claimOne(), RETRY);

        giveUp(how, lost.id());

        assertThat(state(lost.id())).isEqualTo(MessageState.FAILED);
        assertThat(find(lost.id()).failure()).isEqualTo(how.failure());
        assertThat(statistics().unknown()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void a_late_worker_that_sent_it_ends_the_doubt_once(GivingUp how) {
        Leased lost = leaseLost();
        giveUp(how, lost.id());

        assertThat(sent(lost)).contains(MessageState.SENT);
        assertThat(sent(lost)).contains(MessageState.SENT);

        assertThat(find(lost.id()).failure()).isEmpty();
        assertThat(find(lost.id()).content()).isEqualTo(bytes("result of older"));
        assertThat(statistics().sent()).isEqualTo(1);
        assertThat(statistics().unknown()).isZero();
        assertThat(statistics().failedInAll()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void a_late_worker_that_did_not_send_it_ends_it_as_what_it_was_given_up_for(GivingUp how) {
        for (Ending ending : List.of(new Ending.NotSent(), RETRY, new Ending.Flooded(SECOND))) {
            Leased lost = leaseLost();
            giveUp(how, lost.id());

            assertThat(settle(lost, ending)).as("%s", ending).contains(MessageState.FAILED);
            QueueStatistics after = statistics();
            MessageDetails details = find(lost.id());
            assertThat(settle(lost, ending)).as("again").contains(MessageState.FAILED);

            assertThat(details.failure()).isEqualTo(how.failure());
            assertThat(details.attempts()).isEqualTo(ending instanceof Ending.Retry ? 1 : 0);
            assertThat(find(lost.id())).isEqualTo(details);
            assertThat(statistics()).isEqualTo(after);
            assertThat(after.unknown()).isZero();
            drain();
            clock.advance(SETTINGS.keep());
            lose();
        }
    }

    @Test
    void a_late_worker_that_did_not_send_it_says_nothing_of_earlier_attempts() {
        MessageId id = add(atLeastOnce());
        settle(claimOne(), UNANSWERED);
        clock.advance(SECOND);
        Leased second = claimOne();
        clock.advance(LEASE);
        claimNothing();
        queue.cancel(id);
        MessageDetails before = find(id);

        for (Ending ending : List.of(new Ending.NotSent(), RETRY, new Ending.Flooded(SECOND), UNANSWERED)) {
            assertThat(settle(second, ending)).as("%s", ending).contains(MessageState.UNKNOWN);
            assertThat(find(id)).isEqualTo(before);
        }
        assertThat(settle(second, new Ending.Refused("refused-403"))).contains(MessageState.FAILED);
        assertThat(find(id).failure()).contains(FailureClass.REFUSED);
    }

    @ParameterizedTest
    @EnumSource
    void that_it_was_sent_is_believed_also_of_what_has_failed_as_given_up(GivingUp how) {
        MessageId id = add(atLeastOnce());
        Leased leased = claimOne();
        settle(leased, RETRY);
        giveUp(how, id);
        assertThat(state(id)).isEqualTo(MessageState.FAILED);

        assertThat(settle(leased, RETRY)).contains(MessageState.FAILED);
        assertThat(sent(leased)).contains(MessageState.SENT);
        assertThat(sent(leased)).contains(MessageState.SENT);

        assertThat(statistics().sent()).isEqualTo(1);
        assertThat(statistics().failedInAll()).isZero();
        assertThat(find(id).content()).isEqualTo(bytes("result of older"));
    }

    @Test
    void what_somebody_resolved_as_failed_stays_so() {
        Leased lost = leaseLost();
        queue.cancel(lost.id());
        queue.unknowns().resolve(lost.id(), UnknownMessages.Resolution.FAILED);

        assertThat(sent(lost)).contains(MessageState.FAILED);

        assertThat(find(lost.id()).failure()).contains(FailureClass.REFUSED);
        assertThat(statistics().sent()).isZero();
    }

    @Test
    void what_is_sent_again_by_hand_has_no_doubts_behind_it() {
        MessageId id = add(atLeastOnce());
        settle(claimOne(), UNANSWERED);
        queue.cancel(id);

        queue.unknowns().resolve(id, UnknownMessages.Resolution.REQUEUE);

        assertThat(find(id).failure()).isEmpty();
        assertThat(queue.cancel(id)).isEqualTo(Change.DONE);
        assertThat(find(id).failure()).contains(FailureClass.CANCELLED);
    }

    @Test
    void after_the_last_attempt_it_is_unknown_if_any_was_not_answered() {
        reopen(SETTINGS.withRetry(new RetryPolicy(1, SECOND, SECOND, 0)));
        MessageId id = add(message(ANN, "a").atLeastOnce());
        settle(claimOne(), UNANSWERED);
        clock.advance(SECOND);
        Leased last = claimOne();

        assertThat(settle(last, RETRY)).contains(MessageState.UNKNOWN);
        MessageDetails details = find(id);
        assertThat(settle(last, RETRY)).contains(MessageState.UNKNOWN);

        assertThat(find(id)).isEqualTo(details);
        assertThat(details.failure()).isEmpty();
        assertThat(statistics().dead()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void what_was_given_up_unsent_leaves_its_key_free_unless_a_newer_one_took_its_place(GivingUp how) {
        MessageId id = add(atLeastOnce());
        giveUp(how, id);

        Enqueued again = queue.enqueue(BOT, message(ANN, "anew").once(KEY, Fingerprint.of(bytes("other"))));

        if (how == GivingUp.SUPERSEDED) {
            assertThat(again).isEqualTo(new Enqueued.Mismatch(id));
        } else {
            MessageId anew = added(again);
            assertThat(find(id).failure()).as("it is remembered all the same").isEqualTo(how.failure());
            clock.advance(SETTINGS.keep());
            assertThat(queue.enqueue(BOT, message(ANN, "anew").once(KEY, Fingerprint.of(bytes("other")))))
                    .as("the key is the new one's when the old one is forgotten")
                    .isEqualTo(new Enqueued.Known(anew));
        }
    }

    /** The store loses everything. */
    abstract void lose();
}
