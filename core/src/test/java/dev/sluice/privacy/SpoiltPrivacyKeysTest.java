package dev.sluice.privacy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever another program writes into the keys of privacy, levels are known and users forgotten; what was taken out is counted. */
@Timeout(60)
class SpoiltPrivacyKeysTest extends ForgettingFixture {
    private static final String KEYS = "sluice:privacy:{all}:";
    private static final long CAT = 44;

    private void write(String key, String rubbish) {
        redis.commands().del(key);
        switch (rubbish) {
            case "hash" -> redis.commands().hset(key, "secret", "rubbish".getBytes(UTF_8));
            case "zset" -> redis.commands().zadd(key, 1, "secret".getBytes(UTF_8));
            case "list" -> redis.commands().lpush(key, "secret".getBytes(UTF_8));
            default -> redis.commands().set(key, "secret".getBytes(UTF_8));
        }
    }

    static Stream<Arguments> rubbish() {
        return Stream.of("none", "full", "state", "owed", "forgotten", "forgetting")
                .flatMap(key -> Stream.of("hash", "zset", "list", "string").map(what -> Arguments.of(key, what)));
    }

    @ParameterizedTest
    @MethodSource("rubbish")
    void whatever_a_key_is(String key, String rubbish) {
        var one = replica();
        var other = replica();
        one.levels.set(ANN, PrivacyLevel.NONE);
        one.levels.set(BOB, PrivacyLevel.NONE);
        one.levels.set(BOB, PrivacyLevel.FULL);
        one.privacy.forget(BOB);
        one.levels.look();
        other.levels.look();
        other.forgot();
        write(KEYS + key, rubbish);
        elapse(Duration.ofSeconds(2));
        one.levels.look();
        other.levels.look();
        replica(); // reads all, so that as many strangers as there were users are seen for what they are
        one.levels.look();
        assertThat(replica().levels.find(ANN)).as("written back by who knew").isEqualTo(PrivacyLevel.NONE);
        assertThat(replica().levels.find(BOB)).isEqualTo(PrivacyLevel.FULL);
        one.privacy.purgeDue();
        other.forgot();
        assertThat(one.privacy.forget(CAT).isComplete()).isTrue();
        other.levels.look();
        assertThat(other.forgot()).endsWith("all of 44", "copies of 44");
        long looks = mended.values().stream().mapToLong(Long::longValue).sum();
        one.levels.look();
        assertThat(mended.values().stream().mapToLong(Long::longValue).sum())
                .as("taken out once")
                .isEqualTo(looks);
    }

    @Test
    void whoever_was_set_to_full_where_another_program_wrote_stays_so() {
        var one = replica();
        var other = replica();
        one.levels.set(ANN, PrivacyLevel.NONE);
        one.levels.set(BOB, PrivacyLevel.NONE);
        other.levels.look();
        one.levels.set(ANN, PrivacyLevel.FULL);
        write(KEYS + "full", "string");
        elapse(Duration.ofSeconds(2));
        other.levels.look();
        assertThat(other.levels.find(ANN)).isEqualTo(PrivacyLevel.FULL);
        assertThat(other.levels.find(BOB)).isEqualTo(PrivacyLevel.NONE);
        assertThat(replica().levels.find(ANN)).isEqualTo(PrivacyLevel.FULL);
    }

    @Test
    void whatever_is_in_the_record_of_whom_to_forget_is_passed_over_and_taken_out() {
        var asked = replica();
        var other = replica();
        List<String> spoilt = List.of(
                "", "secret", "all:", "all:0", "all:-5", "some:42", "all:99999999999999999999", "all:42:7", "copies:x");
        for (String member : spoilt) {
            redis.commands().zadd(RECORD, clock.getAsLong() + 1, member.getBytes(UTF_8));
        }
        elapse(Duration.ofMillis(1));
        asked.levels.tellToForget(ANN);
        other.levels.look();
        assertThat(other.forgot()).containsExactly("all of 42");
        assertThat(mended).containsEntry("privacy forgetting", (long) spoilt.size());
        asked.levels.look();
        asked.levels.tellToForget(BOB);
        other.levels.look();
        assertThat(other.forgot()).containsExactly("all of 43");
        assertThat(mended).containsEntry("privacy forgetting", (long) spoilt.size());
    }

    @Test
    void whoever_is_in_the_record_by_a_number_that_nobody_gave_is_forgotten_and_stops_nothing() {
        for (double number :
                new double[] {Double.POSITIVE_INFINITY, 1e300, 9e15, clock.getAsLong() + 3.6e9, clock.getAsLong() + 0.5
                }) {
            redis.flush();
            clock.advance(Duration.ofSeconds(1));
            var asked = replica();
            var other = replica();
            asked.levels.tellToForget(ANN);
            redis.commands().zadd(RECORD, number, "all:43".getBytes(UTF_8));
            other.levels.look();
            other.levels.look();
            assertThat(other.forgot()).as("%s", number).containsExactly("all of 42", "all of 43");
            asked.levels.tellToForget(CAT);
            other.levels.look();
            assertThat(other.forgot()).as("%s", number).containsExactly("all of 44");
        }
    }

    @Test
    void whatever_is_among_those_with_a_level_is_taken_out_and_the_others_keep_theirs() {
        var one = replica();
        for (long user = 1; user <= 2 * PAGE; user++) {
            one.levels.set(user, PrivacyLevel.NONE);
            one.levels.set(100 + user, PrivacyLevel.NONE);
            one.levels.set(100 + user, PrivacyLevel.FULL);
        }
        for (String key : List.of("none", "full")) {
            for (int i = 0; i < 2 * PAGE; i++) {
                redis.commands().zadd(KEYS + key, i + 0.5, ("secret" + i).getBytes(UTF_8));
                redis.commands().zadd(KEYS + key, Double.NEGATIVE_INFINITY, ("-" + i).getBytes(UTF_8));
            }
        }
        redis.commands().zadd(KEYS + "none", Double.POSITIVE_INFINITY, "77".getBytes(UTF_8));
        var other = replica();
        assertThat(other.levels.find(77)).isEqualTo(PrivacyLevel.NONE);
        for (long user = 1; user <= 2 * PAGE; user++) {
            assertThat(other.levels.find(user)).isEqualTo(PrivacyLevel.NONE);
            assertThat(other.levels.find(100 + user)).isEqualTo(PrivacyLevel.FULL);
        }
        one.levels.look();
        assertThat(mended).containsKey("privacy level");
        assertThat(one.levels.find(77)).isEqualTo(PrivacyLevel.NONE);
    }

    @Test
    void whatever_is_among_what_is_owed_keeps_nothing_from_being_done() {
        var one = replica();
        for (String member : List.of("", "secret", "1:", "1:0", "x y:42", "forget:99999999999999999999")) {
            redis.commands().zadd(KEYS + "owed", 1, member.getBytes(UTF_8));
        }
        redis.commands().zadd(KEYS + "owed", 2, "unknown:42".getBytes(UTF_8));
        for (String member : List.of("", "secret", "1:", "forget:0", "x y:42", "again:99999999999999999999")) {
            redis.commands().zadd(KEYS + "forgetting", 1, member.getBytes(UTF_8));
        }
        redis.commands().zadd(KEYS + "forgetting", Double.POSITIVE_INFINITY, "forget:44".getBytes(UTF_8));
        one.levels.tellToForget(BOB);
        elapse(StoredLevels.PURGE_LEASE);
        one.levels.look();
        one.privacy.purgeDue();
        assertThat(one.part.asked).containsExactlyInAnyOrder("all of 43", "all of 44");
        assertThat(redis.commands().exists(KEYS + "owed", KEYS + "forgetting")).isZero();
        assertThat(mended).containsEntry("privacy debt", 12L);
    }

    @Test
    void whatever_the_numbers_of_the_last_changes_are() {
        for (String rubbish : List.of("secret", "", "-1", "1e300", "inf", "0.5", "nan")) {
            redis.flush();
            var one = replica();
            var other = replica();
            one.levels.set(ANN, PrivacyLevel.NONE);
            one.levels.look();
            for (String field : List.of("last", "floor", "forgotten", "forgotten_floor")) {
                redis.commands().hset(KEYS + "state", field, rubbish.getBytes(UTF_8));
            }
            elapse(Duration.ofSeconds(2));
            one.levels.look();
            other.levels.look();
            other.forgot();
            assertThat(other.levels.find(ANN)).as(rubbish).isEqualTo(PrivacyLevel.NONE);
            one.levels.tellToForget(BOB);
            other.levels.look();
            assertThat(other.forgot()).as(rubbish).contains("all of 43");
        }
    }
}
