package dev.sluice.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One line of the report.
 *
 * @param name what was measured
 * @param unit of {@code value}
 * @param value over all rounds
 * @param ratio to what it is compared with, over the ratios within each round
 */
record Figure(String name, String unit, Spread value, Optional<Ratio> ratio) {

    /** @param to the name of the figure that counts as 1 */
    record Ratio(String to, Spread value) {}

    static Figure of(String name, String unit, List<Double> rounds) {
        return new Figure(name, unit, Spread.of(rounds), Optional.empty());
    }

    /** @param base what the figure called {@code to} measured in the same rounds */
    static Figure compared(String name, String unit, List<Double> rounds, String to, List<Double> base) {
        var ratios = new ArrayList<Double>();
        for (int i = 0; i < rounds.size(); i++) {
            ratios.add(rounds.get(i) / base.get(i));
        }
        return new Figure(name, unit, Spread.of(rounds), Optional.of(new Ratio(to, Spread.of(ratios))));
    }
}
