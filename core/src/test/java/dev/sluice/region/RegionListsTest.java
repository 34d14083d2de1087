package dev.sluice.region;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import dev.sluice.region.RegionLists.Difference;
import dev.sluice.region.RegionLists.Kind;
import dev.sluice.region.Regions.Share;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegionListsTest {
    private static final ScriptRunner AWAY = (script, keys, args) -> {
        throw new RedisUnavailableException("away", false, null);
    };
    private static final List<Share> TWO = List.of(new Share("eu", 6_000), new Share("us", 4_000));

    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner runner = redis.clockRunner();

    /** One Redis under two prefixes is as good as two. */
    private final Map<String, ScriptRunner> regions = new HashMap<>(Map.of("eu", of("eu"), "us", of("us")));

    @BeforeEach
    void flush() {
        redis.flush();
    }

    private ScriptRunner of(String region) {
        return (script, keys, args) ->
                runner.run(script, keys.stream().map(key -> region + key).toList(), args);
    }

    private RegionLists lists(String self, List<Share> shares) {
        var all = new Regions(self, shares);
        var runners = new HashMap<String, ScriptRunner>();
        all.names().forEach(name -> runners.put(name, regions.getOrDefault(name, AWAY)));
        return new RegionLists(all, new Homes<>(all, runners), KeySpace.DEFAULT);
    }

    @Test
    void gateways_with_one_list_agree_in_whatever_order_it_is_written() {
        lists("eu", TWO).show();
        lists("us", TWO.reversed()).show();
        assertThat(lists("us", TWO).differences()).isEmpty();
        assertThat(lists("eu", TWO.reversed()).differences()).isEmpty();
    }

    @Test
    void other_shares_in_another_region_are_seen_and_not_serious() {
        lists("us", TWO).show();
        var lowered = List.of(new Share("eu", 5_000), new Share("us", 4_000));
        assertThat(lists("eu", lowered).differences())
                .containsExactly(new Difference(Kind.SHARES, "us", "us of eu=0.6,us=0.4"))
                .noneMatch(Difference::isSerious);
    }

    @Test
    void other_regions_are_serious() {
        lists("eu", TWO).show();
        var three = List.of(new Share("eu", 3_000), new Share("us", 3_000), new Share("asia", 3_000));
        assertThat(lists("us", three).differences())
                .containsExactly(new Difference(Kind.REGIONS, "eu", "eu of eu=0.6,us=0.4"))
                .allMatch(Difference::isSerious);
    }

    @Test
    void a_redis_that_serves_another_region_is_serious() {
        regions.put("us", of("eu"));
        lists("eu", TWO).show();
        assertThat(lists("us", TWO).differences())
                .containsExactly(new Difference(Kind.NAME, "us", "eu of eu=0.6,us=0.4"))
                .allMatch(Difference::isSerious);
    }

    @Test
    void a_list_is_in_use_for_a_while_after_it_was_last_shown_and_then_forgotten() {
        lists("us", TWO).show();
        var lowered = lists("eu", List.of(new Share("eu", 5_000), new Share("us", 4_000)));
        runner.advance(RegionLists.SHOWN.minusMillis(1));
        assertThat(lowered.differences()).hasSize(1);
        runner.advance(Duration.ofMillis(1));
        assertThat(lowered.differences()).isEmpty();

        lowered.show();
        assertThat(redis.commands().hlen("eu" + "sluice:regions:{all}:lists")).isEqualTo(1);
        assertThat(redis.commands().pttl("eu" + "sluice:regions:{all}:lists")).isBetween(1L, 30_000L);
    }

    @Test
    void looking_writes_nothing_and_a_region_that_is_away_is_passed_over() {
        regions.put("us", AWAY);
        assertThat(lists("eu", TWO).differences()).isEmpty();
        assertThat(redis.commands().keys("*")).isEmpty();
    }
}
