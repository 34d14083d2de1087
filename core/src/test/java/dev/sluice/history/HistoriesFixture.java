package dev.sluice.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.history.HistoryLists.Line;
import dev.sluice.limit.SettableMicros;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.redis.KeyDigest;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** Histories by a clock that stands still until it is set, and what they are given. */
abstract class HistoriesFixture {
    static final HistoryKey ANN = new HistoryKey(new BotId(77), 42);
    static final HistoryKey GROUP = new HistoryKey(new BotId(77), -100_123);
    static final HistorySettings SETTINGS = HistorySettings.DEFAULT
            .withBounds(new HistoryBounds(70, Duration.ofHours(1), 1_000))
            .withWithin(Duration.ofSeconds(5));

    final SettableMicros clock = new SettableMicros();
    final PrivacyLevels levels = PrivacyLevels.inMemory();
    final Events events = new Events();
    final List<Histories> open = new CopyOnWriteArrayList<>();

    abstract HistoriesBuilder builder();

    /** As many as see each other. */
    List<Histories> replicas() {
        return List.of(made(builder()));
    }

    Histories made(HistoriesBuilder builder) {
        Histories made = builder.settings(SETTINGS)
                .privacy(levels)
                .events(events)
                .clock(clock)
                .build();
        open.add(made);
        return made;
    }

    @AfterEach
    void close() {
        open.forEach(Histories::close);
    }

    /** Counts. */
    static final class Events implements HistoryEvents {
        final AtomicInteger hits = new AtomicInteger();
        final AtomicInteger misses = new AtomicInteger();
        final AtomicInteger loads = new AtomicInteger();
        final AtomicInteger failedLoads = new AtomicInteger();
        final AtomicInteger away = new AtomicInteger();
        final AtomicInteger dropped = new AtomicInteger();

        @Override
        public void read(boolean found) {
            (found ? hits : misses).incrementAndGet();
        }

        @Override
        public void loaded(boolean answered) {
            (answered ? loads : failedLoads).incrementAndGet();
        }

        @Override
        public void unavailable() {
            away.incrementAndGet();
        }

        @Override
        public void dropped(int entries) {
            dropped.addAndGet(entries);
        }
    }

    /** A bot's database, all in one list. */
    static final class Database implements HistoryStore {
        record Row(HistoryKey key, NewEntry entry) {}

        final List<Row> rows = new CopyOnWriteArrayList<>();
        final AtomicInteger loads = new AtomicInteger();

        @Override
        public List<NewEntry> load(HistoryKey key, HistoryBounds bounds) {
            loads.incrementAndGet();
            return rows.stream()
                    .filter(row -> row.key.equals(key))
                    .map(Row::entry)
                    .toList();
        }

        @Override
        public void append(HistoryKey key, List<NewEntry> entries) {
            for (NewEntry entry : entries) {
                if (rows.stream()
                        .noneMatch(row -> row.key.equals(key) && row.entry.id().equals(entry.id()))) {
                    rows.add(new Row(key, entry));
                }
            }
        }

        @Override
        public void clear(HistoryKey key) {
            rows.removeIf(row -> row.key.equals(key));
        }

        @Override
        public long forget(long user) {
            long before = rows.size();
            rows.removeIf(row -> row.key.chat() == user || row.entry.user().equals(OptionalLong.of(user)));
            return before - rows.size();
        }
    }

    static NewEntry says(String text) {
        return NewEntry.of(ChatRole.USER, text).id(text).tokens(1);
    }

    static List<String> texts(History history) {
        return history.entries().stream().map(HistoryEntry::text).toList();
    }

    Instant now() {
        return Instant.EPOCH.plus(clock.getAsLong(), ChronoUnit.MICROS);
    }

    Line line(String text) {
        return new Line(KeyDigest.hex(text), HistoryLists.NOW, 1, 0, text.getBytes(UTF_8));
    }
}
