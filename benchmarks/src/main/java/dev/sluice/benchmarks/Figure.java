package dev.sluice.benchmarks;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One line of the report.
 *
 * @param name what was measured
 * @param unit of {@code value}
 * @param value over all rounds
 * @param ratio to what it is compared with, over the ratios within each round
 * @param aim what it should reach, if anything
 */
record Figure(String name, String unit, Spread value, Optional<Ratio> ratio, Optional<Aim> aim) {

    /** @param to the name of the figure that counts as 1 */
    record Ratio(String to, Spread value) {}

    /**
     * A bound on the median of the ratio, or of the value where there is no ratio.
     *
     * @param atLeast whether more is better
     */
    record Aim(boolean atLeast, double bound, boolean met) {}

    static Figure of(String name, String unit, List<Double> rounds) {
        return new Figure(name, unit, Spread.of(rounds), Optional.empty(), Optional.empty());
    }

    /** @param base what the figure called {@code to} measured in the same rounds */
    static Figure compared(String name, String unit, List<Double> rounds, String to, List<Double> base) {
        var ratio = new Ratio(to, Spread.of(ratios(rounds, base)));
        return new Figure(name, unit, Spread.of(rounds), Optional.of(ratio), Optional.empty());
    }

    /** Round by round. */
    static List<Double> ratios(List<Double> rounds, List<Double> base) {
        return IntStream.range(0, rounds.size())
                .mapToObj(round -> rounds.get(round) / base.get(round))
                .toList();
    }

    /** Round by round. */
    static List<Double> differences(List<Double> rounds, List<Double> base) {
        return IntStream.range(0, rounds.size())
                .mapToObj(round -> rounds.get(round) - base.get(round))
                .toList();
    }

    Figure atLeast(double bound) {
        return aiming(new Aim(true, bound, judged() >= bound));
    }

    Figure atMost(double bound) {
        return aiming(new Aim(false, bound, judged() <= bound));
    }

    private Figure aiming(Aim newAim) {
        return new Figure(name, unit, value, ratio, Optional.of(newAim));
    }

    private double judged() {
        return ratio.map(Ratio::value).orElse(value).median();
    }
}
