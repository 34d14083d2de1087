package dev.sluice.queue;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.SendLane;
import dev.sluice.queue.SavedMessage.Kind;
import dev.sluice.queue.SavedMessage.Place;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A message as Redis keeps it. {@code messages.lua} explains the bytes and reads and writes the same. */
final class MessageRecord {
    private static final int FIXED_BYTES = 5 + Short.BYTES + 3 * Double.BYTES;

    private static final int PAID = 1;
    private static final int GROUP = 2;
    private static final int USER = 4;
    private static final int AT_LEAST_ONCE = 8;
    private static final int CALLBACK = 16;
    private static final int DOUBT = 32;
    private static final int REPLY = 64;
    private static final int EPHEMERAL = 128;
    private static final int FLAGS_AT = 1;

    private static final int VIP_RANK = 0;

    /** Of what lies under an idempotency key: the message's number and the fingerprint. */
    private static final int KEY_BYTES = Double.BYTES + 32;

    /** In the order of their numbers, from 1. */
    static final List<FailureClass> FAILURES = List.of(FailureClass.values());

    private final MessageId id;
    private final char state;
    private final int flags;
    private final int rank;
    private final int attempts;
    private final int failure;
    private final int cost;
    private final long until;
    private final long deadline;
    private final String lane;
    private final String once;
    private final Optional<Relation> relation;
    private final List<Attempt> failedAttempts = new ArrayList<>();
    private final byte[] content;

    /** Reads a record. */
    MessageRecord(MessageId id, byte[] raw) {
        var in = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        this.id = id;
        state = (char) in.get();
        flags = in.get();
        rank = in.get();
        attempts = Byte.toUnsignedInt(in.get());
        failure = in.get();
        cost = Short.toUnsignedInt(in.getShort());
        in.getDouble(); // the fence
        until = (long) in.getDouble();
        deadline = (long) in.getDouble();
        lane = text(in);
        once = text(in);
        relation = relation(in);
        int logEnds = Short.toUnsignedInt(in.getShort());
        logEnds += in.position();
        while (in.position() < logEnds) {
            Instant ended = instant((long) in.getDouble());
            failedAttempts.add(new Attempt(ended, text(in)));
        }
        content = Arrays.copyOfRange(raw, in.position(), raw.length);
    }

    /** Something of a record; empty if another program wrote that, or cut it. */
    static <T> Optional<T> read(MessageId id, byte[] raw, Function<MessageRecord, T> what) {
        try {
            return Optional.of(what.apply(new MessageRecord(id, raw)));
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException
                | IllegalStateException e) {
            return Optional.empty();
        }
    }

    /** Writes a record, with the delay and the lifetime in place of points in time. */
    static byte[] pack(BotId bot, NewMessage message) {
        byte[] lane = ascii(Lanes.of(message.chat(), message.replaces()));
        byte[] once = ascii(message.once().map(NewMessage.Once::digest).orElse(""));
        byte[] relation = message.relation().map(MessageRecord::bytes).orElse(new byte[0]);
        int size = FIXED_BYTES + 3 + lane.length + once.length + relation.length + Short.BYTES;
        var out = ByteBuffer.allocate(size + message.payload().length).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) (message.delay().isZero() ? 'Q' : 'D'))
                .put((byte) flags(message))
                .put((byte) (message.vip() ? VIP_RANK : rank(message.priority())))
                .put((byte) 0)
                .put((byte) 0)
                .putShort((short) message.cost())
                .putDouble(0)
                .putDouble(micros(message.delay()))
                .putDouble(message.lifetime().map(MessageRecord::micros).orElse(0L));
        out.put((byte) lane.length).put(lane);
        out.put((byte) once.length).put(once);
        out.put((byte) relation.length).put(relation);
        out.putShort((short) 0);
        return out.put(message.payload()).array();
    }

    /** The same, of which the content is kept only until it ends. */
    static byte[] ephemeral(byte[] record) {
        record[FLAGS_AT] |= (byte) EPHEMERAL;
        return record;
    }

    private static Optional<Relation> relation(ByteBuffer in) {
        byte[] bytes = new byte[Byte.toUnsignedInt(in.get())];
        in.get(bytes);
        if (bytes.length == 0) {
            return Optional.empty();
        }
        int last = bytes.length - 1;
        if (bytes[last] > 0) {
            return Optional.of(new Replacement(new String(bytes, 0, last, StandardCharsets.US_ASCII), bytes[last]));
        }
        int kind = last - Short.BYTES;
        short length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getShort(kind);
        return Optional.of(new Joint(new String(bytes, 0, kind, StandardCharsets.US_ASCII), length));
    }

    private static byte[] bytes(Relation relation) {
        return switch (relation) {
            case Replacement(String target, int parts) -> ascii(target + (char) parts);
            case Joint(String kind, int length) ->
                ByteBuffer.allocate(kind.length() + Short.BYTES + 1)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(ascii(kind))
                        .putShort((short) length)
                        .array();
        };
    }

    /** What it is outside of this store, at this time: a lease cannot be taken along, so it counts as lost. */
    SavedMessage saved(byte[] key, byte[] callbackRecord, long now, int retries) {
        boolean leased = state == 'L';
        boolean again = leased && policy() == DeliveryPolicy.AT_LEAST_ONCE && attempts < retries;
        Place place = leased ? again ? Place.LANE : Place.UNKNOWN : place(state);
        var failed = new ArrayList<>(failedAttempts);
        if (leased) {
            failed.add(new Attempt(instant(now), Attempt.LEASE_LOST));
        }
        long since = leased ? now : until;
        return new SavedMessage(
                id,
                place,
                Lanes.home(lane),
                (flags & GROUP) != 0 ? Kind.GROUP : (flags & USER) != 0 ? Kind.USER : Kind.NONE,
                rank,
                send(flags),
                cost,
                policy(),
                leased ? Math.min(255, attempts + 1) : attempts,
                place == Place.LANE && ((flags & DOUBT) != 0 || state == 'A' || leased),
                failed.subList(Math.max(0, failed.size() - Attempt.KEPT), failed.size()),
                failure == 0 || state == 'U' ? Optional.empty() : Optional.of(FAILURES.get(failure - 1)),
                place == Place.LANE ? Optional.empty() : Optional.of(instant(since)),
                optional(deadline),
                once.isEmpty() || key.length != KEY_BYTES
                        ? Optional.empty()
                        : Optional.of(new NewMessage.Once(
                                once, new Fingerprint(HexFormat.of().formatHex(key, Double.BYTES, KEY_BYTES)))),
                relation,
                callbackRecord.length == 0
                        ? Optional.empty()
                        : Optional.of(CallbackRecord.read(callbackRecord).saved()),
                content);
    }

    /** Whether it is worth taking along: what has ended is remembered for the sake of its key. */
    boolean isSaved() {
        return !once.isEmpty() || (state != 'S' && state != 'F');
    }

    private static Place place(char state) {
        return switch (state) {
            case 'Q', 'A', 'R', 'L' -> Place.LANE;
            case 'D' -> Place.DELAYED;
            case 'U' -> Place.UNKNOWN;
            case 'X' -> Place.DEAD;
            case 'S' -> Place.SENT;
            case 'F' -> Place.FAILED;
            default -> throw new IllegalStateException("no message has the state " + state);
        };
    }

    private static char letter(Place place) {
        return switch (place) {
            case LANE -> 'Q';
            case DELAYED -> 'D';
            case UNKNOWN -> 'U';
            case DEAD -> 'X';
            case SENT -> 'S';
            case FAILED -> 'F';
        };
    }

    /** Writes the record of one that is put back. */
    static byte[] pack(SavedMessage saved) {
        byte[] lane = ascii(saved.lane());
        byte[] once = ascii(saved.once().map(NewMessage.Once::digest).orElse(""));
        byte[] relation = saved.relation().map(MessageRecord::bytes).orElse(new byte[0]);
        int log = saved.failedAttempts().stream()
                .mapToInt(attempt -> Double.BYTES + 1 + attempt.reason().length())
                .sum();
        int size = FIXED_BYTES + 3 + lane.length + once.length + relation.length + Short.BYTES + log;
        int flags = flags(saved.send())
                | switch (saved.chat()) {
                    case GROUP -> GROUP;
                    case USER -> USER;
                    case NONE -> 0;
                }
                | (saved.policy() == DeliveryPolicy.AT_LEAST_ONCE ? AT_LEAST_ONCE : 0)
                | (saved.doubted() ? DOUBT : 0)
                | (saved.callback().isPresent() ? CALLBACK : 0);
        var out = ByteBuffer.allocate(size + saved.content().length).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) letter(saved.place()))
                .put((byte) flags)
                .put((byte) saved.rank())
                .put((byte) saved.attempts())
                .put((byte) (saved.failure().map(FAILURES::indexOf).orElse(-1) + 1))
                .putShort((short) saved.cost())
                .putDouble(0)
                .putDouble(saved.until().map(MessageRecord::micros).orElse(0L))
                .putDouble(saved.deadline().map(MessageRecord::micros).orElse(0L));
        out.put((byte) lane.length).put(lane);
        out.put((byte) once.length).put(once);
        out.put((byte) relation.length).put(relation);
        out.putShort((short) log);
        for (Attempt attempt : saved.failedAttempts()) {
            out.putDouble(micros(attempt.ended()))
                    .put((byte) attempt.reason().length())
                    .put(ascii(attempt.reason()));
        }
        return out.put(saved.content()).array();
    }

    private static int flags(NewMessage message) {
        int flags = flags(message.send());
        if (message.chat().isPresent()) {
            flags |= message.chat().filter(ChatId::isGroup).isPresent() ? GROUP : USER;
        }
        if (message.callback().isPresent()) {
            flags |= CALLBACK;
        }
        return message.policy() == DeliveryPolicy.AT_LEAST_ONCE ? flags | AT_LEAST_ONCE : flags;
    }

    private static int flags(SendLane send) {
        return switch (send) {
            case BOT -> 0;
            case PAID -> PAID;
            case REPLIES -> REPLY;
        };
    }

    private static SendLane send(int flags) {
        return SendLane.of((flags & PAID) != 0, (flags & REPLY) != 0);
    }

    /** A priority's rank; before the first comes that of VIPs. */
    static int rank(Priority priority) {
        return switch (priority) {
            case HIGH -> 1;
            case NORMAL -> 2;
            case LOW -> 3;
        };
    }

    /** What it was before a claim, as whoever claimed it is told. */
    Leased leased(long fence, Duration lease, long chargedAt) {
        return new Leased(
                new Lease(id, fence),
                lease,
                attempts + 1,
                priority(),
                rank == VIP_RANK,
                send(flags),
                cost,
                policy(),
                instant(id.number()),
                chargedAt,
                content);
    }

    MessageDetails details() {
        return new MessageDetails(
                id,
                state(state),
                failure == 0 ? Optional.empty() : Optional.of(FAILURES.get(failure - 1)),
                Lanes.chat(lane),
                priority(),
                rank == VIP_RANK,
                send(flags),
                cost,
                policy(),
                attempts,
                failedAttempts,
                instant(id.number()),
                optional(until),
                optional(deadline),
                content);
    }

    /** Empty for 0, or what another program wrote. */
    static Optional<MessageState> known(long letter) {
        return "QARDLUSXF".indexOf((int) letter) < 0 ? Optional.empty() : Optional.of(state(letter));
    }

    /** The state of that letter. */
    static MessageState state(long letter) {
        return switch ((char) letter) {
            case 'Q', 'A' -> MessageState.QUEUED;
            case 'R' -> MessageState.RETRYING;
            case 'D' -> MessageState.DELAYED;
            case 'L' -> MessageState.LEASED;
            case 'U' -> MessageState.UNKNOWN;
            case 'S' -> MessageState.SENT;
            case 'X', 'F' -> MessageState.FAILED;
            default -> throw new IllegalStateException("no message has the state " + letter);
        };
    }

    private Priority priority() {
        return switch (rank) {
            case VIP_RANK, 1 -> Priority.HIGH;
            case 2 -> Priority.NORMAL;
            case 3 -> Priority.LOW;
            default -> throw new IllegalStateException("no message has the rank " + rank);
        };
    }

    private DeliveryPolicy policy() {
        return (flags & AT_LEAST_ONCE) != 0 ? DeliveryPolicy.AT_LEAST_ONCE : DeliveryPolicy.AT_MOST_ONCE;
    }

    static long micros(Duration duration) {
        return Math.ceilDiv(duration.toNanos(), 1_000L);
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    static Duration duration(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static Optional<Instant> optional(long micros) {
        return micros == 0 ? Optional.empty() : Optional.of(instant(micros));
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[Byte.toUnsignedInt(in.get())];
        in.get(bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
