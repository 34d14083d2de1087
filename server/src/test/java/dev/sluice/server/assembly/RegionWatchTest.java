package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.region.Homes;
import dev.sluice.region.RegionLists;
import dev.sluice.region.Regions;
import dev.sluice.region.Regions.Share;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegionWatchTest {
    private static final List<Share> TWO = List.of(new Share("eu", 6_000), new Share("us", 4_000));
    private static final List<Share> THREE =
            List.of(new Share("asia", 2_000), new Share("eu", 4_000), new Share("us", 4_000));

    private final SharedRedis redis = RedisFixture.shared();

    @BeforeEach
    void flush() {
        redis.flush();
    }

    /** One Redis under several prefixes is as good as several. */
    private RegionLists lists(String self, List<Share> shares, Runnable beforeEach) {
        var all = new Regions(self, shares);
        var runners = new HashMap<String, ScriptRunner>();
        all.names()
                .forEach(region -> runners.put(region, (script, keys, args) -> {
                    beforeEach.run();
                    return redis.runner()
                            .run(script, keys.stream().map(key -> region + key).toList(), args);
                }));
        return new RegionLists(all, new Homes<>(all, runners), KeySpace.DEFAULT);
    }

    @Test
    void of_two_gateways_with_other_regions_that_start_at_the_same_time_one_is_refused() {
        var asked = new AtomicInteger();
        RegionLists other = lists("us", THREE, () -> {});
        // The other one shows its list after this one has looked at both regions, and before it shows its own.
        RegionLists mine = lists("eu", TWO, () -> {
            if (asked.incrementAndGet() == 3) {
                other.show();
            }
        });

        assertThatThrownBy(() -> RegionWatch.start(mine).close())
                .isInstanceOf(StartException.class)
                .hasMessageContaining("a gateway of region us has other regions");
    }
}
