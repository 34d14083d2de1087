package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.UnknownMessages.Resolution;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What waits for somebody to look at it on every queue: dead letters and unknown messages. */
abstract class QueueListsContract extends QueueDoubtsContract {
    private static final String KEY = "abcdef0123456789abcdef0123456789";
    private static final Fingerprint CONTENT = Fingerprint.of(bytes("content"));
    private static final Ending.Refused REFUSED = new Ending.Refused("refused-403");
    private static final Ending.Unanswered UNANSWERED = new Ending.Unanswered("no-answer");

    // Dead letters

    private MessageId dead(ChatId chat, String text, String reason) {
        MessageId id = add(chat, text);
        Leased leased = claimOne();
        assertThat(leased.id()).isEqualTo(id);
        settle(leased, new Ending.Refused(reason));
        clock.advance(SECOND);
        return id;
    }

    private List<MessageId> deadIds(ListFilter filter) {
        return queue.deadLetters().page(BOT, filter, DeadLetters.START, 200).items().stream()
                .map(MessageDetails::id)
                .toList();
    }

    @Test
    void dead_letters_are_listed_oldest_first_and_filtered() {
        MessageId first = dead(ANN, "1", "refused-400");
        Instant between = Instant.EPOCH.plus(clock.getAsLong(), ChronoUnit.MICROS);
        MessageId second = dead(BOB, "2", "refused-403");
        MessageId third = dead(ANN, "3", "refused-403");

        assertThat(deadIds(ListFilter.ALL)).containsExactly(first, second, third);
        assertThat(deadIds(ListFilter.ALL.ofChat(ANN))).containsExactly(first, third);
        assertThat(deadIds(ListFilter.ALL.because("refused-403"))).containsExactly(second, third);
        assertThat(deadIds(ListFilter.ALL.because("refused-403").ofChat(BOB))).containsExactly(second);
        assertThat(deadIds(ListFilter.ALL.since(between))).containsExactly(second, third);
        assertThat(deadIds(ListFilter.ALL.before(between))).containsExactly(first);
        MessageDetails shown = find(second);
        assertThat(shown.failure()).contains(FailureClass.REFUSED);
        assertThat(shown.failedAttempts()).extracting(Attempt::reason).containsExactly("refused-403");
        assertThat(shown.content()).isEqualTo(bytes("2"));
    }

    @Test
    void dead_letters_are_read_page_by_page() {
        var all = new ArrayList<MessageId>();
        for (int i = 0; i < 5; i++) {
            add(ChatId.of(i + 1), "a");
        }
        claim(5).forEach(leased -> {
            all.add(leased.id());
            settle(leased, REFUSED);
        });
        var seen = new ArrayList<MessageId>();
        OptionalLong next = OptionalLong.of(DeadLetters.START);
        while (next.isPresent()) {
            Page page = queue.deadLetters().page(BOT, ListFilter.ALL, next.getAsLong(), 2);
            page.items().forEach(details -> seen.add(details.id()));
            next = page.next();
        }

        assertThat(seen).containsExactlyElementsOf(all);
    }

    @Test
    void a_page_that_is_full_with_the_last_message_that_was_looked_at_goes_on() {
        for (int i = 0; i <= DeadLetters.LOOKED_AT; i++) {
            add(ChatId.of(i + 1), "a");
        }
        List<Leased> all = claim(DeadLetters.LOOKED_AT + 1);
        for (int i = 0; i < all.size(); i++) {
            settle(all.get(i), new Ending.Refused(i < DeadLetters.LOOKED_AT - 1 ? "refused-400" : "refused-403"));
        }

        Page page = queue.deadLetters().page(BOT, ListFilter.ALL.because("refused-403"), DeadLetters.START, 1);

        assertThat(page.items()).hasSize(1);
        Page rest = queue.deadLetters()
                .page(BOT, ListFilter.ALL.because("refused-403"), page.next().orElseThrow(), 1);
        assertThat(rest.items())
                .extracting(MessageDetails::id)
                .containsExactly(all.getLast().id());
    }

    @Test
    void a_dead_letter_is_requeued_with_all_its_attempts_before_it() {
        MessageId id = dead(ANN, "1", "refused-400");
        add(ANN, "2");

        assertThat(queue.deadLetters().requeue(id)).isEqualTo(Change.DONE);

        assertThat(queue.deadLetters().requeue(id)).isEqualTo(Change.NOT_POSSIBLE);
        assertThat(queue.deadLetters().requeue(new MessageId(BOT, 3))).isEqualTo(Change.ABSENT);
        assertThat(statistics().dead()).isZero();
        assertThat(statistics().failedInAll()).isZero();
        assertThat(find(id).failedAttempts()).hasSize(1);
        Leased again = claimOne();
        assertThat(again.id()).isEqualTo(id);
        assertThat(again.attempt()).isEqualTo(1);
        sent(again);
    }

    @Test
    void the_lifetime_of_a_dead_letter_does_not_come_back() {
        add(message(ANN, "1").dropAfter(SECOND));
        Leased leased = claimOne();
        settle(leased, REFUSED);
        clock.advance(Duration.ofMinutes(1));

        queue.deadLetters().requeue(leased.id());

        assertThat(drain()).containsExactly("1");
    }

    @Test
    void dead_letters_that_match_are_requeued_or_purged_together() {
        MessageId kept = dead(BOB, "1", "refused-400");
        dead(ANN, "2", "refused-403");
        dead(ANN, "3", "refused-400");
        MessageId purged = dead(ANN, "4", "refused-400");

        Swept requeued = queue.deadLetters().requeueAll(BOT, ListFilter.ALL.because("refused-403"), DeadLetters.START);
        Swept swept = queue.deadLetters().purgeAll(BOT, ListFilter.ALL.ofChat(ANN), DeadLetters.START);

        assertThat(requeued).isEqualTo(new Swept(1, OptionalLong.empty()));
        assertThat(swept).isEqualTo(new Swept(2, OptionalLong.empty()));
        assertThat(deadIds(ListFilter.ALL)).containsExactly(kept);
        assertThat(queue.find(purged)).isEmpty();
        assertThat(drain()).containsExactly("2");
        assertThat(statistics().failed()).containsEntry(FailureClass.REFUSED, 3L);
    }

    @Test
    void many_dead_letters_are_changed_in_steps() {
        for (int i = 0; i < DeadLetters.LOOKED_AT + 50; i++) {
            add(ChatId.of(i + 1), "a");
        }
        claim(500).forEach(leased -> settle(leased, REFUSED));

        Swept first = queue.deadLetters().requeueAll(BOT, ListFilter.ALL, DeadLetters.START);
        Swept rest =
                queue.deadLetters().requeueAll(BOT, ListFilter.ALL, first.next().orElseThrow());

        assertThat(first.changed()).isEqualTo(DeadLetters.LOOKED_AT);
        assertThat(rest.changed()).isEqualTo(50);
        assertThat(statistics().dead()).isZero();
        assertThat(statistics().pending()).isEqualTo(DeadLetters.LOOKED_AT + 50);
    }

    @Test
    void a_dead_letter_keeps_its_key_until_it_is_purged() {
        MessageId id = add(message(ANN, "a").once(KEY, CONTENT));
        settle(claimOne(), REFUSED);
        assertThat(queue.enqueue(BOT, message(ANN, "a").once(KEY, CONTENT))).isEqualTo(new Enqueued.Known(id));

        assertThat(queue.deadLetters().purge(id)).isEqualTo(Change.DONE);

        assertThat(queue.deadLetters().purge(id)).isEqualTo(Change.ABSENT);
        add(message(ANN, "a").once(KEY, CONTENT));
    }

    // Unknown messages

    private MessageId unknown(ChatId chat, String text) {
        MessageId id = add(chat, text);
        settle(claimOne(), UNANSWERED);
        clock.advance(SECOND);
        return id;
    }

    @Test
    void unknown_messages_are_listed_and_resolved_by_hand() {
        MessageId sent = unknown(ANN, "1");
        MessageId failed = unknown(BOB, "2");
        MessageId again = unknown(CAT, "3");
        UnknownMessages unknowns = queue.unknowns();
        assertThat(unknowns.page(BOT, ListFilter.ALL, DeadLetters.START, 10).items())
                .extracting(MessageDetails::id)
                .containsExactly(sent, failed, again);

        assertThat(unknowns.resolve(sent, Resolution.SENT)).isEqualTo(Change.DONE);
        assertThat(unknowns.resolve(failed, Resolution.FAILED)).isEqualTo(Change.DONE);
        assertThat(unknowns.resolve(again, Resolution.REQUEUE)).isEqualTo(Change.DONE);

        assertThat(unknowns.resolve(sent, Resolution.SENT)).isEqualTo(Change.NOT_POSSIBLE);
        assertThat(unknowns.resolve(new MessageId(BOT, 9), Resolution.SENT)).isEqualTo(Change.ABSENT);
        assertThat(state(sent)).isEqualTo(MessageState.SENT);
        assertThat(state(failed)).isEqualTo(MessageState.FAILED);
        assertThat(statistics().unknown()).isZero();
        assertThat(statistics().dead()).isZero();
        assertThat(drain()).containsExactly("3");
    }

    @Test
    void unknown_messages_that_match_are_resolved_together() {
        unknown(ANN, "1");
        unknown(BOB, "2");

        Swept swept =
                queue.unknowns().resolveAll(BOT, ListFilter.ALL.ofChat(ANN), DeadLetters.START, Resolution.REQUEUE);

        assertThat(swept.changed()).isEqualTo(1);
        assertThat(drain()).containsExactly("1");
        assertThat(statistics().unknown()).isEqualTo(1);
    }

    @Test
    void what_somebody_has_resolved_is_not_settled_by_a_late_worker() {
        add(ANN, "1");
        Leased late = claimOne();
        clock.advance(LEASE);
        claim(1);
        queue.unknowns().resolve(late.id(), Resolution.REQUEUE);

        assertThat(sent(late)).isEmpty();

        assertThat(drain()).containsExactly("1");
    }

    @Test
    void a_limit_that_was_charged_for_a_lost_lease_stays_charged() {
        limits = new TelegramLimits(
                NO_LIMITS.bot(),
                NO_LIMITS.paid(),
                Limit.atMost(1, Duration.ofSeconds(20)),
                NO_LIMITS.group(),
                Optional.empty());
        add(message(ANN, "1").atLeastOnce());
        claimOne();
        clock.advance(LEASE);

        assertThat(claim(1)).isEmpty();
        assertThat(wakeUp()).contains(Duration.ofSeconds(15));
    }
}
