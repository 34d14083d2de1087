package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.region.Regions;
import dev.sluice.region.Regions.Share;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RegionalShareTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final List<Share> SHARES =
            List.of(new Share("eu", 5_000), new Share("us", 3_000), new Share("asia", 2_000));

    private static Regions in(String region) {
        return new Regions(region, SHARES);
    }

    @Test
    void a_strict_window_is_divided() {
        assertThat(RegionalShare.of(Limit.atMost(30, SECOND), in("eu"))).isEqualTo(Limit.atMost(15, SECOND));
        assertThat(RegionalShare.of(Limit.atMost(30, SECOND), in("us"))).isEqualTo(Limit.atMost(9, SECOND));
        assertThat(RegionalShare.of(Limit.atMost(30, SECOND), in("asia"))).isEqualTo(Limit.atMost(6, SECOND));
    }

    @Test
    void one_that_cannot_be_divided_is_stretched() {
        assertThat(RegionalShare.of(Limit.atMost(1, SECOND), in("eu")))
                .isEqualTo(Limit.atMost(1, SECOND.multipliedBy(2)));
        assertThat(RegionalShare.of(Limit.atMost(1, SECOND), in("asia")))
                .isEqualTo(Limit.atMost(1, SECOND.multipliedBy(5)));
        assertThat(RegionalShare.of(Limit.atMost(2, Duration.ofDays(31)), in("asia")))
                .isEqualTo(Limit.atMost(1, Duration.ofDays(31)));
    }

    @Test
    void a_smooth_limit_has_a_part_of_the_burst_at_a_part_of_the_rate() {
        assertThat(RegionalShare.of(Limit.smooth(10, Duration.ofMillis(100)), in("asia")))
                .isEqualTo(Limit.smooth(2, Duration.ofMillis(500)));
        assertThat(RegionalShare.of(Limit.smooth(1, Duration.ofMillis(100)), in("eu")))
                .isEqualTo(Limit.smooth(1, Duration.ofMillis(200)));
    }

    @Test
    void limits_of_chats_stay_whole_where_each_chat_is_served_by_one_region() {
        TelegramLimits all = TelegramLimits.CONSERVATIVE;
        TelegramLimits own = RegionalShare.of(all, in("us"), false);
        assertThat(own)
                .isEqualTo(new TelegramLimits(
                        Limit.atMost(9, SECOND), Limit.atMost(300, SECOND), all.chat(), all.group(), all.user()));

        TelegramLimits shared = RegionalShare.of(all, in("us"), true);
        assertThat(shared.group()).isEqualTo(Limit.atMost(6, Duration.ofMinutes(1)));
        assertThat(shared.user()).contains(RegionalShare.of(all.user().orElseThrow(), in("us")));
        assertThat(RegionalShare.of(TelegramLimits.DOCUMENTED, in("us"), true).user())
                .isEqualTo(Optional.empty());
    }

    @Test
    void replies_that_are_limited_apart_are_divided_and_shadow_mode_stays() {
        TelegramLimits apart = TelegramLimits.DOCUMENTED
                .withReplies(Optional.of(Limit.atMost(60, SECOND)))
                .inShadow(true);
        for (boolean chats : new boolean[] {true, false}) {
            TelegramLimits share = RegionalShare.of(apart, in("us"), chats);
            assertThat(share.replies()).contains(Limit.atMost(18, SECOND));
            assertThat(share.shadow()).isTrue();
        }
        assertThat(RegionalShare.of(TelegramLimits.DOCUMENTED, in("us"), true).replies())
                .isEmpty();
    }

    /** Each region decides alone; all that pass are held against the whole limit. */
    @Property(tries = 200)
    void over_all_regions_no_window_admits_more_than_its_number(
            @ForAll @IntRange(min = 3, max = 40) int capacity,
            @ForAll @Size(min = 1, max = 300) List<@IntRange(min = 0, max = 2_999) Integer> steps) {
        Limit whole = Limit.atMost(capacity, SECOND);
        var clock = new SettableMicros();
        var limiters = new ArrayList<RateLimiter>();
        var charges = new ArrayList<Acquisition>();
        for (Share share : SHARES) {
            limiters.add(RateLimiters.inMemory(clock));
            charges.add(Acquisition.of(
                    new Charge(new Bucket("1", "bot", "1"), RegionalShare.of(whole, in(share.region())), 1)));
        }
        Deque<Long> passed = new ArrayDeque<>();
        for (int step : steps) {
            clock.advance(Duration.ofMillis(step / 3 % 40));
            for (int burst = 0; burst < 3; burst++) {
                int region = (step + burst) % 3;
                if (limiters.get(region).tryAcquire(charges.get(region)) instanceof Decision.Allowed) {
                    passed.addLast(clock.getAsLong());
                }
            }
            while (!passed.isEmpty() && passed.getFirst() <= clock.getAsLong() - 1_000_000) {
                passed.removeFirst();
            }
            assertThat(passed.size()).isLessThanOrEqualTo(capacity);
        }
    }
}
