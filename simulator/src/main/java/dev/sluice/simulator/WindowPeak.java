package dev.sluice.simulator;

import java.time.Duration;
import java.util.List;

/**
 * The fullest window found in a list of entries.
 *
 * @param weight messages in it
 * @param calls calls in it
 * @param heaviestCall messages of the heaviest single call in it: one call may exceed a limit alone
 * @param startMicros monotonic time of the first entry in it; 0 if there are no entries
 */
public record WindowPeak(long weight, int calls, int heaviestCall, long startMicros) {

    /**
     * Slides a window over the entries, in O(n).
     *
     * @param entries in ascending order of time
     * @param window entries less than this apart share a window; a limit of W with a tolerance of T is checked with W - T
     */
    public static WindowPeak of(List<LedgerEntry> entries, Duration window) {
        long windowMicros = window.toNanos() / 1000;
        long weight = 0;
        long most = 0;
        int first = 0;
        List<LedgerEntry> fullest = List.of();
        for (int last = 0; last < entries.size(); last++) {
            weight += entries.get(last).weight();
            while (entries.get(last).monotonicMicros() - entries.get(first).monotonicMicros() >= windowMicros) {
                weight -= entries.get(first).weight();
                first++;
            }
            if (weight > most) {
                most = weight;
                fullest = entries.subList(first, last + 1);
            }
        }
        int heaviest = fullest.stream().mapToInt(LedgerEntry::weight).max().orElse(0);
        long start = fullest.isEmpty() ? 0 : fullest.getFirst().monotonicMicros();
        return new WindowPeak(most, fullest.size(), heaviest, start);
    }
}
