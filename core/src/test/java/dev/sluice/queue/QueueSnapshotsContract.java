package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.queue.SavedMessage.Place;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is taken out of every queue and put into another. */
abstract class QueueSnapshotsContract extends QueueCallbacksContract {
    private static final String KEY = "ffeeddccbbaa99887766554433221100";
    private static final Fingerprint CONTENT = Fingerprint.of(bytes("content"));

    /** All of it, each once. */
    private List<SavedMessage> saved() {
        var byId = new TreeMap<MessageId, SavedMessage>();
        Optional<String> next = Optional.of(Snapshots.START);
        for (int step = 0; next.isPresent(); step++) {
            assertThat(step).as("an end to the pages").isLessThan(10_000);
            SnapshotPage page = queue.snapshots().read(BOT, next.get());
            page.messages().forEach(message -> byId.put(message.id(), message));
            next = page.next();
        }
        return List.copyOf(byId.values());
    }

    private List<Restored> restore(List<SavedMessage> messages) {
        var restored = new ArrayList<Restored>();
        for (int from = 0; from < messages.size(); from += Snapshots.MOST_RESTORED) {
            int to = Math.min(messages.size(), from + Snapshots.MOST_RESTORED);
            restored.addAll(queue.snapshots().restore(BOT, messages.subList(from, to)));
        }
        return restored;
    }

    private List<SavedMessage> savedAndLost() {
        List<SavedMessage> all = saved();
        lose();
        assertThat(statistics().accepted()).isZero();
        return all;
    }

    @Test
    void a_cursor_is_any_of_64_bits_without_a_sign() {
        assertThat(queue.snapshots().read(BOT, "18446744073709551615").messages())
                .isEmpty();
    }

    @Test
    void what_was_lost_is_sent_once_and_in_order_after_it_was_restored_in_any_order() {
        var sent = List.of("1", "2", "3", "4");
        sent.forEach(text -> add(ANN, text));
        add(GROUP, "group");
        add(new ChatId("@named"), "named");
        add(NewMessage.withoutChat(bytes("chatless")));
        add(message(BOB, "low").withPriority(Priority.LOW));
        add(message(BOB, "high").withPriority(Priority.HIGH));
        add(message(BOB, "vip").asVip());
        add(message(CAT, "paid").inPaidLane().costing(3));
        var all = new ArrayList<>(savedAndLost());
        all.sort(Comparator.comparing(SavedMessage::id).reversed());

        assertThat(restore(all)).containsOnly(Restored.ADDED).hasSize(11);
        assertThat(restore(all)).as("again").containsOnly(Restored.KNOWN);
        List<String> drained = drain();

        assertThat(drained)
                .containsExactlyInAnyOrder(
                        "1", "2", "3", "4", "group", "named", "chatless", "low", "high", "vip", "paid")
                .containsSubsequence(sent)
                .containsSubsequence("vip", "high", "low");
        assertThat(restore(all)).as("after they were sent").containsOnly(Restored.KNOWN);
        assertThat(drain()).isEmpty();
    }

    @Test
    void what_was_restored_is_replaced_and_joined_as_before() {
        var keyboard = new Replacement(KEY, 2);
        add(message(ANN, "text").replacing(new Replacement(KEY, 3)));
        add(message(ANN, "keyboard").replacing(keyboard));
        for (String text : List.of("1", "2", "3")) {
            add(message(BOB, text).joining(new Joint(KEY, 1)));
        }

        restore(savedAndLost());

        add(message(ANN, "newer keyboard").replacing(keyboard));
        assertThat(statistics().failed()).containsEntry(FailureClass.SUPERSEDED, 1L);
        Leased bob =
                claim(2).stream().filter(it -> text(it).equals("1")).findFirst().orElseThrow();
        assertThat(texts(queue.claimAlong(bob.lease(), 0))).containsExactly("2", "3");
        assertThat(saved()).extracting(SavedMessage::lane).containsOnly("1", "2");
    }

    @Test
    void a_message_is_saved_with_all_that_was_said_of_it_and_comes_back_the_same() {
        MessageId id = add(message(GROUP, "a")
                .withPriority(Priority.LOW)
                .costing(7)
                .inPaidLane()
                .atLeastOnce()
                .once(KEY, CONTENT)
                .replacing(KEY)
                .dropAfter(Duration.ofHours(2))
                .toldTo(bytes("target")));
        settle(claimOne(), new Ending.Retry("unreachable", Optional.of(SECOND)));
        clock.advance(SECOND);
        MessageDetails before = find(id);

        List<SavedMessage> all = savedAndLost();
        restore(all);

        assertThat(all)
                .singleElement()
                .satisfies(saved -> assertThat(saved.place()).isEqualTo(Place.LANE));
        assertThat(saved()).isEqualTo(all);
        MessageDetails after = find(id);
        assertThat(after.state()).isEqualTo(MessageState.QUEUED);
        assertThat(after.failedAttempts()).isEqualTo(before.failedAttempts());
        assertThat(after.attempts()).isEqualTo(1);
        assertThat(after.deadline()).isEqualTo(before.deadline());
        assertThat(after.cost()).isEqualTo(7);
        assertThat(after.content()).isEqualTo(bytes("a"));
        assertThat(queue.enqueue(BOT, message(GROUP, "a").once(KEY, CONTENT))).isEqualTo(new Enqueued.Known(id));
        assertThat(queue.callbacks().find(id).map(CallbackStatus::standing)).contains(CallbackStatus.Standing.TO_COME);
        sent(claimOne());
        assertThat(queue.callbacks().claim(BOT, 1, LEASE).callbacks()).hasSize(1);
    }

    @Test
    void delays_and_lifetimes_go_on_where_they_were() {
        MessageId late = add(message(ANN, "late").notBefore(Duration.ofHours(1)));
        MessageId short_ = add(message(BOB, "short").dropAfter(Duration.ofMinutes(1)));
        List<SavedMessage> all = savedAndLost();
        clock.advance(Duration.ofMinutes(2));

        restore(all);

        assertThat(claim(5)).isEmpty();
        assertThat(find(short_).failure()).contains(FailureClass.EXPIRED);
        assertThat(state(late)).isEqualTo(MessageState.DELAYED);
        clock.advance(Duration.ofMinutes(58));
        assertThat(texts(claim(5))).containsExactly("late");
    }

    @Test
    void dead_letters_and_unknown_messages_are_still_to_be_looked_at() {
        MessageId dead = add(message(ANN, "dead").once(KEY, CONTENT));
        settle(claimOne(), new Ending.Refused("refused-403"));
        MessageId unknown = add(BOB, "unknown");
        settle(claimOne(), new Ending.Unanswered("no-answer"));
        MessageId other = add(CAT, "other");
        settle(claimOne(), new Ending.Unanswered("no-answer"));

        restore(savedAndLost());

        assertThat(claim(5)).isEmpty();
        assertThat(statistics().dead()).isEqualTo(1);
        assertThat(queue.deadLetters()
                        .page(BOT, ListFilter.ALL.because("refused-403"), DeadLetters.START, 9)
                        .items())
                .extracting(MessageDetails::id)
                .containsExactly(dead);
        assertThat(queue.unknowns()
                        .page(BOT, ListFilter.ALL, DeadLetters.START, 9)
                        .items())
                .extracting(MessageDetails::id)
                .containsExactlyInAnyOrder(unknown, other);
        assertThat(queue.deadLetters().requeue(dead)).isEqualTo(Change.DONE);
        assertThat(queue.unknowns().resolve(unknown, UnknownMessages.Resolution.REQUEUE))
                .isEqualTo(Change.DONE);
        assertThat(drain()).containsExactlyInAnyOrder("dead", "unknown");
    }

    @Test
    void what_was_leased_may_have_been_sent() {
        MessageId once = add(ANN, "once");
        MessageId again = add(message(BOB, "again").atLeastOnce());
        claim(2);
        List<SavedMessage> all = savedAndLost();

        restore(all);

        assertThat(state(once)).isEqualTo(MessageState.UNKNOWN);
        assertThat(find(once).failedAttempts()).extracting(Attempt::reason).containsExactly(Attempt.LEASE_LOST);
        Leased second = claimOne();
        assertThat(second.id()).isEqualTo(again);
        assertThat(second.attempt()).isEqualTo(2);
    }

    @Test
    void a_key_of_what_was_sent_still_holds_for_as_long_as_it_would_have() {
        add(ANN, "without a key");
        MessageId keyed = add(message(BOB, "keyed").once(KEY, CONTENT));
        claim(2).forEach(this::sent);
        List<SavedMessage> all = savedAndLost();
        assertThat(all).extracting(SavedMessage::id).containsExactly(keyed);
        clock.advance(Duration.ofHours(23));

        assertThat(restore(all)).containsExactly(Restored.ADDED);

        assertThat(queue.enqueue(BOT, message(BOB, "keyed").once(KEY, CONTENT))).isEqualTo(new Enqueued.Known(keyed));
        assertThat(find(keyed).content()).isEqualTo(bytes("result of keyed"));
        assertThat(statistics().sent()).isEqualTo(1);
        lose();
        clock.advance(Duration.ofHours(1));
        assertThat(restore(all)).containsExactly(Restored.FORGOTTEN);
        assertThat(statistics().accepted()).isZero();
    }

    @Test
    void an_end_that_was_not_told_yet_is_still_told() {
        MessageId id = add(message(ANN, "a").toldTo(bytes("target")));
        settle(claimOne(), new Ending.Unanswered("no-answer"));
        queue.callbacks().claim(BOT, 1, LEASE);

        restore(savedAndLost());

        List<OwedCallback> owed = queue.callbacks().claim(BOT, 9, LEASE).callbacks();
        assertThat(owed).hasSize(1);
        assertThat(owed.getFirst().id()).isEqualTo(id);
        assertThat(owed.getFirst().event()).isEqualTo(1);
        assertThat(owed.getFirst().state()).isEqualTo(MessageState.UNKNOWN);
        assertThat(owed.getFirst().target()).isEqualTo(bytes("target"));
    }

    @Test
    void what_was_accepted_after_the_loss_stays_and_goes_behind_what_comes_back() {
        add(ANN, "before");
        MessageId keyed = add(message(ANN, "keyed").once(KEY, CONTENT));
        List<SavedMessage> all = savedAndLost();
        clock.advance(SECOND);
        add(ANN, "after");
        add(message(ANN, "keyed anew").once(KEY, CONTENT));

        assertThat(restore(all)).containsExactly(Restored.ADDED, Restored.KEY_TAKEN);

        assertThat(queue.find(keyed)).isEmpty();
        assertThat(drain()).containsExactly("before", "after", "keyed anew");
        assertThat(add(ANN, "newest")).isGreaterThan(keyed);
    }

    @Test
    void a_message_that_is_back_joins_behind_the_one_in_flight() {
        add(ANN, "1");
        add(ANN, "2");
        List<SavedMessage> all = savedAndLost();
        clock.advance(SECOND);
        add(ANN, "3");
        Leased inFlight = claimOne();

        restore(all);

        assertThat(claim(5)).as("one of a chat at a time").isEmpty();
        sent(inFlight);
        assertThat(drain()).containsExactly("1", "2");
    }

    @Test
    void a_bound_holds_for_what_is_restored() {
        add(ANN, "1");
        add(ANN, "2");
        List<SavedMessage> all = savedAndLost();
        reopen(SETTINGS.withBound(1));

        assertThat(restore(all)).containsExactly(Restored.ADDED, Restored.FULL);
        assertThat(drain()).containsExactly("1");
        assertThat(restore(all)).containsExactly(Restored.KNOWN, Restored.ADDED);
    }

    @Test
    void nothing_is_restored_whose_time_is_still_to_come() {
        add(ANN, "1");
        List<SavedMessage> all = savedAndLost();
        clock.advance(Duration.ofDays(-2));

        assertThat(restore(all)).containsExactly(Restored.AHEAD);
        assertThat(statistics().accepted()).isZero();
    }

    @Test
    void a_long_queue_is_read_page_by_page() {
        var texts = new ArrayList<String>();
        for (int i = 0; i < 1_500; i++) {
            texts.add("m" + i);
            add(ChatId.of(1 + i % 7), "m" + i);
        }

        List<SavedMessage> all = savedAndLost();
        assertThat(all).hasSize(1_500);
        restore(all);

        var byChat = new TreeMap<Long, List<String>>();
        for (List<Leased> claimed = claim(7); !claimed.isEmpty(); claimed = claim(7)) {
            for (Leased leased : claimed) {
                int number = Integer.parseInt(text(leased).substring(1));
                byChat.computeIfAbsent(1L + number % 7, chat -> new ArrayList<>())
                        .add(text(leased));
                sent(leased);
            }
        }
        for (Map.Entry<Long, List<String>> chat : byChat.entrySet()) {
            assertThat(chat.getValue())
                    .containsExactlyElementsOf(texts.stream()
                            .filter(text -> 1 + Integer.parseInt(text.substring(1)) % 7 == chat.getKey())
                            .toList());
        }
    }

    @Test
    void other_bots_are_not_touched() {
        var other = new BotId(43);
        queue.enqueue(other, message(ANN, "theirs"));
        add(ANN, "mine");

        assertThat(saved()).hasSize(1);
        SavedMessage mine = saved().getFirst();
        assertThatThrownBy(() -> queue.snapshots().restore(other, List.of(mine)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void that_an_attempt_may_have_reached_telegram_is_taken_along() {
        MessageId unanswered = add(message(ANN, "1").atLeastOnce());
        MessageId leased = add(message(BOB, "2").atLeastOnce());
        MessageId lost = add(message(CAT, "3").atLeastOnce());
        MessageId untried = add(message(GROUP, "4").atLeastOnce());
        claim(4).forEach(it -> {
            if (it.id().equals(unanswered)) {
                settle(it, new Ending.Unanswered("no-answer"));
            } else if (it.id().equals(untried)) {
                settle(it, new Ending.NotSent());
            }
        });
        clock.advance(LEASE);
        queue.pause(BOT, new PauseScope.WholeBot());
        claim(1);
        queue.resume(BOT, new PauseScope.WholeBot());
        assertThat(state(lost)).isEqualTo(MessageState.QUEUED);
        for (Leased again : claim(4)) {
            if (!again.id().equals(leased)) {
                settle(again, new Ending.NotSent());
            }
        }
        List<SavedMessage> all = savedAndLost();
        assertThat(all).filteredOn(SavedMessage::doubted).hasSize(3);

        assertThat(restore(all)).containsOnly(Restored.ADDED);

        assertThat(saved()).isEqualTo(all);
        for (MessageId id : List.of(unanswered, leased, lost)) {
            assertThat(queue.cancel(id)).isEqualTo(Change.UNKNOWN);
            assertThat(state(id)).isEqualTo(MessageState.UNKNOWN);
        }
        assertThat(queue.cancel(untried)).isEqualTo(Change.DONE);
    }
}
