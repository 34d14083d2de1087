package dev.sluice.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
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
        for (int i = 0; i < 3; i++) {
            part.asked.clear();
            elapsed(privacy, LEASE);
            assertThat(part.asked).containsExactlyInAnyOrder("all of 42", "texts of 42");
        }
        part.failing = false;
        elapsed(privacy, LEASE);
        assertThat(other.asked).as("had forgotten").hasSize(2);
        nothingIsOwed(privacy);
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
