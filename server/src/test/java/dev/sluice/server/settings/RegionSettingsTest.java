package dev.sluice.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.limit.Limit;
import dev.sluice.region.Regions;
import dev.sluice.region.Regions.Share;
import dev.sluice.server.settings.RegionSettings.Chats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegionSettingsTest {
    private static final String TWO = "eu=0.6@redis://:secret1@10.0.0.5,us=.4@rediss://u:p%2Cw@10.1.0.5:6380/2";

    @TempDir
    private Path directory;

    private final Map<String, String> environment = new HashMap<>(
            Map.of("SLUICE_REGION", "us", "SLUICE_REGIONS", TWO, "SLUICE_SECRET_KEY", "one-for-all-of-our-regions"));

    private ServerSettings load(boolean embedded) {
        return new SettingsLoader(directory, environment, Map.of(), Optional.empty(), embedded, Set.of()).load();
    }

    private String refused() {
        return refused(false);
    }

    private String refused(boolean embedded) {
        return String.valueOf(catchThrowable(() -> load(embedded)).getMessage());
    }

    @Test
    void the_regions_own_redis_is_taken_from_the_list() {
        ServerSettings settings = load(false);
        assertThat(settings.regions().regions())
                .contains(new Regions("us", List.of(new Share("eu", 6_000), new Share("us", 4_000))));
        assertThat(settings.regions().chats()).isEqualTo(Chats.SHARED);
        assertThat(settings.regions().timeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(settings.store().redisUrl()).contains("rediss://u:p%2Cw@10.1.0.5:6380/2");
        assertThat(settings.limits().bot()).isEqualTo(Limit.atMost(30, Duration.ofSeconds(1)));
        assertThat(settings.regions().toString()).doesNotContain("secret1", "p%2Cw");
    }

    @Test
    void a_regions_redis_may_be_a_cluster_or_behind_sentinels() {
        environment.put(
                "SLUICE_REGIONS",
                "eu=0.5@redis://a:1,b:2,c:3, us=0.25@redis-sentinel://s1,s2/#main,asia=0.25@redis://d");
        assertThat(load(false).regions().urls())
                .isEqualTo(
                        Map.of("eu", "redis://a:1,b:2,c:3", "us", "redis-sentinel://s1,s2/#main", "asia", "redis://d"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "eu=0.6@redis://a | 2 to 16 regions, not 1",
                "eu=0.6@redis://a,us=0.5@redis://b | add up to 1.1",
                "eu=0.6@redis://a,eu=0.4@redis://b | eu is there twice",
                "EU=0.6@redis://a,us=0.4@redis://b | region 1: a region's name",
                "eu=1@redis://a,us=0.4@redis://b | region 1 is not written so",
                "eu=0.6@redis://a,us=0.40001@redis://b | region 2 is not written so",
                "eu=0.6@redis://a,us=0@redis://b | region 2 is not written so",
                "eu=0.6@redis://a,us=0.0@redis://b | must be 0.0001 to 0.9999",
                "eu=0.6@http://a,us=0.4@redis://b | region 1",
                "eu=0.6@redis://a,us=0.4@redis://b/x | region 2",
            })
    void a_list_that_makes_no_sense_is_refused(String list, String why) {
        environment.put("SLUICE_REGIONS", list);
        assertThat(refused()).contains("SLUICE_REGIONS", why);
    }

    @Test
    void a_password_is_in_no_complaint() {
        environment.put("SLUICE_REGIONS", TWO + ",asia=2@redis://:secret3@h");
        assertThat(refused()).contains("SLUICE_REGIONS").doesNotContain("secret1", "p%2Cw", "secret3");
    }

    @Test
    void one_without_the_other_is_refused() {
        environment.remove("SLUICE_REGION");
        assertThat(refused()).contains("SLUICE_REGION must say which");

        environment.put("SLUICE_REGION", "mars");
        assertThat(refused()).contains("SLUICE_REGION", "eu, us", "none is mars");

        environment.remove("SLUICE_REGIONS");
        environment.put("SLUICE_REGION_CHATS", "own");
        assertThat(refused()).contains("SLUICE_REGION", "SLUICE_REGION_CHATS", "means nothing without SLUICE_REGIONS");
    }

    @Test
    void another_redis_and_a_key_that_others_have_not_are_refused() {
        environment.put("REDIS_URL", "redis://elsewhere");
        environment.remove("SLUICE_SECRET_KEY");
        assertThat(refused())
                .contains("REDIS_URL", "names the Redis of this region as well")
                .contains("SLUICE_SECRET_KEY must be set, the same in all regions");

        environment.remove("REDIS_URL");
        environment.put("SLUICE_SECRET_KEY", "one-for-all-of-our-regions");
        assertThat(refused(true)).contains("--embedded");
    }
}
