package dev.sluice.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that was measured, with where and how.
 *
 * @param command how to get it again
 * @param began ISO 8601, UTC
 */
record Report(String command, String began, Machine machine, List<Section> sections) {

    void print(PrintStream out) {
        out.printf("%n%s%n", machine.processor());
        out.printf(
                "%d processors, %s, %s, Redis %s%n",
                machine.processors(), machine.system(), machine.java(), machine.redis());
        out.printf(Locale.ROOT, "%s at %s%n", command, began);
        out.printf(
                Locale.ROOT,
                "load average before: %.2f%s%n",
                machine.load(),
                machine.wasLoaded() ? ": others were at work, so trust the ratios and not the absolute figures" : "");
        for (Section section : sections) {
            out.printf("%n%s%n  (%s)%n", section.title(), section.method());
            int width = section.figures().stream()
                    .mapToInt(figure -> figure.name().length())
                    .max()
                    .orElse(0);
            for (Figure figure : section.figures()) {
                out.printf("  %-" + width + "s  %s%n", figure.name(), values(figure));
            }
        }
        out.println();
    }

    void write(Path file) throws IOException {
        var json =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Files.writeString(file, json.writeValueAsString(this) + "\n");
    }

    private static String values(Figure figure) {
        var parts = new ArrayList<String>();
        Spread value = figure.value();
        parts.add("%10s %-5s".formatted(number(value.median()), figure.unit()));
        if (value.least() != value.most()) {
            parts.add("%-18s".formatted("(" + number(value.least()) + " to " + number(value.most()) + ")"));
        }
        figure.ratio()
                .ifPresent(ratio ->
                        parts.add("%.2fx the floor".formatted(ratio.value().median())));
        return String.join(" ", parts).stripTrailing();
    }

    private static String number(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }
}
