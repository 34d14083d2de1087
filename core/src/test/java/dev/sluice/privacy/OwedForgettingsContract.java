package dev.sluice.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.privacy.PersonalDataRegistry.Report;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That whoever is forgotten is forgotten, also if the process that was asked is killed or a part fails. */
@Timeout(60)
abstract class OwedForgettingsContract {
    private static final long ANN = PrivacyContract.ANN;
    private static final Duration LEASE = StoredLevels.PURGE_LEASE;

    private final PrivacyContract.Part part = new PrivacyContract.Part("things");
    private final PrivacyContract.Part other = new PrivacyContract.Part("others");

    abstract StoredLevels levels();

    /** Others, in which no more than so many forgettings may be owed. */
    abstract StoredLevels levels(int mostOwed);

    /** Lets time pass, and replicas look. */
    abstract void elapse(Duration time);

    private Privacy privacy() {
        var privacy = new Privacy(levels(), new PersonalDataRegistry());
        privacy.data().add(part);
        privacy.data().add(other);
        return privacy;
    }

    private void elapsed(Privacy privacy, Duration time) {
        elapse(time);
        privacy.purgeDue();
        privacy.purgeDue();
    }

    private void nothingIsOwed(Privacy privacy) {
        part.asked.clear();
        other.asked.clear();
        elapsed(privacy, Duration.ofHours(1));
        assertThat(part.asked).isEmpty();
        assertThat(other.asked).isEmpty();
    }

    @Test
    void one_whose_process_was_killed_is_done_by_another_within_a_minute_and_once() {
        Privacy another = privacy();
        levels().tellToForget(ANN, Set.of("things")); // and here it was killed
        elapsed(another, Duration.ofSeconds(59));
        assertThat(part.asked).as("of what was being written").containsExactly("texts of 42");
        elapsed(another, Duration.ofSeconds(1));
        assertThat(part.asked).containsExactly("texts of 42", "all of 42");
        assertThat(other.asked).containsExactly("texts of 42", "all of 42");
        nothingIsOwed(another);
    }

    @Test
    void one_that_is_done_is_followed_by_one_purge_of_what_was_being_written() {
        Privacy privacy = privacy();
        assertThat(privacy.forget(ANN).removed()).isEqualTo(Map.of("things", 3L, "others", 3L));
        elapsed(privacy, Duration.ofMillis(4_999));
        assertThat(part.asked).containsExactly("all of 42");
        elapsed(privacy, Duration.ofMillis(1));
        assertThat(part.asked).containsExactly("all of 42", "texts of 42");
        nothingIsOwed(privacy);
    }

    @Test
    void of_one_that_failed_in_a_part_only_that_part_tries_again_until_it_can() {
        Privacy privacy = privacy();
        part.failing = true;
        assertThat(privacy.forget(ANN).failed()).containsExactly("things");
        elapsed(privacy, Duration.ofSeconds(5));
        assertThat(part.asked).containsExactly("all of 42", "texts of 42");
        assertThat(other.asked).containsExactly("all of 42", "texts of 42");
        for (int i = 0; i < 6; i++) {
            part.asked.clear();
            elapsed(privacy, LEASE.multipliedBy(1L << i));
            assertThat(part.asked).containsExactlyInAnyOrder("all of 42", "texts of 42");
        }
        part.failing = false;
        elapsed(privacy, Duration.ofHours(1));
        assertThat(other.asked).as("had forgotten").hasSize(2);
        nothingIsOwed(privacy);
    }

    /** How often a part that fails is asked during so long, looked at each minute. */
    private int tries(Privacy privacy, Duration time) {
        part.asked.clear();
        for (long i = 0; i < time.toMinutes(); i++) {
            elapsed(privacy, Duration.ofMinutes(1));
        }
        return part.asked.size();
    }

    @Test
    void what_fails_is_tried_ever_more_seldom_and_given_up_after_a_week() {
        Privacy privacy = privacy();
        part.failing = true;
        privacy.forget(ANN);
        elapsed(privacy, Duration.ofSeconds(5));
        assertThat(tries(privacy, Duration.ofHours(2)))
                .as("two debts, after 1, 2, 4, ... 64 minutes")
                .isBetween(12, 14);
        assertThat(tries(privacy, Duration.ofHours(10))).as("each hour").isBetween(18, 20);
        assertThat(tries(privacy, Duration.ofHours(6 * 24 + 10)))
                .as("until a week is over")
                .isBetween(290, 310);
        elapsed(privacy, Duration.ofHours(4));
        elapsed(privacy, Duration.ofHours(4));
        nothingIsOwed(privacy);

        privacy.forget(ANN);
        elapsed(privacy, Duration.ofSeconds(5));
        assertThat(tries(privacy, Duration.ofMinutes(2))).as("anew").isEqualTo(3);
    }

    @Test
    void who_asks_once_more_has_what_fails_tried_as_often_as_at_first() {
        Privacy privacy = privacy();
        part.failing = true;
        privacy.forget(ANN);
        elapsed(privacy, Duration.ofHours(3));
        elapsed(privacy, Duration.ofHours(3));
        privacy.forget(ANN);
        elapsed(privacy, Duration.ofSeconds(5));
        assertThat(tries(privacy, Duration.ofMinutes(1))).isEqualTo(2);
    }

    @Test
    void what_only_another_process_has_is_left_to_it() {
        Privacy privacy = privacy();
        part.failing = true;
        privacy.forget(ANN);
        elapsed(privacy, Duration.ofSeconds(5));
        var without = new Privacy(levels(), new PersonalDataRegistry());
        without.data().add(other);
        for (int i = 0; i < 10; i++) {
            elapsed(without, LEASE);
        }
        assertThat(other.asked).as("had forgotten").hasSize(2);
        part.failing = false;
        part.asked.clear();
        elapsed(privacy, LEASE);
        assertThat(part.asked).containsExactlyInAnyOrder("all of 42", "texts of 42");
        nothingIsOwed(privacy);
        elapsed(without, LEASE);
    }

    @Test
    void who_has_been_due_for_longest_is_first() {
        var users = new Random(7).longs(200, 1, 1L << 52).distinct().boxed().toList();
        for (long user : users) {
            elapse(Duration.ofNanos(1_000));
            levels().tellToForget(user, Set.of());
        }
        elapse(LEASE);
        for (Debt which : List.of(Debt.AGAIN, Debt.FORGETTING)) {
            for (long user : users) {
                assertThat(levels().takePurge().orElseThrow())
                        .extracting(StoredLevels.Owed::which, StoredLevels.Owed::user)
                        .containsExactly(which, user);
            }
        }
        assertThat(levels().takePurge()).isEmpty();
    }

    @Test
    void when_too_much_is_owed_a_user_is_forgotten_all_the_same_and_it_is_said_that_nothing_is_owed() {
        var privacy = new Privacy(levels(4), new PersonalDataRegistry());
        privacy.data().add(part);
        StoredLevels few = (StoredLevels) privacy.levels();
        few.tellToForget(1, Set.of());
        few.tellToForget(2, Set.of());
        Report report = privacy.forget(ANN);
        assertThat(report.failed()).containsExactly("privacy");
        assertThat(part.asked).containsExactly("all of 42");
        assertThat(few.tellToForget(2, Set.of())).as("it is one already").isPresent();
        elapse(LEASE);
        assertThat(Stream.generate(few::takePurge)
                        .takeWhile(Optional::isPresent)
                        .map(owed -> owed.orElseThrow().user()))
                .containsExactlyInAnyOrder(1L, 1L, 2L, 2L);
    }

    @Test
    void what_fails_of_one_that_the_store_has_lost_meanwhile_is_owed_all_the_same() {
        StoredLevels.Owed taken = levels().tellToForget(ANN, Set.of()).orElseThrow();
        levels().purged(taken);
        assertThat(levels().failed(taken, Set.of("things"), StoredLevels.MOST_SELDOM))
                .isEmpty();
        elapsed(privacy(), Duration.ofSeconds(5));
        part.asked.clear();
        elapsed(privacy(), LEASE);
        assertThat(part.asked).containsExactly("all of 42");
    }

    @Test
    void whoever_asked_meanwhile_owes_all_of_it_whatever_becomes_of_the_first() {
        StoredLevels.Owed first = levels().tellToForget(ANN, Set.of()).orElseThrow();
        elapse(Duration.ofSeconds(1));
        StoredLevels.Owed second = levels().tellToForget(ANN, Set.of()).orElseThrow();
        levels().failed(first, Set.of("others"), StoredLevels.MOST_SELDOM);
        levels().purged(first);
        assertThat(levels().renew(first)).isEmpty();
        assertThat(levels().renew(second)).isPresent();
        elapsed(privacy(), LEASE.plusSeconds(1));
        assertThat(other.asked).containsExactlyInAnyOrder("all of 42", "texts of 42");
    }

    @Test
    void whoever_asks_once_more_does_what_was_still_owed() {
        Privacy privacy = privacy();
        part.failing = true;
        privacy.forget(ANN);
        elapsed(privacy, Duration.ofSeconds(5));
        part.failing = false;
        assertThat(privacy.forget(ANN).isComplete()).isTrue();
        elapsed(privacy, Duration.ofSeconds(5));
        nothingIsOwed(privacy);
    }

    @Test
    void what_nobody_has_any_more_is_given_up_after_a_week() {
        Privacy privacy = privacy();
        StoredLevels.Owed taken = levels().tellToForget(ANN, Set.of()).orElseThrow();
        levels().failed(taken, Set.of("gone"), StoredLevels.MOST_SELDOM);
        elapsed(privacy, Duration.ofDays(6));
        elapsed(privacy, LEASE);
        assertThat(levels().takePurge()).isEmpty();
        elapse(LEASE);
        assertThat(levels().takePurge().map(StoredLevels.Owed::which)).hasValue(Debt.FORGETTING.ofFamily("gone"));
        elapsed(privacy, Duration.ofDays(1));
        elapse(Duration.ofDays(1));
        assertThat(levels().takePurge()).isEmpty();
    }

    @Test
    void ids_as_long_as_they_get_are_told_apart() {
        levels().tellToForget(Long.MAX_VALUE, Set.of());
        levels().tellToForget(Long.MAX_VALUE - 1, Set.of());
        elapse(LEASE);
        assertThat(Stream.generate(levels()::takePurge)
                        .takeWhile(Optional::isPresent)
                        .map(owed -> owed.orElseThrow().user()))
                .containsExactlyInAnyOrder(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MAX_VALUE - 1);
    }

    @Test
    void it_is_owed_whatever_the_level_becomes() {
        Privacy privacy = privacy();
        levels().tellToForget(ANN, Set.of());
        levels().set(ANN, PrivacyLevel.NONE);
        levels().set(ANN, PrivacyLevel.FULL);
        elapsed(privacy, LEASE);
        assertThat(part.asked).containsExactlyInAnyOrder("all of 42", "texts of 42");
        nothingIsOwed(privacy);
    }
}
