package dev.sluice.history;

import dev.sluice.history.HistoryLists.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** One chat's history as the documentation tells it, in the plainest words: no index, no numbers, no lease. */
final class PlainHistory {
    record Said(String id, long micros, int tokens, long user) {}

    private final HistoryBounds bounds;
    private final long keep;
    private List<Said> all = new ArrayList<>();
    private long ends;
    private long loaded;

    PlainHistory(HistorySettings settings) {
        this.bounds = settings.bounds();
        this.keep = settings.keep().toNanos() / 1_000;
    }

    int append(List<Line> lines, long now) {
        end(now);
        int added = 0;
        for (Line line : lines) {
            if (all.stream().noneMatch(is(line.id()))) {
                all.add(said(line, now));
                added++;
            }
        }
        if (added > 0) {
            ends = now + keep;
            trim(now);
        }
        return added;
    }

    void fill(List<Line> lines, long now) {
        end(now);
        int place = 0;
        for (Line line : lines) {
            int there =
                    all.indexOf(all.stream().filter(is(line.id())).findFirst().orElse(null));
            if (there < 0) {
                all.add(place, said(line, now));
                place++;
            } else {
                place = Math.max(place, there + 1);
            }
        }
        ends = now + keep;
        loaded = ends;
        trim(now);
    }

    int clear(boolean known, long now) {
        end(now);
        int cleared = all.size();
        all.clear();
        ends = known ? now + keep : 0;
        loaded = ends;
        return cleared;
    }

    int forget(long user, long now) {
        end(now);
        int before = all.size();
        all.removeIf(said -> said.user == user);
        return before - all.size();
    }

    boolean isLoaded(long now) {
        end(now);
        return loaded > now;
    }

    List<Said> read(int entries, int tokens, long now) {
        end(now);
        var shown = new ArrayList<>(young(now).toList());
        while (shown.size() > 1 && shown.stream().mapToLong(Said::tokens).sum() > bounds.tokens()) {
            shown.removeFirst();
        }
        while (shown.size() > entries || shown.stream().mapToLong(Said::tokens).sum() > tokens) {
            shown.removeFirst();
        }
        return shown;
    }

    private void trim(long now) {
        all = new ArrayList<>(young(now).toList());
        while (all.size() > 1
                && (all.size() > bounds.entries()
                        || all.stream().mapToLong(Said::tokens).sum() > bounds.tokens())) {
            all.removeFirst();
        }
    }

    private Stream<Said> young(long now) {
        long age = bounds.age().toNanos() / 1_000;
        return all.stream().filter(said -> said.micros > now - age);
    }

    private void end(long now) {
        if (ends <= now) {
            all.clear();
        }
    }

    private static Predicate<Said> is(String id) {
        return said -> said.id.equals(id);
    }

    private static Said said(Line line, long now) {
        return new Said(
                line.id(),
                line.micros() == HistoryLists.NOW ? now : Math.min(now, line.micros()),
                line.tokens(),
                line.user());
    }
}
