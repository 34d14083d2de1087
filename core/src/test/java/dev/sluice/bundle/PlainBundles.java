package dev.sluice.bundle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What belongs together, told plainly: from all that one person said, afterwards. Times are microseconds. */
final class PlainBundles {
    private PlainBundles() {}

    /** A message that was taken. */
    record Arrival(long at, long id, int size, boolean command, long quiet) {}

    /** @param closed when it took no more; never, if it is the last and still collects */
    record PlainBundle(List<Arrival> arrivals, long closed) {
        /** As it is handed over: in the order of ids. */
        List<Long> ids() {
            return arrivals.stream().map(Arrival::id).sorted().toList();
        }
    }

    /** @param arrivals in the order in which they were taken */
    static List<PlainBundle> of(List<Arrival> arrivals, BundleSettings rules) {
        var bundles = new ArrayList<PlainBundle>();
        var collecting = new ArrayList<Arrival>();
        for (Arrival next : arrivals) {
            if (!collecting.isEmpty()) {
                long quietFrom = quietFrom(collecting, rules);
                boolean tooLarge = size(collecting) + next.size() > rules.mostBytes();
                if (quietFrom <= next.at() || next.command() || tooLarge) {
                    bundles.add(new PlainBundle(List.copyOf(collecting), Math.min(quietFrom, next.at())));
                    collecting.clear();
                }
            }
            collecting.add(next);
            if (next.command() || collecting.size() == rules.mostMessages() || size(collecting) >= rules.mostBytes()) {
                bundles.add(new PlainBundle(List.copyOf(collecting), next.at()));
                collecting.clear();
            }
        }
        if (!collecting.isEmpty()) {
            bundles.add(new PlainBundle(List.copyOf(collecting), quietFrom(collecting, rules)));
        }
        return bundles;
    }

    private static long quietFrom(List<Arrival> collecting, BundleSettings rules) {
        return Math.min(
                collecting.getLast().at() + collecting.getLast().quiet(),
                collecting.getFirst().at() + micros(rules.longest()));
    }

    private static int size(List<Arrival> arrivals) {
        return arrivals.stream().mapToInt(Arrival::size).sum();
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }
}
