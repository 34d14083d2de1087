package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.UnknownMessages.Resolution;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** How messages end on every queue: settlements, lost leases, dead letters, unknown ones. */
abstract class QueueEndingsContract extends QueueConcurrencyContract {
    private static final String KEY = "abcdef0123456789abcdef0123456789";
    private static final Fingerprint CONTENT = Fingerprint.of(bytes("content"));
    private static final Ending.Retry RETRY = new Ending.Retry("unreachable");
    private static final Ending.Refused REFUSED = new Ending.Refused("refused-403");
    private static final Ending.Unanswered UNANSWERED = new Ending.Unanswered("no-answer");

    // Settlements

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

    // Leases

    @Test
    void a_worker_that_died_leaves_its_message_unknown() {
        MessageId id = add(ANN, "1");
        add(ANN, "2");
        claimOne();
        clock.advance(LEASE.minusMillis(1));
        assertThat(claim(10)).isEmpty();
        clock.advance(Duration.ofMillis(1));

        assertThat(texts(claim(10))).containsExactly("2");

        assertThat(state(id)).isEqualTo(MessageState.UNKNOWN);
        assertThat(find(id).failedAttempts()).extracting(Attempt::reason).containsExactly(Attempt.LEASE_LOST);
    }

    @Test
    void under_at_least_once_it_goes_back_to_its_place_and_the_attempt_counts() {
        MessageId id = add(message(ANN, "1").atLeastOnce());
        add(ANN, "2");
        claimOne();
        clock.advance(LEASE);

        Leased again = claimOne();

        assertThat(again.id()).isEqualTo(id);
        assertThat(again.attempt()).isEqualTo(2);
    }

    @Test
    void a_message_that_kills_its_workers_does_not_do_so_for_ever() {
        MessageId id = add(message(ANN, "poison").atLeastOnce());
        int claimed = 0;
        while (!claim(1).isEmpty()) {
            claimed++;
            clock.advance(LEASE);
        }

        assertThat(claimed).isEqualTo(4);
        assertThat(state(id)).isEqualTo(MessageState.UNKNOWN);
    }

    @Test
    void a_late_worker_is_believed_as_long_as_nobody_else_had_the_message() {
        add(ANN, "1");
        Leased first = claimOne();
        add(message(BOB, "2").atLeastOnce());
        Leased second = claimOne();
        clock.advance(LEASE);
        assertThat(queue.statistics(BOT).leased()).isEqualTo(2);
        queue.pause(BOT, new PauseScope.WholeBot());
        claim(1);
        queue.resume(BOT, new PauseScope.WholeBot());
        assertThat(state(first.id())).isEqualTo(MessageState.UNKNOWN);
        assertThat(state(second.id())).isEqualTo(MessageState.QUEUED);

        assertThat(sent(first)).contains(MessageState.SENT);
        assertThat(sent(second)).contains(MessageState.SENT);

        assertThat(claim(10)).isEmpty();
        assertThat(statistics().sent()).isEqualTo(2);
        assertThat(statistics().unknown()).isZero();
    }

    @Test
    void a_late_worker_may_also_say_that_nothing_was_sent() {
        MessageId id = add(ANN, "1");
        Leased late = claimOne();
        clock.advance(LEASE);
        claim(1);

        assertThat(settle(late, new Ending.NotSent())).contains(MessageState.QUEUED);

        Leased again = claimOne();
        assertThat(again.id()).isEqualTo(id);
        assertThat(again.attempt()).isEqualTo(1);
    }

    @Test
    void a_late_worker_is_not_heard_once_the_message_has_passed_on() {
        add(message(ANN, "1").atLeastOnce());
        Leased late = claimOne();
        clock.advance(LEASE);
        Leased next = claimOne();

        assertThat(sent(late)).isEmpty();
        assertThat(queue.extend(BOT, List.of(late.lease()), LEASE)).containsExactly(false);
        assertThat(sent(next)).contains(MessageState.SENT);
    }

    @Test
    void a_late_retry_counts_once() {
        add(message(ANN, "1").atLeastOnce());
        Leased late = claimOne();
        clock.advance(LEASE);
        queue.pause(BOT, new PauseScope.WholeBot());
        claim(1);
        queue.resume(BOT, new PauseScope.WholeBot());

        assertThat(settle(late, RETRY)).contains(MessageState.QUEUED);

        assertThat(claimOne().attempt()).isEqualTo(2);
    }

    @Test
    void a_lease_that_is_extended_lasts_longer() {
        add(ANN, "1");
        Leased leased = claimOne();
        for (int i = 0; i < 3; i++) {
            clock.advance(LEASE.minusSeconds(1));
            assertThat(claim(1)).isEmpty();
            assertThat(queue.extend(BOT, List.of(leased.lease()), LEASE)).containsExactly(true);
        }
        assertThat(wakeUp()).contains(LEASE);

        assertThat(sent(leased)).contains(MessageState.SENT);
        assertThat(queue.extend(BOT, List.of(leased.lease()), LEASE)).containsExactly(false);
    }

    @Test
    void a_lease_that_ran_out_may_be_extended_until_somebody_notices() {
        add(ANN, "1");
        Leased leased = claimOne();
        clock.advance(LEASE.plusSeconds(1));

        assertThat(queue.extend(BOT, List.of(leased.lease()), LEASE)).containsExactly(true);

        assertThat(claim(1)).isEmpty();
        assertThat(sent(leased)).contains(MessageState.SENT);
    }

    @Test
    void fences_ascend() {
        var fences = new ArrayList<Long>();
        for (int i = 0; i < 5; i++) {
            add(ChatId.of(i + 1), "a");
        }
        claim(3).forEach(leased -> fences.add(leased.lease().fence()));
        claim(2).forEach(leased -> fences.add(leased.lease().fence()));

        assertThat(fences).isSorted().doesNotHaveDuplicates();
    }

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
