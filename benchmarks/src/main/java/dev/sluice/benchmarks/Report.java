package dev.sluice.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that was measured, with where and how. Printed as Markdown that is aligned for the eye.
 *
 * @param command how to get it again
 * @param began ISO 8601, UTC
 */
record Report(String command, String began, Machine machine, List<Section> sections) {
    private static final List<String> HEADINGS = List.of("figure", "median", "spread", "ratio", "aim");

    void print(PrintStream out) {
        out.printf("%n%s, %d processors, %s%n", machine.processor(), machine.processors(), machine.system());
        out.printf("%s, %s%n", machine.java(), String.join(", ", machine.programs()));
        out.printf("`%s` at %s%n", command, began);
        out.printf(
                Locale.ROOT,
                "load average before: %.2f%s%n",
                machine.load(),
                machine.wasLoaded() ? ": others were at work, so trust the ratios and not the absolute figures" : "");
        for (Section section : sections) {
            out.printf("%n**%s**: %s%n", section.title(), section.method());
            if (!section.figures().isEmpty()) {
                out.println();
                table(section).forEach(out::println);
            }
        }
        out.println();
    }

    void write(Path file) throws IOException {
        var json =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Files.writeString(file, json.writeValueAsString(this) + "\n");
    }

    private static List<String> table(Section section) {
        var rows = new ArrayList<List<String>>();
        rows.add(HEADINGS);
        section.figures().forEach(figure -> rows.add(cells(figure)));
        int[] widths = IntStream.range(0, HEADINGS.size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        var lines = new ArrayList<String>();
        rows.forEach(row -> lines.add(line(row, widths)));
        lines.add(1, line(IntStream.of(widths).mapToObj("-"::repeat).toList(), widths));
        return lines;
    }

    private static String line(List<String> cells, int[] widths) {
        var line = new StringBuilder("|");
        for (int column = 0; column < widths.length; column++) {
            line.append(" %-".concat(widths[column] + "s |").formatted(cells.get(column)));
        }
        return line.toString();
    }

    private static List<String> cells(Figure figure) {
        Spread value = figure.value();
        return List.of(
                figure.name(),
                number(value.median()) + " " + figure.unit(),
                value.least() == value.most() ? "" : number(value.least()) + " to " + number(value.most()),
                figure.ratio().map(ratio -> number(ratio.value().median())).orElse(""),
                figure.aim().map(Report::aim).orElse(""));
    }

    private static String aim(Figure.Aim aim) {
        return (aim.atLeast() ? "at least " : "at most ") + number(aim.bound()) + (aim.met() ? ": met" : ": missed");
    }

    private static String number(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.3f", value);
    }
}
