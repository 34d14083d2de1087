package dev.sluice.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.limit.SettableMicros;
import dev.sluice.privacy.PersonalDataRegistry.Report;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What levels and forgetting promise, wherever they are kept. */
@Timeout(60)
abstract class PrivacyContract {
    static final long ANN = 42;
    static final long BOB = 43;

    final SettableMicros clock = new SettableMicros();

    /** Those of the process whose levels these are. */
    final PersonalDataRegistry data = new PersonalDataRegistry();

    abstract StoredLevels levels();

    private Privacy privacy(PersonalData... parts) {
        var privacy = new Privacy(levels(), new PersonalDataRegistry());
        privacy.data().addAll(List.of(parts));
        return privacy;
    }

    /** Counts down what it has of Ann; told what it was asked. */
    static class Part implements PersonalData {
        final List<String> asked = new ArrayList<>();
        final List<String> askedHere = new ArrayList<>();
        final String family;
        boolean failing;

        Part(String family) {
            this.family = family;
        }

        @Override
        public String family() {
            return family;
        }

        @Override
        public long forget(long user) {
            return told("all of " + user);
        }

        @Override
        public long forgetText(long user) {
            return told("texts of " + user);
        }

        @Override
        public void forgetHere(long user) {
            toldHere("all of " + user);
        }

        @Override
        public void forgetCopiesHere(long user) {
            toldHere("copies of " + user);
        }

        @Override
        public void forgetEverybodyHere() {
            toldHere("everybody");
        }

        private void toldHere(String what) {
            askedHere.add(what);
            if (failing) {
                throw new IllegalStateException("not now");
            }
        }

        private long told(String what) {
            asked.add(what);
            if (failing) {
                throw new IllegalStateException("not now");
            }
            return asked.size() == 1 ? 3 : 0;
        }
    }

    @Test
    void a_level_is_full_until_it_is_set_and_of_one_user_alone() {
        assertThat(levels().find(ANN)).isEqualTo(PrivacyLevel.FULL);
        assertThat(levels().set(ANN, PrivacyLevel.NONE)).isTrue();
        assertThat(levels().set(ANN, PrivacyLevel.NONE)).isFalse();
        assertThat(levels().find(ANN)).isEqualTo(PrivacyLevel.NONE);
        assertThat(levels().of(BOB)).isEqualTo(PrivacyLevel.FULL);
        assertThat(levels().set(ANN, PrivacyLevel.FULL)).isTrue();
        assertThat(levels().set(ANN, PrivacyLevel.FULL)).isFalse();
        assertThat(levels().find(ANN)).isEqualTo(PrivacyLevel.FULL);
    }

    @Test
    void a_private_chat_is_its_users_and_a_group_is_nobodys() {
        levels().set(ANN, PrivacyLevel.NONE);
        assertThat(levels().ofChat(ANN)).isEqualTo(PrivacyLevel.NONE);
        assertThat(levels().ofChat(-ANN)).isEqualTo(PrivacyLevel.FULL);
    }

    @Test
    void what_is_no_user_is_refused_and_named() {
        assertThatThrownBy(() -> levels().set(0, PrivacyLevel.NONE)).hasMessage("user must be 1 or more, not 0");
        assertThatThrownBy(() -> levels().find(-5)).hasMessage("user must be 1 or more, not -5");
        assertThatThrownBy(() -> privacy().forget(-5)).hasMessage("user must be 1 or more, not -5");
        assertThatThrownBy(() -> PrivacyLevel.of("some")).hasMessage("privacy must be one of full, none, not 'some'");
        assertThat(PrivacyLevel.of("none")).isEqualTo(PrivacyLevel.NONE);
    }

    @Test
    void ids_as_long_as_they_get_are_told_apart() {
        long last = (1L << 52) - 1;
        levels().set(last, PrivacyLevel.NONE);
        assertThat(levels().find(last)).isEqualTo(PrivacyLevel.NONE);
        assertThat(levels().find(last - 1)).isEqualTo(PrivacyLevel.FULL);
    }

    @Test
    void who_becomes_none_is_purged_at_once_and_again_when_nobody_writes_by_the_old_level_any_more() {
        var part = new Part("things");
        Privacy privacy = privacy(part);
        assertThat(privacy.set(ANN, PrivacyLevel.NONE).removed()).isEqualTo(Map.of("things", 3L));
        elapse(Duration.ofSeconds(14));
        privacy.purgeDue();
        assertThat(part.asked).hasSize(1);
        elapse(Duration.ofSeconds(1));
        privacy.purgeDue();
        privacy.purgeDue();
        assertThat(part.asked).containsExactly("texts of 42", "texts of 42");
        elapse(Duration.ofSeconds(75));
        privacy.purgeDue();
        privacy.purgeDue();
        elapse(Duration.ofHours(1));
        privacy.purgeDue();
        assertThat(part.asked).hasSize(3);
    }

    @Test
    void a_purge_that_failed_stays_owed_and_one_that_another_has_taken_on_is_left_to_it_for_a_while() {
        var part = new Part("things");
        Privacy privacy = privacy(part);
        part.failing = true;
        assertThat(privacy.set(ANN, PrivacyLevel.NONE).failed()).containsExactly("things");
        elapse(Duration.ofSeconds(15));
        privacy.purgeDue();
        assertThat(part.asked).hasSize(2);
        part.failing = false;
        elapse(Duration.ofSeconds(59));
        privacy.purgeDue();
        assertThat(part.asked).hasSize(2);
        elapse(Duration.ofSeconds(1));
        privacy.purgeDue();
        assertThat(part.asked).hasSize(3);
        elapse(Duration.ofSeconds(14));
        privacy.purgeDue();
        assertThat(part.asked).hasSize(3);
        elapse(Duration.ofSeconds(1));
        privacy.purgeDue();
        assertThat(part.asked).hasSize(4);
    }

    @Test
    void a_purge_that_fails_for_long_is_tried_each_minute_in_all_parts() {
        var failing = new Part("things");
        var part = new Part("others");
        Privacy privacy = privacy(failing, part);
        failing.failing = true;
        privacy.set(ANN, PrivacyLevel.NONE);
        elapse(Duration.ofSeconds(90));
        privacy.purgeDue();
        for (int i = 1; i <= 10; i++) {
            failing.asked.clear();
            part.asked.clear();
            elapse(StoredLevels.PURGE_LEASE);
            privacy.purgeDue();
            assertThat(failing.asked).containsExactly("texts of 42", "texts of 42");
            assertThat(part.asked).containsExactly("texts of 42", "texts of 42");
        }
    }

    @Test
    void a_purge_that_comes_to_be_owed_again_while_one_is_done_is_not_forgotten() {
        levels().set(ANN, PrivacyLevel.NONE);
        elapse(Duration.ofSeconds(15));
        StoredLevels.Owed taken = levels().takePurge().orElseThrow();
        levels().set(ANN, PrivacyLevel.NONE);
        levels().purged(taken);
        elapse(Duration.ofSeconds(15));
        assertThat(levels().takePurge().map(StoredLevels.Owed::user)).hasValue(ANN);
    }

    @Test
    void only_who_has_a_purge_renews_it() {
        levels().set(ANN, PrivacyLevel.NONE);
        elapse(Duration.ofSeconds(15));
        StoredLevels.Owed first = levels().takePurge().orElseThrow();
        elapse(Duration.ofSeconds(59));
        StoredLevels.Owed renewed = levels().renew(first).orElseThrow();
        assertThat(renewed).isNotEqualTo(first);
        elapse(Duration.ofSeconds(59));
        StoredLevels.Owed second = levels().takePurge().orElseThrow();
        assertThat(second.which()).isEqualTo(Debt.ofLevel(2));
        assertThat(levels().takePurge()).isEmpty();
        assertThat(levels().renew(first)).isEmpty();
        levels().purged(renewed);
        levels().purged(second);
        assertThat(levels().renew(renewed)).isEmpty();
        elapse(Duration.ofHours(1));
        assertThat(levels().takePurge()).isEmpty();
    }

    @Test
    void a_purge_that_takes_longer_than_its_lease_is_left_to_who_does_it_and_then_owed_no_more() {
        var renewals = new CountingRenewals(levels());
        var elsewhere = new Part("things");
        Privacy other = privacy(elsewhere);
        var slow = new Part("things") {
            @Override
            public long forgetText(long user) {
                for (int i = 0; i < 5; i++) {
                    int before = renewals.count.get();
                    elapse(Duration.ofSeconds(40));
                    // One that began before that may still end.
                    await().atMost(Duration.ofSeconds(30)).until(() -> renewals.count.get() >= before + 2);
                    other.purgeDue();
                }
                return super.forgetText(user);
            }
        };
        levels().set(ANN, PrivacyLevel.NONE);
        elapse(Duration.ofSeconds(15));
        var privacy = new Privacy(renewals, new PersonalDataRegistry(), Duration.ofMillis(1));
        privacy.data().add(slow);
        privacy.purgeDue();
        assertThat(slow.asked).hasSize(1);
        elapse(Duration.ofMinutes(10));
        other.purgeDue();
        assertThat(elsewhere.asked)
                .as("the second purge, which came due meanwhile")
                .hasSize(1);
        assertThat(levels().takePurge()).isEmpty();
    }

    @Test
    void who_becomes_full_again_is_not_purged() {
        var part = new Part("things");
        Privacy privacy = privacy(part);
        privacy.set(ANN, PrivacyLevel.NONE);
        assertThat(privacy.set(ANN, PrivacyLevel.FULL)).isEqualTo(Report.NOTHING);
        elapse(Duration.ofSeconds(100));
        privacy.purgeDue();
        assertThat(part.asked).hasSize(1);
    }

    @Test
    void all_parts_forget_although_one_fails_and_the_level_stays() {
        var first = new Part("first");
        var failing = new Part("failing");
        failing.failing = true;
        var last = new Part("last");
        Privacy privacy = privacy(first, failing, last, new Part("last"));
        levels().set(ANN, PrivacyLevel.NONE);
        Report report = privacy.forget(ANN);
        assertThat(report.removed()).containsExactly(Map.entry("first", 3L), Map.entry("last", 6L));
        assertThat(report.failed()).containsExactly("failing");
        assertThat(report.isComplete()).isFalse();
        assertThat(last.asked).containsExactly("all of 42");
        assertThat(privacy.level(ANN)).isEqualTo(PrivacyLevel.NONE);
    }

    @Test
    void who_was_asked_to_forget_does_not_do_so_again_when_others_do() {
        var part = new Part("things");
        var privacy = new Privacy(levels(), data);
        privacy.data().add(part);
        elapse(Duration.ofSeconds(1));
        privacy.forget(ANN);
        privacy.set(BOB, PrivacyLevel.NONE);
        elapse(Duration.ofSeconds(1));
        levels().tellToForget(BOB);
        elapse(Duration.ofSeconds(1));
        assertThat(part.asked).containsExactly("all of 42", "texts of 43");
        assertThat(part.askedHere).isEmpty();
    }

    @Test
    void of_many_who_set_levels_at_once_each_finds_its_own() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> setting = LongStream.rangeClosed(1, 64)
                    .<Callable<Boolean>>mapToObj(user -> () -> levels().set(user, PrivacyLevel.NONE))
                    .toList();
            for (Future<Boolean> set : threads.invokeAll(setting)) {
                assertThat(set.get()).isTrue();
            }
        }
        assertThat(LongStream.rangeClosed(1, 65).mapToObj(levels()::find))
                .filteredOn(level -> level == PrivacyLevel.NONE)
                .hasSize(64);
    }

    /** Lets time pass, and replicas look. */
    void elapse(Duration time) {
        clock.advance(time);
    }

    /** Levels of which it is seen that a lease was renewed. */
    private static final class CountingRenewals implements StoredLevels {
        final AtomicInteger count = new AtomicInteger();
        private final StoredLevels levels;

        CountingRenewals(StoredLevels levels) {
            this.levels = levels;
        }

        @Override
        public PrivacyLevel find(long user) {
            return levels.find(user);
        }

        @Override
        public boolean set(long user, PrivacyLevel level) {
            return levels.set(user, level);
        }

        @Override
        public Optional<Owed> tellToForget(long user) {
            return levels.tellToForget(user);
        }

        @Override
        public void tellToForgetCopies(long user) {
            levels.tellToForgetCopies(user);
        }

        @Override
        public boolean purgesDue() {
            return levels.purgesDue();
        }

        @Override
        public Optional<Owed> takePurge() {
            return levels.takePurge();
        }

        @Override
        public Optional<Owed> renew(Owed taken) {
            Optional<Owed> renewed = levels.renew(taken);
            count.incrementAndGet();
            return renewed;
        }

        @Override
        public void purged(Owed done) {
            levels.purged(done);
        }
    }
}
