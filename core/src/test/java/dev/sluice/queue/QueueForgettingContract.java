package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.idempotency.Fingerprint;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How every queue forgets what it has for a user. */
abstract class QueueForgettingContract extends QueueNamesContract {
    private static final String DIGEST = "abcdef0123456789abcdef0123456789";
    private static final long ANNS_ID = 1;

    @Test
    void all_messages_to_a_users_private_chat_are_forgotten_and_no_others() {
        MessageId sent = add(message(ANN, "sent").once(DIGEST, Fingerprint.of(bytes("a"))));
        sent(claimOne());
        MessageId dead = add(ANN, "dead");
        settle(claimOne(), new Ending.Refused("refused-400"));
        MessageId unknown = add(message(ANN, "unknown").toldTo(bytes("target")));
        settle(claimOne(), new Ending.Unanswered("no-answer"));
        MessageId waiting = add(message(ANN, "waiting").toldTo(bytes("target")));
        MessageId delayed = add(message(ANN, "delayed").notBefore(SECOND.multipliedBy(100)));
        MessageId doubted = add(message(ANN, "doubted").atLeastOnce());
        MessageId others = add(BOB, "others");
        MessageId groups = add(GROUP, "groups");

        assertThat(queue.personalData().forget(ANNS_ID)).isEqualTo(6);

        for (MessageId gone : List.of(sent, dead, unknown, waiting, delayed, doubted)) {
            assertThat(queue.find(gone)).isEmpty();
            assertThat(queue.callbacks().find(gone)).isEmpty();
        }
        assertThat(claim(10)).extracting(Leased::id).containsExactlyInAnyOrder(others, groups);
        assertThat(queue.personalData().forget(ANNS_ID)).isZero();
        assertThat(queue.statistics(BOT).sent()).isEqualTo(1);
        assertThat(queue.statistics(BOT).failedInAll()).isEqualTo(5);
        // The key is free again.
        add(message(ANN, "other").once(DIGEST, Fingerprint.of(bytes("b"))));
    }

    @Test
    void what_is_in_flight_is_not_forgotten_and_ends_as_ever() {
        MessageId id = add(ANN, "in flight");
        Leased leased = claimOne();
        assertThat(queue.personalData().forget(ANNS_ID)).isZero();
        assertThat(sent(leased)).contains(MessageState.SENT);
        assertThat(queue.personalData().forget(ANNS_ID)).isEqualTo(1);
        assertThat(queue.find(id)).isEmpty();
    }

    @Test
    void one_that_may_have_been_sent_before_it_waited_again_is_forgotten_too() {
        add(message(ANN, "twice").atLeastOnce());
        settle(claimOne(), new Ending.Unanswered("no-answer"));
        assertThat(queue.personalData().forget(ANNS_ID)).isEqualTo(1);
        assertThat(queue.unknowns()
                        .page(BOT, ListFilter.ALL, DeadLetters.START, 10)
                        .items())
                .isEmpty();
        assertThat(queue.statistics(BOT).unknown()).isZero();
    }
}
