package dev.sluice.server.admin;

import dev.sluice.encryption.Sealer;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.Restored;
import dev.sluice.queue.SavedMessage;
import dev.sluice.queue.SavedMessage.Place;
import dev.sluice.queue.Snapshots;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.SnapshotLines.Line;
import dev.sluice.server.gateway.StoredCall;
import dev.sluice.telegram.BotId;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/**
 * Puts the lines of a snapshot back, as they come. A line that is wrong ends it: what stands before it was restored, which is
 * right and can be repeated, and nothing of it or after it. Not thread-safe.
 */
final class SnapshotImport {
    static final ProblemKind OLD =
            new ProblemKind(409, "snapshot-old", "The snapshot is older than what is remembered");

    /** A message of the largest kind, in Base64, with all that is said about it. */
    private static final int LONGEST_LINE = 4 << 20;

    private static final int BATCH_BYTES = 4 << 20;
    private static final int READ_AHEAD = 64 << 10;

    private final MessageQueue queue;
    private final Sealer sealer;
    private final Duration keep;
    private final Instant now;
    private final boolean older;
    private final Map<Restored, Long> counts = new EnumMap<>(Restored.class);
    private final List<SavedMessage> batch = new ArrayList<>();
    private int batchBytes;
    private Optional<BotId> bot = Optional.empty();
    private boolean complete = true;
    private long line;

    /**
     * @param keep how long it is remembered what was sent
     * @param older whether snapshots are taken that are older than that
     */
    SnapshotImport(MessageQueue queue, Sealer sealer, Duration keep, Instant now, boolean older) {
        this.queue = queue;
        this.sealer = sealer;
        this.keep = keep;
        this.now = now;
        this.older = older;
    }

    /** How many messages came to what. */
    long count(Restored restored) {
        return counts.getOrDefault(restored, 0L);
    }

    /** Whether each bot's messages came to their end. */
    boolean isComplete() {
        return complete && bot.isEmpty();
    }

    /** @throws Problem.Refusal at the first line that is wrong */
    void run(InputStream body) {
        var in = new BufferedInputStream(body, READ_AHEAD);
        try {
            for (Optional<byte[]> next = nextLine(in); next.isPresent(); next = nextLine(in)) {
                if (next.get().length > 0) {
                    take(next.get());
                }
            }
        } catch (IOException e) {
            // Whoever sent it has gone, and will not hear it.
            throw refusal("breaks off");
        } finally {
            flush(); // what was taken is right, whatever follows it
        }
    }

    private Optional<byte[]> nextLine(InputStream in) throws IOException {
        line++;
        var bytes = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return bytes.size() == 0 ? Optional.empty() : Optional.of(bytes.toByteArray());
            }
            if (bytes.size() == LONGEST_LINE) {
                throw refusal("is longer than " + LONGEST_LINE + " bytes");
            }
            bytes.write(next);
        }
        return Optional.of(bytes.toByteArray());
    }

    private void take(byte[] text) {
        Line read;
        try {
            read = SnapshotLines.read(AdminJson.read(text));
        } catch (Problem.Refusal | JacksonException e) {
            throw refusal("is not JSON, or has a member twice");
        } catch (IllegalArgumentException e) {
            throw refusal(String.valueOf(e.getMessage()));
        }
        switch (read) {
            case Line.Head(BotId of, Instant exported) -> {
                flush();
                if (!older && exported.isBefore(now.minus(keep))) {
                    throw Problem.of(
                                    OLD,
                                    "line " + line + " is of " + exported
                                            + ": what was sent since may be forgotten and would"
                                            + " be sent again; older=true takes it all the same")
                            .asRefusal();
                }
                complete &= bot.isEmpty();
                bot = Optional.of(of);
            }
            case Line.Message(SavedMessage message) -> add(message, text.length);
            case Line.End(BotId of) -> {
                if (!bot.equals(Optional.of(of))) {
                    throw refusal("ends what did not begin");
                }
                flush();
                bot = Optional.empty();
            }
        }
    }

    private void add(SavedMessage message, int length) {
        if (!bot.equals(Optional.of(message.id().bot()))) {
            throw refusal("is a message of a bot whose head does not stand before it");
        }
        boolean payload = message.place() != Place.SENT && message.place() != Place.FAILED;
        if (payload
                && StoredCall.open(sealer, message.id().bot(), message.content())
                        .isEmpty()) {
            throw refusal(
                    "cannot be decrypted here: SLUICE_SECRET_KEY must be, or end with, that of the server it is from");
        }
        if (batch.size() == Snapshots.MOST_RESTORED || batchBytes + length > BATCH_BYTES) {
            flush();
        }
        batch.add(message);
        batchBytes += length;
    }

    private void flush() {
        if (!batch.isEmpty()) {
            List<SavedMessage> taken = List.copyOf(batch);
            batch.clear();
            batchBytes = 0;
            queue.snapshots()
                    .restore(taken.getFirst().id().bot(), taken)
                    .forEach(restored -> counts.merge(restored, 1L, Long::sum));
        }
    }

    private Problem.Refusal refusal(String why) {
        return Problem.malformed(List.of(new Violation("line " + line, why))).asRefusal();
    }
}
