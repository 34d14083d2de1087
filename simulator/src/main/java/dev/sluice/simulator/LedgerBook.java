package dev.sluice.simulator;

import dev.sluice.simulator.LedgerEntry.Outcome;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** One bot's part of the ledger. Thread-safe. */
final class LedgerBook {
    private final SharedBound entriesKept;
    private final int parametersKept;
    private final Deque<LedgerEntry> plain = new ArrayDeque<>(); // older, parameters dropped
    private final Deque<LedgerEntry> recent = new ArrayDeque<>();
    private final Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
    private final Map<String, Long> calls = new HashMap<>(); // by lower-case name; as many as there are methods
    private long dropped;

    LedgerBook(SharedBound entriesKept, int parametersKept) {
        this.entriesKept = entriesKept;
        this.parametersKept = parametersKept;
    }

    synchronized void append(LedgerEntry entry) {
        counts.merge(entry.outcome(), 1L, Long::sum);
        recent.add(entry);
        entriesKept.take(1);
        if (recent.size() > parametersKept) {
            plain.add(recent.remove().withoutParameters());
        }
        while (entriesKept.isOver() && plain.size() + recent.size() > 1) {
            (plain.isEmpty() ? recent : plain).remove();
            entriesKept.giveBack(1);
            dropped++;
        }
    }

    synchronized void countCall(String method) {
        calls.merge(method.toLowerCase(Locale.ROOT), 1L, Long::sum);
    }

    synchronized void addTo(List<LedgerEntry> selected, Predicate<LedgerEntry> wanted) {
        plain.stream().filter(wanted).forEach(selected::add);
        recent.stream().filter(wanted).forEach(selected::add);
    }

    synchronized long count(Outcome outcome) {
        return counts.getOrDefault(outcome, 0L);
    }

    synchronized long calls(String method) {
        return calls.getOrDefault(method.toLowerCase(Locale.ROOT), 0L);
    }

    synchronized long dropped() {
        return dropped;
    }

    synchronized void clear() {
        entriesKept.giveBack(plain.size() + recent.size());
        plain.clear();
        recent.clear();
        counts.clear();
        calls.clear();
        dropped = 0;
    }
}
