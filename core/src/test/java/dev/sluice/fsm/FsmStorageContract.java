package dev.sluice.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.fsm.FsmAnswer.Changed;
import dev.sluice.fsm.FsmAnswer.Overtaken;
import dev.sluice.fsm.FsmAnswer.Unexpected;
import dev.sluice.limit.SettableMicros;
import dev.sluice.state.ContendedException;
import dev.sluice.state.JsonValue;
import dev.sluice.state.TooMuchStateException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every storage of conversations promises, by a clock that stands still until it is set. */
@Timeout(60)
abstract class FsmStorageContract {
    static final Duration KEEP = FsmStorage.USUAL_KEEP;
    static final ConversationKey ANN = ConversationKey.of(new BotId(77), -100123, 42);
    static final FsmWrite NOTHING = FsmWrite.NOTHING;

    final SettableMicros clock = new SettableMicros();

    abstract FsmStorage storage();

    private long changed(FsmWrite write) {
        FsmAnswer answer = storage().write(ANN, write);
        assertThat(answer).isInstanceOf(Changed.class);
        return ((Changed) answer).version();
    }

    private Conversation ann() {
        return storage().find(ANN);
    }

    @Test
    void a_conversation_has_the_state_and_the_data_that_were_written() {
        assertThat(ann()).isEqualTo(Conversation.NEW);
        long version = changed(NOTHING.toState("Order:paying").put("name", JsonValue.of("Ånn \"😀\"")));
        assertThat(ann())
                .isEqualTo(new Conversation(
                        version, Optional.of("Order:paying"), Map.of("name", JsonValue.of("Ånn \"😀\""))));
        assertThat(storage()
                        .write(
                                ANN,
                                NOTHING.toNoState().put("n", JsonValue.of(7)).remove("name", "none")))
                .isEqualTo(new Changed(ann().version(), Optional.of("Order:paying")));
        assertThat(ann().state()).isEmpty();
        assertThat(ann().data()).isEqualTo(Map.of("n", JsonValue.of(7)));
        changed(NOTHING.replacing(Map.of("only", JsonValue.NULL)));
        assertThat(ann().data()).isEqualTo(Map.of("only", JsonValue.NULL));
        changed(NOTHING.remove("only", "only").put("only", JsonValue.of(true)));
        assertThat(ann().value("only").flatMap(JsonValue::asFlag)).contains(true);
    }

    @Test
    void conversations_that_differ_in_any_part_are_apart() {
        var keys = List.of(
                ANN,
                ConversationKey.of(new BotId(78), -100123, 42),
                ConversationKey.of(new BotId(77), 100123, 42),
                ConversationKey.of(new BotId(77), -100123, -42),
                ANN.withThread(1),
                ANN.withDestiny("aiogd:stack:"),
                ANN.withDestiny("Default"));
        for (int i = 0; i < keys.size(); i++) {
            storage().write(keys.get(i), NOTHING.put("i", JsonValue.of(i)));
        }
        for (int i = 0; i < keys.size(); i++) {
            assertThat(storage().find(keys.get(i)).data()).isEqualTo(Map.of("i", JsonValue.of(i)));
        }
    }

    @Test
    void a_transition_is_made_from_the_expected_state_only_and_the_answer_says_what_it_was() {
        assertThat(storage().write(ANN, NOTHING.ifState("a").toState("b")))
                .isEqualTo(new Unexpected(0, Optional.empty()));
        long first = changed(NOTHING.ifState(StateTerm.NONE).toState("a"));
        assertThat(storage().write(ANN, NOTHING.ifState("b").toState("c").put("x", JsonValue.NULL)))
                .isEqualTo(new Unexpected(first, Optional.of("a")));
        assertThat(storage().write(ANN, NOTHING.ifState(StateTerm.NONE).toState("c")))
                .isEqualTo(new Unexpected(first, Optional.of("a")));
        assertThat(storage().write(ANN, NOTHING.ifVersion(first - 1).toState("c")))
                .isEqualTo(new Unexpected(first, Optional.of("a")));
        assertThat(ann().data()).isEmpty();
        long second = changed(NOTHING.ifState("a").ifVersion(first).toState("b"));
        assertThat(second).isGreaterThan(first);
        assertThat(ann().state()).contains("b");
    }

    @Test
    void a_version_grows_with_each_change_and_does_not_begin_anew() {
        long first = changed(NOTHING.toState("a"));
        assertThat(changed(NOTHING)).as("nothing changed").isEqualTo(first);
        clock.set(clock.getAsLong() - 5_000_000);
        long second = changed(NOTHING.toState("a"));
        assertThat(second).as("by a clock that was set back").isEqualTo(first + 1);
        long cleared = changed(FsmWrite.CLEAR);
        assertThat(cleared).isGreaterThan(second);
        assertThat(ann()).isEqualTo(new Conversation(cleared, Optional.empty(), Map.of()));
        assertThat(storage().write(ANN, NOTHING.ifVersion(0).toState("a"))).isInstanceOf(Unexpected.class);
        clock.advance(KEEP.plusSeconds(6));
        assertThat(changed(NOTHING.ifVersion(0).toState("a"))).isGreaterThan(cleared);
    }

    @Test
    void clearing_what_is_not_there_leaves_nothing() {
        assertThat(storage().write(ANN, FsmWrite.CLEAR)).isEqualTo(new Changed(0, Optional.empty()));
        assertThat(ann()).isEqualTo(Conversation.NEW);
    }

    @Test
    void a_conversation_is_forgotten_its_time_after_the_last_touch_whatever_that_was() {
        changed(NOTHING.toState("a").put("x", JsonValue.of(1)));
        clock.advance(KEEP.minusMillis(1));
        assertThat(ann().isEmpty()).isFalse();
        clock.advance(KEEP.minusMillis(1));
        storage().write(ANN, NOTHING.ifState("b"));
        clock.advance(KEEP.minusMillis(1));
        changed(NOTHING.put("y", JsonValue.of(2)));
        clock.advance(KEEP.minusMillis(1));
        assertThat(ann().data()).hasSize(2);
        clock.advance(KEEP);
        assertThat(storage().write(ANN, NOTHING.put("z", JsonValue.of(3))))
                .as("what comes after begins anew")
                .isEqualTo(new Changed(clock.getAsLong(), Optional.empty()));
        assertThat(ann())
                .isEqualTo(new Conversation(clock.getAsLong(), Optional.empty(), Map.of("z", JsonValue.of(3))));
    }

    @Test
    void a_write_that_is_refused_is_a_touch_too() {
        changed(NOTHING.toState("a").underFence(2));
        clock.advance(KEEP.minusMillis(1));
        assertThat(storage().write(ANN, NOTHING.underFence(1))).isEqualTo(new Overtaken(2));
        clock.advance(KEEP.minusMillis(1));
        JsonValue large = JsonValue.of("x".repeat(FsmStorage.MOST_BYTES));
        assertThatThrownBy(() -> storage().write(ANN, NOTHING.put("x", large)))
                .isInstanceOf(TooMuchStateException.class);
        clock.advance(KEEP.minusMillis(1));
        assertThat(ann().state()).contains("a");
    }

    @Test
    void a_write_with_a_lesser_fence_than_was_seen_is_refused() {
        changed(NOTHING.underFence(10).toState("a"));
        changed(NOTHING.underFence(10).toState("b"));
        changed(NOTHING.underFence(12));
        assertThat(storage().write(ANN, NOTHING.underFence(11).toState("late"))).isEqualTo(new Overtaken(12));
        changed(FsmWrite.CLEAR);
        assertThat(storage().write(ANN, NOTHING.underFence(11).toState("late")))
                .as("clearing forgets no fence")
                .isEqualTo(new Overtaken(12));
        assertThat(ann().isEmpty()).isTrue();
        changed(NOTHING.toState("unlocked"));
    }

    @Test
    void a_fence_is_seen_although_there_is_no_conversation_yet() {
        assertThat(changed(NOTHING.underFence(5))).isZero();
        assertThat(ann()).isEqualTo(Conversation.NEW);
        assertThat(storage().write(ANN, NOTHING.underFence(4).toState("late"))).isEqualTo(new Overtaken(5));
        changed(NOTHING.underFence(5).ifVersion(0).toState("a"));
    }

    @Test
    void data_have_bounds_and_what_is_beyond_them_changes_nothing() {
        var many = new HashMap<String, JsonValue>();
        for (int i = 0; i < FsmStorage.MOST_FIELDS; i++) {
            many.put("f" + i, JsonValue.of(i));
        }
        long full = changed(NOTHING.replacing(many));
        assertThatThrownBy(() -> storage().write(ANN, NOTHING.toState("x").put("more", JsonValue.NULL)))
                .isInstanceOf(TooMuchStateException.class)
                .hasMessageContaining("100 fields")
                .hasMessageContaining("101");
        assertThat(ann()).isEqualTo(new Conversation(full, Optional.empty(), many));
        changed(NOTHING.remove("f0").put("more", JsonValue.NULL).put("f1", JsonValue.of("again")));
        assertThat(ann().data()).hasSize(FsmStorage.MOST_FIELDS);

        // 35 bytes, a name of 1 and two quotes each.
        JsonValue half = JsonValue.of("x".repeat(FsmStorage.MOST_BYTES / 2 - 38));
        changed(NOTHING.replacing(Map.of("a", half, "b", half)));
        assertThatThrownBy(() -> storage()
                        .write(ANN, NOTHING.put("b", JsonValue.of(half.asText().orElseThrow() + "x"))))
                .isInstanceOf(TooMuchStateException.class)
                .hasMessageContaining("65537")
                .hasMessageNotContaining("xxx");
        changed(NOTHING.remove("a").put("c", half));
        assertThat(ann().data()).containsOnlyKeys("b", "c");
    }

    @Test
    void of_64_updates_of_one_conversation_at_once_none_is_lost() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<FsmAnswer>> all = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String own = "by" + i;
                all.add(threads.submit(() -> storage()
                        .update(
                                ANN,
                                seen -> NOTHING.toState("counting")
                                        .put("count", JsonValue.of(count(seen) + 1))
                                        .put(own, JsonValue.of(count(seen))))));
            }
            for (Future<FsmAnswer> one : all) {
                assertThat(one.get()).isInstanceOf(Changed.class);
            }
        }
        assertThat(count(ann())).isEqualTo(64);
        assertThat(ann().data()).hasSize(65);
        assertThat(ann().data().values()).as("each saw a number of its own").doesNotHaveDuplicates();
    }

    private static long count(Conversation seen) {
        return seen.value("count").map(value -> value.asWhole().orElseThrow()).orElse(0L);
    }

    @Test
    void of_64_who_leave_one_state_at_once_one_does_and_merges_of_all_the_others_stand() throws Exception {
        changed(NOTHING.toState("a"));
        int left = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<FsmAnswer>> all = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String own = "by" + i;
                all.add(threads.submit(() -> {
                    storage().write(ANN, NOTHING.put(own, JsonValue.NULL));
                    return storage().write(ANN, NOTHING.ifState("a").toState("b"));
                }));
            }
            for (Future<FsmAnswer> one : all) {
                left += one.get() instanceof Changed ? 1 : 0;
            }
        }
        assertThat(left).isEqualTo(1);
        assertThat(ann().data()).hasSize(64);
    }

    @Test
    void an_update_gives_up_after_so_many_others_and_stops_at_a_state_it_does_not_expect() {
        assertThatThrownBy(() -> storage().update(ANN, seen -> {
                    changed(NOTHING.toState("other"));
                    return NOTHING.toState("mine");
                }))
                .isInstanceOf(ContendedException.class);
        assertThat(ann().state()).contains("other");
        assertThat(storage().update(ANN, seen -> NOTHING.ifState("mine").toState("x")))
                .isInstanceOf(Unexpected.class);
    }

    /** Crash between steps: between the look and the write. */
    @Test
    void an_update_that_fails_between_its_look_and_its_write_has_changed_nothing() {
        long version = changed(NOTHING.toState("a"));
        assertThatThrownBy(() -> storage().update(ANN, seen -> {
                    throw new IllegalStateException("dies here");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(ann().version()).isEqualTo(version);
    }

    @Test
    void what_is_no_write_is_refused() {
        assertThatThrownBy(() -> NOTHING.toState("a b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must match");
        assertThatThrownBy(() -> NOTHING.toState("x".repeat(65))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NOTHING.put("", JsonValue.NULL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 64");
        assertThatThrownBy(() -> NOTHING.put("\ud800", JsonValue.NULL)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NOTHING.underFence(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ANN.withThread(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ANN.withDestiny("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FsmStorage.requireKeep(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThat(NOTHING.put("secret", JsonValue.of("secret")).toString()).doesNotContain("secret");
        assertThat(new Conversation(1, Optional.empty(), Map.of("secret", JsonValue.of("secret"))).toString())
                .doesNotContain("secret");
    }
}
