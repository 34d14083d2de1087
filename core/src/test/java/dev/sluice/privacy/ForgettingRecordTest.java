package dev.sluice.privacy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a process forgets of its memory when the record of whom to forget has ended, is new, or was lost. */
@Timeout(60)
class ForgettingRecordTest extends ForgettingFixture {
    @Test
    void who_was_away_for_longer_than_the_record_lasts_forgets_everybody_if_anybody_was_forgotten() {
        var asked = replica();
        var other = replica();
        elapse(Duration.ofHours(2));
        other.levels.look();
        assertThat(other.forgot()).as("nobody was forgotten").isEmpty();

        asked.levels.tellToForget(ANN);
        elapse(Duration.ofHours(2));
        redis.commands().del(RECORD);
        other.levels.look();
        other.levels.look();
        assertThat(other.forgot()).containsExactly("everybody");

        asked.levels.tellToForget(BOB);
        other.levels.look();
        assertThat(other.forgot()).as("hears again").containsExactly("all of 43");
    }

    @Test
    void of_a_record_that_goes_on_only_who_missed_a_part_that_has_ended_forgets_everybody() {
        var asked = replica();
        var away = replica();
        var heard = replica();
        asked.levels.tellToForget(ANN);
        heard.levels.look();
        elapse(Duration.ofMinutes(61));
        asked.levels.tellToForget(BOB);
        assertThat(redis.commands().zcard(RECORD)).isEqualTo(1);
        away.levels.look();
        heard.levels.look();
        assertThat(away.forgot()).containsExactly("everybody", "all of 43");
        assertThat(heard.forgot()).containsExactly("all of 42", "all of 43");
        // Asked about one user: none of theirs, but somebody's is missing.
        var late = replica();
        asked.levels.tellToForget(ANN);
        elapse(Duration.ofMinutes(61));
        redis.commands().del(RECORD);
        assertThat(late.levels.find(BOB)).isEqualTo(PrivacyLevel.FULL);
        assertThat(late.forgot()).containsExactly("everybody");
    }

    @Test
    void the_record_is_bounded_and_whoever_missed_what_had_no_room_forgets_everybody() {
        var asked = replica();
        var away = replica();
        var heard = replica();
        asked.levels.tellToForget(ANN);
        heard.levels.look();
        for (int i = 1; i < 10_000; i++) {
            redis.commands().zadd(RECORD, clock.getAsLong() + i, ("all:" + (1_000 + i)).getBytes(US_ASCII));
        }
        elapse(Duration.ofSeconds(1));
        asked.levels.tellToForget(BOB);
        assertThat(redis.commands().zcard(RECORD)).isEqualTo(10_000);
        assertThat(redis.commands().pttl(RECORD)).isBetween(3_000_000L, 3_600_000L);
        away.levels.look();
        heard.levels.look();
        assertThat(away.forgot()).hasSize(10_001).startsWith("everybody").endsWith("all of 43");
        assertThat(heard.forgot()).hasSize(10_001).startsWith("all of 42").endsWith("all of 43");
    }

    @Test
    void a_new_process_forgets_only_whom_others_were_asked_to_forget_since_it_began() {
        var asked = replica();
        asked.levels.tellToForget(ANN);
        elapse(Duration.ofMillis(1));
        var late = new Replica();
        elapse(Duration.ofSeconds(30));
        asked.levels.tellToForget(BOB);
        elapse(Duration.ofSeconds(30));
        late.levels.look();
        assertThat(late.forgot()).containsExactly("all of 43");
        // As when it asks about one user before it has ever looked.
        var asking = new Replica();
        elapse(Duration.ofSeconds(1));
        asked.levels.tellToForget(BOB);
        assertThat(asking.levels.find(BOB)).isEqualTo(PrivacyLevel.FULL);
        assertThat(asking.forgot()).containsExactly("all of 43");
    }

    @Test
    void redis_that_lost_its_data_or_has_another_clock_is_followed_from_then_on() {
        var asked = replica();
        var other = replica();
        asked.levels.tellToForget(ANN);
        other.levels.look();
        other.forgot();
        redis.flush();
        other.levels.look();
        assertThat(other.forgot()).as("nobody knows of any").isEmpty();
        clock.advance(Duration.ofMinutes(-5));
        asked.levels.tellToForget(BOB);
        other.levels.look();
        asked.levels.look();
        assertThat(other.forgot()).containsExactly("all of 43");
        assertThat(asked.forgot()).isEmpty();
    }

    @Test
    void who_began_while_the_clock_of_redis_was_ahead_follows_what_is_forgotten_once_it_is_right() {
        var asked = replica();
        asked.levels.tellToForget(BOB);
        clock.advance(Duration.ofHours(1));
        var late = replica();
        clock.advance(Duration.ofHours(-1));
        elapse(Duration.ofSeconds(1));
        late.levels.look();
        assertThat(late.forgot()).as("from before it began").isEmpty();
        asked.levels.tellToForget(ANN);
        late.levels.look();
        assertThat(late.forgot()).containsExactly("all of 42");
    }

    @Test
    void when_memory_is_full_it_is_told_all_the_same() {
        var asked = replica();
        var other = replica();
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThat(asked.privacy.forget(ANN).isComplete()).isTrue();
            other.levels.look();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
        assertThat(other.forgot()).containsExactly("all of 42", "copies of 42");
    }
}
