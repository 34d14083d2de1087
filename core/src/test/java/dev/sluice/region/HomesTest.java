package dev.sluice.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.region.Regions.Share;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HomesTest {
    private static final int KEYS = 6_000;

    private static Homes<String> homes(String... names) {
        var regions = new Regions(
                names[0],
                Arrays.stream(names).map(name -> new Share(name, 1_000)).toList());
        return new Homes<>(
                regions, Arrays.stream(names).collect(Collectors.toMap(Function.identity(), Function.identity())));
    }

    private static List<String> keys() {
        return IntStream.range(0, KEYS).mapToObj(i -> "123456/" + i).toList();
    }

    @Test
    void every_process_finds_the_same_home_whatever_its_own_region_and_the_order() {
        Homes<String> one = homes("eu", "us", "asia");
        Homes<String> other = homes("asia", "eu", "us");
        assertThat(keys()).allMatch(key -> one.of(key).equals(other.homeOf(key)));
        assertThat(one.here()).isEqualTo("eu");
        assertThat(other.here()).isEqualTo("asia");
    }

    @Test
    void homes_do_not_change_from_version_to_version() {
        Homes<String> homes = homes("eu", "us", "asia");
        assertThat(IntStream.range(0, 8).mapToObj(i -> homes.of("42/" + i)))
                .containsExactly("eu", "us", "asia", "us", "asia", "eu", "asia", "us");
    }

    @Test
    void every_region_is_the_home_of_its_part() {
        Homes<String> homes = homes("eu", "us", "asia");
        Map<String, Long> counts = keys().stream().collect(Collectors.groupingBy(homes::of, Collectors.counting()));
        assertThat(counts).hasSize(3);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(KEYS / 4L, KEYS / 2L));
    }

    @Test
    void only_what_a_new_region_takes_has_another_home() {
        Homes<String> before = homes("eu", "us", "asia");
        Homes<String> after = homes("eu", "us", "asia", "africa");
        List<String> moved = keys().stream()
                .filter(key -> !before.of(key).equals(after.of(key)))
                .toList();
        assertThat(moved)
                .hasSizeBetween(KEYS / 6, KEYS / 3)
                .allMatch(key -> after.of(key).equals("africa"));
    }

    @Test
    void there_is_one_of_each_region() {
        var regions = new Regions("eu", List.of(new Share("eu", 1), new Share("us", 1)));
        assertThatThrownBy(() -> new Homes<>(regions, Map.of("eu", 1))).hasMessageContaining("[eu, us]");
        assertThatThrownBy(() -> homes("eu", "us").in("mars")).hasMessageContaining("[eu, us]");
    }
}
