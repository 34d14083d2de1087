package dev.sluice.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.region.Regions.Share;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegionsTest {
    private static Regions of(int... tenThousandths) {
        var shares = new ArrayList<Share>();
        for (int i = 0; i < tenThousandths.length; i++) {
            shares.add(new Share("r" + (char) ('a' + i), tenThousandths[i]));
        }
        return new Regions("ra", shares);
    }

    @ParameterizedTest
    @CsvSource({"30,15,9,6", "1000,500,300,200", "20,10,6,4", "7,4,2,1", "3,1,1,1", "4,2,1,1", "11,6,3,2"})
    void what_is_divided_adds_up_and_leaves_something_for_everybody(int whole, int first, int second, int third) {
        assertThat(of(5_000, 3_000, 2_000).parts(whole)).isEqualTo(Map.of("ra", first, "rb", second, "rc", third));
    }

    @Test
    void what_is_less_than_one_for_each_is_not_divided() {
        assertThat(of(5_000, 3_000, 2_000).parts(2)).isEmpty();
        assertThat(of(5_000, 3_000, 2_000).part(2)).isZero();
    }

    @Test
    void shares_that_do_not_add_up_to_one_are_rounded_down() {
        assertThat(of(5_000, 3_000, 1_000).parts(33)).isEqualTo(Map.of("ra", 16, "rb", 9, "rc", 3));
    }

    @Property
    void parts_add_up_to_the_whole_and_are_within_one_of_the_share_unless_someone_would_have_none(
            @ForAll("whole") List<Integer> shares, @ForAll @IntRange(min = 1, max = 10_000) int whole) {
        Regions regions = of(shares.stream().mapToInt(share -> share).toArray());
        Map<String, Integer> parts = regions.parts(whole);

        if (whole < shares.size()) {
            assertThat(parts).isEmpty();
            return;
        }
        assertThat(parts.values()).allMatch(part -> part >= 1);
        assertThat(parts.values().stream().mapToInt(part -> part).sum()).isEqualTo(whole);
        boolean allHaveSome = shares.stream().allMatch(share -> (long) whole * share >= Regions.WHOLE);
        if (allHaveSome) {
            for (Share share : regions.shares()) {
                double exact = (double) whole * share.tenThousandths() / Regions.WHOLE;
                assertThat(parts.getOrDefault(share.region(), 0) - exact).isBetween(-1.0, 1.0);
            }
        }
    }

    @Property
    void parts_of_shares_below_one_never_exceed_the_whole(
            @ForAll("whole") List<Integer> shares,
            @ForAll @IntRange(min = 1, max = 10_000) int whole,
            @ForAll @IntRange(min = 1, max = 9_999) int less) {
        int[] fewer = shares.stream().mapToInt(share -> share).toArray();
        fewer[0] = Math.max(1, fewer[0] - less);
        Map<String, Integer> parts = of(fewer).parts(whole);

        assertThat(parts.values().stream().mapToInt(part -> part).sum()).isLessThanOrEqualTo(whole);
    }

    @Property
    void lowering_one_share_first_and_raising_another_then_never_exceeds_the_whole_whoever_has_which_list(
            @ForAll("whole") List<Integer> shares,
            @ForAll @IntRange(min = 200, max = 10_000) int whole,
            @ForAll @IntRange(min = 1, max = 9_999) int moved) {
        int[] before = shares.stream().mapToInt(share -> share).toArray();
        int[] lowered = before.clone();
        lowered[0] = Math.max(50, before[0] - moved);
        int[] after = lowered.clone();
        after[1] += before[0] - lowered[0];
        if (List.of(before, lowered, after).stream()
                .anyMatch(list -> Arrays.stream(list).anyMatch(share -> (long) whole * share < Regions.WHOLE))) {
            return;
        }
        assertThat(worst(before, lowered, whole)).isLessThanOrEqualTo(whole);
        assertThat(worst(lowered, after, whole)).isLessThanOrEqualTo(whole);
    }

    /** With some regions at one list and some at the other. */
    private static int worst(int[] one, int[] other, int whole) {
        Map<String, Integer> before = of(one).parts(whole);
        Map<String, Integer> after = of(other).parts(whole);
        return before.keySet().stream()
                .mapToInt(region -> Math.max(before.getOrDefault(region, 0), after.getOrDefault(region, 0)))
                .sum();
    }

    @Provide
    Arbitrary<List<Integer>> whole() {
        return Arbitraries.integers()
                .between(2, 16)
                .flatMap(count -> Arbitraries.integers()
                        .between(1, 1_000)
                        .list()
                        .ofSize(count)
                        .map(RegionsTest::scaled));
    }

    private static List<Integer> scaled(List<Integer> weights) {
        int sum = weights.stream().mapToInt(weight -> weight).sum();
        var shares = new ArrayList<Integer>();
        weights.forEach(weight -> shares.add(Math.max(1, weight * (Regions.WHOLE - 100) / sum)));
        shares.set(
                0,
                shares.getFirst()
                        + Regions.WHOLE
                        - shares.stream().mapToInt(share -> share).sum());
        return shares;
    }

    @Test
    void a_list_that_makes_no_sense_is_refused_with_the_reason() {
        assertThatThrownBy(() -> of(5_000)).hasMessageContaining("2 to 16 regions, not 1");
        assertThatThrownBy(() -> of(5_000, 5_001)).hasMessageContaining("1.0001, which is more than 1");
        assertThatThrownBy(() -> new Share("EU", 1)).hasMessageContaining("a-z");
        assertThatThrownBy(() -> new Share("eu", 10_000)).hasMessageContaining("0.0001 to 0.9999");
        assertThatThrownBy(() -> new Regions("us", List.of(new Share("eu", 1), new Share("eu", 2))))
                .hasMessageContaining("eu is there twice");
        assertThatThrownBy(() -> new Regions("us", List.of(new Share("eu", 1), new Share("asia", 2))))
                .hasMessageContaining("asia, eu")
                .hasMessageContaining("none is us");
    }

    @Test
    void the_list_is_written_the_same_whatever_its_order() {
        assertThat(new Regions("us", List.of(new Share("us", 3_000), new Share("eu", 6_250))).list())
                .isEqualTo("eu=0.625,us=0.3");
    }
}
