package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitRecordsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Limit LIMIT = Limit.atMost(1, SECOND);

    @Test
    void a_capacity_is_one_to_ten_thousand() {
        for (int wrong : new int[] {-1, 0, 10_001}) {
            refuses(() -> Limit.atMost(wrong, SECOND), "capacity must be 1 to 10000, not " + wrong);
            refuses(() -> Limit.smooth(wrong, SECOND), "capacity must be 1 to 10000, not " + wrong);
        }
        assertThatNoException().isThrownBy(() -> Limit.atMost(10_000, SECOND));
    }

    @Test
    void a_window_is_a_millisecond_to_a_month() {
        for (var wrong : List.of(Duration.ofNanos(999_999), Duration.ofDays(31).plusNanos(1), Duration.ofSeconds(-1))) {
            refuses(() -> Limit.atMost(1, wrong), "window must be PT0.001S to PT744H, not " + wrong);
        }
        assertThatNoException().isThrownBy(() -> Limit.atMost(1, Duration.ofMillis(1)));
        assertThatNoException().isThrownBy(() -> Limit.atMost(10_000, Duration.ofDays(31)));
    }

    @Test
    void an_interval_is_a_tenth_of_a_millisecond_to_a_month_and_its_burst_at_most_a_year() {
        refuses(() -> Limit.smooth(1, Duration.ofNanos(99_999)), "interval must be PT0.0001S to PT744H");
        refuses(() -> Limit.smooth(1, Duration.ofDays(32)), "interval must be PT0.0001S to PT744H");
        refuses(
                () -> Limit.smooth(12, Duration.ofDays(31)),
                "a burst of 12 at one per PT744H takes longer than PT8784H to earn back");
        assertThatNoException().isThrownBy(() -> Limit.smooth(11, Duration.ofDays(31)));
    }

    @Test
    void a_weight_is_zero_to_ten_thousand() {
        var bucket = new Bucket("1", "chat", "1");
        refuses(() -> new Charge(bucket, LIMIT, -1), "weight must be 0 to 10000, not -1");
        refuses(() -> new Charge(bucket, LIMIT, 10_001), "weight must be 0 to 10000, not 10001");
        refuses(
                () -> new Charge(bucket, Limit.atMost(1, Duration.ofDays(31)), 12),
                "weight 12 would keep " + bucket + " busy for PT8928H, longer than PT8784H");
        assertThatNoException().isThrownBy(() -> new Charge(bucket, LIMIT, 10_000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a:b", "a b", "{a}", "é", "12345678901234567890123456789012345678901234567890123456789012345"
            })
    void a_tag_is_plain(String wrong) {
        refuses(() -> new Bucket(wrong, "chat", "1"), "bucket tag '" + wrong + "' does not match");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Chat", "a:b", "123456789012345678901234567890123"})
    void a_scope_is_plain(String wrong) {
        refuses(() -> new Bucket("1", wrong, "1"), "bucket scope '" + wrong + "' does not match");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "{", "}", "a\nb"})
    void a_subject_has_no_spaces_or_braces(String wrong) {
        refuses(() -> new Bucket("1", "chat", wrong), "bucket subject '" + wrong + "' does not match");
    }

    @Test
    void a_process_id_is_eight_letters_or_digits() {
        for (var wrong : List.of("", "AAAAAAA", "AAAAAAAAA", "AAAA AAA", "ÄAAAAAAA")) {
            refuses(() -> new Waiter(wrong), "process id '" + wrong + "' does not match");
        }
    }

    @Test
    void a_decision_over_two_hash_tags_is_refused_naming_both() {
        var one = new Bucket("1", "chat", "5");
        var other = new Bucket("2", "group", "6");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Acquisition.of(new Charge(one, LIMIT, 1), new Charge(other, LIMIT, 1)))
                .withMessageContainingAll("two hash tags", one.toString(), other.toString());
    }

    @Test
    void a_bucket_is_charged_once_in_a_decision() {
        var bucket = new Bucket("1", "chat", "5");
        refuses(
                () -> Acquisition.of(new Charge(bucket, LIMIT, 1), new Charge(bucket, LIMIT, 2)),
                "bucket charged twice in one decision: " + bucket);
    }

    @Test
    void a_decision_takes_one_to_sixteen_charges() {
        refuses(() -> Acquisition.of(List.of()), "an acquisition takes 1 to 16 charges, not 0");
        var charges = new ArrayList<Charge>();
        for (int i = 0; i < 16; i++) {
            charges.add(new Charge(new Bucket("1", "chat", Integer.toString(i)), LIMIT, 1));
        }
        assertThat(Acquisition.of(charges).charges()).hasSize(16);
        charges.add(new Charge(new Bucket("1", "chat", "16"), LIMIT, 1));
        refuses(() -> Acquisition.of(charges), "an acquisition takes 1 to 16 charges, not 17");
    }

    private static void refuses(ThrowingCallable making, String message) {
        assertThatIllegalArgumentException().isThrownBy(making).withMessageContaining(message);
    }
}
