package dev.sluice.server.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what somebody probably meant. */
public final class NearestName {
    private NearestName() {}

    /** The known name closest to {@code name}, or the one it is the end of; empty if none is close enough to be meant. */
    public static Optional<String> among(Collection<String> known, String name) {
        var closest = known.stream()
                .min(Comparator.comparingInt((String candidate) -> distance(candidate, name))
                        .thenComparingInt(candidate -> -commonPrefix(candidate, name))
                        .thenComparing(Comparator.naturalOrder()));
        // A third of the letters wrong is still a slip; more is another word.
        if (closest.isPresent() && distance(closest.get(), name) <= Math.max(2, name.length() / 3)) {
            return closest;
        }
        return known.stream()
                .filter(candidate -> candidate.endsWith("_" + name))
                .sorted()
                .findFirst();
    }

    private static int commonPrefix(String one, String other) {
        int length = 0;
        while (length < Math.min(one.length(), other.length()) && one.charAt(length) == other.charAt(length)) {
            length++;
        }
        return length;
    }

    /** Edits from one to the other, a swap of neighbours being one (optimal string alignment). */
    static int distance(String from, String to) {
        int[] beforePrevious = new int[to.length() + 1];
        int[] previous = new int[to.length() + 1];
        int[] current = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int substitution = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    current[j] = Math.min(current[j], beforePrevious[j - 2] + 1);
                }
            }
            int[] oldest = beforePrevious;
            beforePrevious = previous;
            previous = current;
            current = oldest;
        }
        return previous[to.length()];
    }
}
