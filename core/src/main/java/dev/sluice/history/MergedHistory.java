package dev.sluice.history;

import dev.sluice.history.HistoryLists.Look;
import dev.sluice.history.HistoryLists.Selection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** One history of which a part is shared and a part is in this process' memory only: by their numbers, which are of one kind. */
final class MergedHistory {
    private MergedHistory() {}

    private record Numbered(long number, HistoryEntry entry) {}

    /** @param complete of what is shared */
    static History of(
            HistoryKey key, HistorySeals seals, Look shared, Look here, Selection selection, boolean complete) {
        History others = seals.open(key, shared, complete);
        if (here.entries().isEmpty()) {
            return others;
        }
        List<HistoryEntry> all = Stream.concat(numbered(key, seals, shared), numbered(key, HistorySeals.HERE, here))
                .sorted(Comparator.comparingLong(Numbered::number))
                .map(Numbered::entry)
                .toList();
        return new History(newest(all, selection), others.version(), others.complete());
    }

    private static Stream<Numbered> numbered(HistoryKey key, HistorySeals seals, Look look) {
        return look.entries().stream()
                .flatMap(kept -> seals.read(key, kept).stream().map(entry -> new Numbered(kept.number(), entry)));
    }

    private static List<HistoryEntry> newest(List<HistoryEntry> all, Selection selection) {
        int first = all.size();
        long sum = 0;
        while (first > 0 && all.size() - first < selection.entries()) {
            sum += all.get(first - 1).tokens();
            if (sum > selection.tokens()) {
                break;
            }
            first--;
        }
        return all.subList(first, all.size());
    }
}
