package dev.sluice.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.privacy.PersonalDataRegistry.Report;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That whoever is forgotten is forgotten, also if the process that was asked is killed. */
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
        levels().tellToForget(ANN); // and here it was killed
        elapsed(another, Duration.ofSeconds(59));
        assertThat(part.asked).isEmpty();
        elapsed(another, Duration.ofSeconds(1));
        assertThat(part.asked).containsExactly("all of 42");
        assertThat(other.asked).containsExactly("all of 42");
        nothingIsOwed(another);
    }

    @Test
    void one_that_is_done_is_not_done_again_since_what_comes_later_is_new() {
        Privacy privacy = privacy();
        assertThat(privacy.forget(ANN).removed()).isEqualTo(Map.of("things", 3L, "others", 3L));
        nothingIsOwed(privacy);
    }

    @Test
    void one_that_failed_in_a_part_is_left_to_whoever_was_told_so() {
        Privacy privacy = privacy();
        part.failing = true;
        assertThat(privacy.forget(ANN).failed()).containsExactly("things");
        assertThat(other.asked).containsExactly("all of 42");
        nothingIsOwed(privacy);
    }

    @Test
    void one_that_another_does_and_that_fails_is_tried_once() {
        Privacy another = privacy();
        part.failing = true;
        levels().tellToForget(ANN);
        elapsed(another, LEASE);
        assertThat(part.asked).containsExactly("all of 42");
        assertThat(other.asked).containsExactly("all of 42");
        nothingIsOwed(another);
    }

    @Test
    void who_has_been_due_for_longest_is_first() {
        var users = new Random(7).longs(200, 1, 1L << 52).distinct().boxed().toList();
        for (long user : users) {
            elapse(Duration.ofNanos(1_000));
            levels().tellToForget(user);
        }
        elapse(LEASE);
        assertThat(due(levels())).containsExactlyElementsOf(users);
    }

    /** Of whom forgettings are due, in the order in which they are taken on. */
    private static List<Long> due(StoredLevels levels) {
        return Stream.generate(levels::takePurge)
                .takeWhile(Optional::isPresent)
                .map(owed -> owed.orElseThrow().user())
                .toList();
    }

    @Test
    void when_too_much_is_owed_a_user_is_forgotten_all_the_same_and_it_is_said_that_nothing_is_owed() {
        var privacy = new Privacy(levels(2), new PersonalDataRegistry());
        privacy.data().add(part);
        StoredLevels few = (StoredLevels) privacy.levels();
        few.tellToForget(1);
        few.tellToForget(2);
        Report report = privacy.forget(ANN);
        assertThat(report.failed()).containsExactly("privacy");
        assertThat(part.asked).containsExactly("all of 42");
        assertThat(few.tellToForget(2)).as("it is one already").isPresent();
        elapse(LEASE);
        assertThat(due(few)).containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    void whoever_asked_meanwhile_owes_it_whatever_becomes_of_the_first() {
        StoredLevels.Owed first = levels().tellToForget(ANN).orElseThrow();
        elapse(Duration.ofSeconds(1));
        StoredLevels.Owed second = levels().tellToForget(ANN).orElseThrow();
        levels().purged(first);
        assertThat(levels().renew(first)).isEmpty();
        assertThat(levels().renew(second)).isPresent();
        elapsed(privacy(), LEASE.plusSeconds(1));
        assertThat(other.asked).containsExactly("all of 42");
    }

    @Test
    void whoever_asks_once_more_does_what_was_still_owed() {
        Privacy privacy = privacy();
        levels().tellToForget(ANN);
        assertThat(privacy.forget(ANN).isComplete()).isTrue();
        nothingIsOwed(privacy);
    }

    @Test
    void ids_as_long_as_they_get_are_told_apart() {
        levels().tellToForget(Long.MAX_VALUE);
        levels().tellToForget(Long.MAX_VALUE - 1);
        elapse(LEASE);
        assertThat(due(levels())).containsExactlyInAnyOrder(Long.MAX_VALUE, Long.MAX_VALUE - 1);
    }

    @Test
    void it_is_owed_whatever_the_level_becomes() {
        Privacy privacy = privacy();
        levels().tellToForget(ANN);
        levels().set(ANN, PrivacyLevel.NONE);
        levels().set(ANN, PrivacyLevel.FULL);
        elapsed(privacy, LEASE);
        assertThat(part.asked).containsExactly("all of 42");
        nothingIsOwed(privacy);
    }
}
