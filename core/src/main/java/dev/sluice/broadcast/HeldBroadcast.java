package dev.sluice.broadcast;

import dev.sluice.queue.MessageId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One broadcast in memory, as {@code broadcasts.lua} explains it. Times are microseconds. Guarded by the lock of its store. */
final class HeldBroadcast {
    /** What its average looks back. */
    private static final double AVERAGED = 10_000_000;

    final BroadcastId id;
    final NewBroadcast terms;
    final int windowSize;
    final List<byte[]> chunks;
    final Map<MessageId, Integer> window = new LinkedHashMap<>();
    final RecipientOutcome[] marks;
    private final Map<RecipientOutcome, Integer> counts = new EnumMap<>(RecipientOutcome.class);
    private final long created;
    BroadcastStatus status = BroadcastStatus.RUNNING;
    int waiting;

    /** As {@code refusing} and {@code refused} in {@code broadcasts.lua}. */
    private boolean pausedByRefusals;

    private int refused;

    /** 0 while it has not. */
    long ended;

    /** Nobody before it waits. */
    private int next;

    private double rate;
    private double weight;
    private long rated;

    HeldBroadcast(BroadcastId id, NewBroadcast terms, int windowSize, List<byte[]> chunks, long now) {
        this.id = id;
        this.terms = terms;
        this.windowSize = windowSize;
        this.chunks = List.copyOf(chunks);
        this.marks = new RecipientOutcome[terms.recipients()];
        Arrays.fill(marks, RecipientOutcome.WAITING);
        this.waiting = terms.recipients();
        this.created = now;
        this.rated = now;
    }

    boolean isOver() {
        return ended > 0;
    }

    int room() {
        return Math.max(0, windowSize - window.size());
    }

    /** Writes down what a recipient came to. */
    void cameTo(int recipient, RecipientOutcome outcome) {
        marks[recipient] = outcome;
        counts.merge(outcome, 1, Integer::sum);
    }

    /** Counts what Telegram refused in a row. @return whether it was so many */
    boolean refusals(RecipientOutcome outcome, int most) {
        if (outcome == RecipientOutcome.SENT) {
            refused = 0;
        } else if (outcome == RecipientOutcome.REFUSED) {
            refused++;
        }
        return refused >= most;
    }

    /** Nobody has to be asked: what goes wrong for everybody shall not go on. */
    void pauseItself(long now) {
        become(BroadcastStatus.PAUSED, now);
        pausedByRefusals = true;
    }

    /** A recipient waits again. */
    void putBack(int recipient) {
        marks[recipient] = RecipientOutcome.WAITING;
        waiting++;
        next = Math.min(next, recipient);
    }

    void become(BroadcastStatus newStatus, long now) {
        status = newStatus;
        refused = 0;
        pausedByRefusals = false;
        rate = 0;
        weight = 0;
        rated = now;
        if (newStatus == BroadcastStatus.CANCELLED && waiting > 0) {
            counts.merge(RecipientOutcome.CANCELLED, waiting, Integer::sum);
            waiting = 0;
        }
    }

    /** Counts how many ended since this was last called. */
    void rate(int count, long now) {
        long passed = now - rated;
        if (passed > 0 && status == BroadcastStatus.RUNNING) {
            double fresh = 1 - Math.exp(-passed / AVERAGED);
            rate = rate * (1 - fresh) + count * 1e6 / passed * fresh;
            weight = weight * (1 - fresh) + fresh;
            rated = now;
        }
    }

    /** Ends it if nothing is left. */
    void endIfNothingIsLeft(long now) {
        if (waiting == 0 && window.isEmpty()) {
            status = status == BroadcastStatus.CANCELLED ? status : BroadcastStatus.DONE;
            ended = now;
        }
    }

    /** Who waits in the first chunk in which anybody does, if it runs and there is room. */
    Optional<Unfed> unfed() {
        if (status != BroadcastStatus.RUNNING || room() == 0 || waiting == 0) {
            return Optional.empty();
        }
        while (marks[next] != RecipientOutcome.WAITING) {
            next++;
        }
        int chunk = next / BroadcastStore.CHUNK;
        var recipients = new ArrayList<Integer>();
        for (int i = next; i < Math.min(marks.length, (chunk + 1) * BroadcastStore.CHUNK); i++) {
            if (marks[i] == RecipientOutcome.WAITING) {
                recipients.add(i);
            }
        }
        return Optional.of(new Unfed(recipients, chunks.get(chunk), terms.template()));
    }

    List<RecipientOutcome> outcomes(int from, int most) {
        int till = Math.min(marks.length, from + most);
        return from >= till
                ? List.of()
                : Arrays.stream(marks, from, till).map(this::shown).toList();
    }

    /** Who still waited when it was cancelled is not marked one by one. */
    private RecipientOutcome shown(RecipientOutcome mark) {
        return mark == RecipientOutcome.WAITING && status == BroadcastStatus.CANCELLED
                ? RecipientOutcome.CANCELLED
                : mark;
    }

    Progress progress(long now) {
        return new Progress(
                id,
                status,
                terms.priority(),
                terms.paid(),
                terms.recipients(),
                terms.duplicates(),
                waiting,
                window.size(),
                counts,
                instant(created),
                isOver() ? Optional.of(instant(ended)) : Optional.empty(),
                pausedByRefusals && !isOver(),
                weight == 0 ? 0 : rate / weight,
                instant(now));
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
