package dev.sluice.simulator;

import dev.sluice.simulator.LedgerEntry.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What each chat received, in order, how often and when; and every call that was refused.
 *
 * <p>Calls without a chat are only counted ({@link #calls}). The number of entries is bounded over all bots
 * ({@link SimulatorSettings.Bounds#ledgerEntries}); past it the oldest go and {@link #dropped} says how many, while the counts
 * stay exact. Thread-safe; every answer is a snapshot.
 */
public final class Ledger {
    private final Map<Long, LedgerBook> books = new ConcurrentHashMap<>();
    private final AtomicLong sequence = new AtomicLong();
    private final SharedBound entriesKept;
    private final int parametersKept;
    private final SimulatorClock clock;

    Ledger(SimulatorSettings.Bounds bounds, SimulatorClock clock) {
        this.entriesKept = new SharedBound(bounds.ledgerEntries());
        this.parametersKept = bounds.ledgerParameters();
        this.clock = clock;
    }

    /** All entries kept, in the order in which the calls were decided. */
    public List<LedgerEntry> entries() {
        return select(books.values().stream(), entry -> true);
    }

    /** All entries kept of one bot, in order. */
    public List<LedgerEntry> entries(long bot) {
        return select(book(bot), entry -> true);
    }

    /** What one chat received from one bot, in order: accepted, metered calls only. */
    public List<LedgerEntry> received(long bot, long chat) {
        return select(book(bot), entry -> entry.chat() == chat && isMessage(entry));
    }

    /** What all chats received from one bot, in order: accepted, metered calls only. */
    public List<LedgerEntry> received(long bot) {
        return select(book(bot), Ledger::isMessage);
    }

    /** Every 429 that one bot was answered, in order. */
    public List<LedgerEntry> flooded(long bot) {
        return select(book(bot), entry -> entry.outcome() == Outcome.FLOODED);
    }

    /** How many calls with a chat ended so, over all bots, dropped entries included. */
    public long count(Outcome outcome) {
        return books.values().stream().mapToLong(book -> book.count(outcome)).sum();
    }

    /** How many of a bot's calls with a chat ended so, dropped entries included. */
    public long count(long bot, Outcome outcome) {
        return book(bot).mapToLong(book -> book.count(outcome)).sum();
    }

    /** How often a bot called this method (any case), whatever it was answered; unknown methods count together as "unknown". */
    public long calls(long bot, String method) {
        return book(bot).mapToLong(book -> book.calls(method)).sum();
    }

    /** The bots that called anything. */
    public List<Long> bots() {
        return books.keySet().stream().sorted().toList();
    }

    /** Accepted, metered calls of a bot that share their content with another one, by content; in order. */
    public Map<ContentDigest, List<LedgerEntry>> duplicates(long bot) {
        Map<ContentDigest, List<LedgerEntry>> byContent =
                new HashMap<>(received(bot).stream().collect(Collectors.groupingBy(LedgerEntry::digest)));
        byContent.values().removeIf(same -> same.size() < 2);
        return Map.copyOf(byContent);
    }

    /** The fullest window of a bot: the most messages it had accepted within any {@code window}. */
    public WindowPeak peak(long bot, Duration window) {
        return WindowPeak.of(received(bot), window);
    }

    /** The fullest window of a chat. */
    public WindowPeak peak(long bot, long chat, Duration window) {
        return WindowPeak.of(received(bot, chat), window);
    }

    /** How many entries were dropped to keep the bound; 0 means that the ledger is complete. */
    public long dropped() {
        return books.values().stream().mapToLong(LedgerBook::dropped).sum();
    }

    public boolean truncated() {
        return dropped() > 0;
    }

    /** Forgets all entries and counts; flood control, messages and pending updates stay. */
    public void clear() {
        books.values().forEach(LedgerBook::clear);
    }

    void countCall(long bot, String method) {
        bookFor(bot).countCall(method);
    }

    void record(
            long bot,
            long chat,
            ApiCall call,
            Outcome outcome,
            int errorCode,
            int retryAfter,
            int messageId,
            int weight,
            long nanos) {
        bookFor(bot)
                .append(new LedgerEntry(
                        sequence.incrementAndGet(),
                        bot,
                        chat,
                        call.method(),
                        outcome,
                        errorCode,
                        retryAfter,
                        messageId,
                        weight,
                        ContentDigest.of(call),
                        nanos / 1000,
                        clock.wallMicros(nanos),
                        call.parameters()));
    }

    private LedgerBook bookFor(long bot) {
        return books.computeIfAbsent(bot, id -> new LedgerBook(entriesKept, parametersKept));
    }

    private Stream<LedgerBook> book(long bot) {
        return Stream.ofNullable(books.get(bot));
    }

    private static boolean isMessage(LedgerEntry entry) {
        return entry.outcome() == Outcome.ACCEPTED && entry.weight() > 0;
    }

    private static List<LedgerEntry> select(Stream<LedgerBook> books, Predicate<LedgerEntry> wanted) {
        List<LedgerEntry> selected = new ArrayList<>();
        books.forEach(book -> book.addTo(selected, wanted));
        selected.sort(Comparator.comparingLong(LedgerEntry::sequence));
        return List.copyOf(selected);
    }
}
